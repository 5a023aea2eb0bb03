import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toBytes, toText } from "../../../src/session/files/byte-path.ts";
import { followPaths } from "../../../src/session/files/follow-paths.ts";
import { goMode } from "../../../src/session/files/go-mode.ts";
import { PatternMatcher } from "../../../src/session/files/pattern-matcher.ts";
import { type Entry, walk } from "../../../src/session/files/walk.ts";

let root = "";

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "bktui-walk-")));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function make(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
}

async function list(includes: readonly string[] = [], excludes: readonly string[] = []): Promise<Entry[]> {
  const entries: Entry[] = [];
  const filter = {
    includes: includes.length === 0 ? [] : [new PatternMatcher(includes)],
    excludes: excludes.length === 0 ? [] : [new PatternMatcher(excludes)],
  };
  const onUnreadable = (_path: unknown, error: unknown): void => {
    throw error;
  };
  for await (const entry of walk(root, filter, { onUnreadable })) entries.push(entry);
  return entries;
}

async function paths(includes: readonly string[] = [], excludes: readonly string[] = []): Promise<string[]> {
  return (await list(includes, excludes)).map((entry) => toText(entry.path));
}

describe("walking a tree", () => {
  it("lists names in byte order, directories before and next to their entries", async () => {
    make("b", "a/z", "a/B", "a.txt", "a-b/x", "é", "z", "😀", "\uFF5E");
    expect(await paths()).toEqual(
      ["a", "a/B", "a/z", "a-b", "a-b/x", "a.txt", "b", "z", "é", "\uFF5E", "😀"].sort(byParts),
    );
  });

  it("sends the parents of included files, and nothing else of them", async () => {
    make("src/deep/a.ts", "src/deep/b.js", "src/other/c.js", "docs/d.md");
    expect(await paths(["src/**/*.ts"])).toEqual(["src", "src/deep", "src/deep/a.ts"]);
    expect(await paths(["src/deep"])).toEqual(["src", "src/deep", "src/deep/a.ts", "src/deep/b.js"]);
  });

  it("takes back excluded files with their parents", async () => {
    make("vendor/keep/a", "vendor/drop/b", "vendor/c", "main");
    expect(await paths([], ["vendor", "!vendor/keep"])).toEqual([
      "main",
      "vendor",
      "vendor/keep",
      "vendor/keep/a",
    ]);
    expect(await paths(["vendor"], ["vendor/drop"])).toEqual([
      "vendor",
      "vendor/c",
      "vendor/keep",
      "vendor/keep/a",
    ]);
  });

  it("does not read directories in which nothing can pass", async () => {
    make("a/x", "b/y");
    const unreadable: string[] = [];
    const filter = { includes: [new PatternMatcher(["b"])], excludes: [] };
    rmSync(join(root, "a"), { recursive: true });
    symlinkSync("a", join(root, "a"));
    for await (const _ of walk(root, filter, { onUnreadable: (path) => unreadable.push(path) }));
    expect(unreadable).toEqual([]);
  });

  it("R18 · describes links, hard links, special files and modes as BuildKit's own clients do", async () => {
    make("file");
    linkSync(join(root, "file"), join(root, "zlink"));
    symlinkSync("nowhere/../file", join(root, "symlink"));
    chmodSync(join(root, "file"), 0o4751);
    mkdirSync(join(root, "sticky"), { mode: 0o700 });
    chmodSync(join(root, "sticky"), 0o1777);
    execFileSync("mkfifo", ["-m", "640", join(root, "fifo")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "socket"), resolve));
    chmodSync(join(root, "socket"), 0o755);
    const entries = new Map((await list()).map((entry) => [toText(entry.path), entry]));
    await new Promise((resolve) => server.close(resolve));
    expect(entries.get("file")).toMatchObject({
      mode: goMode.setuid + 0o751,
      size: 4,
      linkname: "",
      contentBytes: 4,
    });
    expect(entries.get("zlink")).toMatchObject({ mode: goMode.setuid + 0o751, size: 0, linkname: "file" });
    expect(entries.get("symlink")).toMatchObject({
      mode: goMode.symlink + 0o777,
      linkname: "nowhere/../file",
    });
    expect(entries.get("sticky")).toMatchObject({ mode: goMode.directory + goMode.sticky + 0o777, size: 0 });
    expect(entries.get("fifo")).toMatchObject({ mode: goMode.fifo + 0o640, contentBytes: 0 });
    expect(entries.get("socket")).toMatchObject({ mode: 0o755, size: 0, contentBytes: 0 });
  });

  it("R19 · keeps names that are no UTF-8 byte for byte", async () => {
    const name = Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x5c]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), "x");
    const [entry] = await list(["a*"]);
    expect(entry === undefined ? undefined : [...toBytes(entry.path)]).toEqual([...name]);
  });

  it("stops soon after its signal", async () => {
    make(...Array.from({ length: 500 }, (_, index) => `d${index % 50}/f${index}`));
    const controller = new AbortController();
    const reading = (async () => {
      const filter = { includes: [], excludes: [] };
      for (let round = 0; round < 10_000; round += 1) {
        for await (const _ of walk(root, filter, {
          signal: controller.signal,
          onUnreadable: () => undefined,
        })) {
          controller.abort();
        }
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("following the links of wanted paths", () => {
  beforeEach(() => {
    make("real/dir/file", "real/other", "top");
    symlinkSync("real/dir", join(root, "link"));
    symlinkSync("../../outside/secret", join(root, "real/up"));
    symlinkSync("/top", join(root, "real/absolute"));
    symlinkSync("circle-b", join(root, "circle-a"));
    symlinkSync("circle-a", join(root, "circle-b"));
  });

  it.each<readonly [string, readonly string[] | undefined]>([
    ["top", ["top"]],
    ["link/file", ["link", "real/dir/file"]],
    ["./link/../top", ["top"]],
    ["real/absolute", ["real/absolute", "top"]],
    ["real/up", ["outside/secret", "real/up"]],
    ["../../etc/passwd", ["etc/passwd"]],
    ["real/*", ["outside/secret", "real/*", "top"]],
    ["circle-a/x", ["circle-a", "circle-b"]],
    ["gone/x", ["gone/x"]],
    // No file system has it, and the engine says so.
    ["n".repeat(256), ["n".repeat(256)]],
    [".", undefined],
    ["/", undefined],
  ])("%j becomes %j", (path, expected) => {
    expect(followPaths(root, [path])).toEqual(expected);
  });

  it("leaves out what lies in another wanted path", () => {
    expect(followPaths(root, ["real/dir/file", "real", "top"])).toEqual(["real", "top"]);
  });
});

function byParts(left: string, right: string): number {
  const [a, b] = [left.split("/"), right.split("/")];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = Buffer.compare(Buffer.from(a[at] ?? ""), Buffer.from(b[at] ?? ""));
    if (order !== 0) return order;
  }
  return 0;
}
