import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BuildFiles } from "../../../src/session/files/dockerignore.ts";
import { type FileSyncService, fileSyncService, sharedKeyOf } from "../../../src/session/files/file-sync.ts";
import { PatternMatcher } from "../../../src/session/files/pattern-matcher.ts";
import { checkContext } from "../../../src/session/files/preflight.ts";
import { FileReceiver } from "../../support/file-receiver.ts";
import { SessionPeer } from "../../support/session-peer.ts";

let root = "";
let context = "";
let service: FileSyncService;
let peer: SessionPeer;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bktui-sync-"));
  context = join(root, "context");
  make({ Dockerfile: "FROM scratch", "a.txt": "aaa", "dir/b.txt": "bbb" });
  writeFileSync(join(root, "marker"), "outside");
  offer({ context, dockerfile: join(context, "Dockerfile") });
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

function make(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text);
  }
}

function offer(files: BuildFiles): void {
  service = fileSyncService(files);
  peer = new SessionPeer(service);
}

function receive(name: string, headers: Readonly<Record<string, readonly string[]>> = {}): FileReceiver {
  return new FileReceiver(peer, { "dir-name": name, ...headers });
}

async function announced(
  name: string,
  headers: Readonly<Record<string, readonly string[]>> = {},
): Promise<FileReceiver> {
  const receiver = receive(name, headers);
  await receiver.announced;
  return receiver;
}

describe("a transfer", () => {
  it("announces the tree, sends what is asked for, and ends well", async () => {
    make({ big: "x".repeat(700_000) });
    const receiver = await announced("context");
    expect(receiver.paths).toEqual(["Dockerfile", "a.txt", "big", "dir", "dir/b.txt"]);
    expect(receiver.stats.every((stat) => stat.uid === 0 && stat.gid === 0)).toBe(true);
    const [big, small] = await Promise.all([receiver.get("big"), receiver.get("dir/b.txt")]);
    expect(big).toHaveLength(700_000);
    expect(small).toBe("bbb");
    expect(await receiver.finish()).toMatchObject({ code: 0 });
    expect(service.problems).toEqual([]);
  });

  it("applies the daemon's patterns and follows wanted links", async () => {
    symlinkSync("dir", join(context, "link"));
    expect((await announced("context", { "exclude-patterns": ["dir", "*.txt", "!a.*"] })).paths).toEqual([
      "Dockerfile",
      "a.txt",
      "link",
    ]);
    expect((await announced("context", { followpaths: ["link/b.txt"] })).paths).toEqual([
      "dir",
      "dir/b.txt",
      "link",
    ]);
  });

  it("stops when the daemon gives up", async () => {
    const receiver = await announced("context");
    receiver.call.send(Buffer.concat([Uint8Array.of(0x08, 4, 0x22, 4), Buffer.from("full")]));
    expect(await receiver.call.status).toMatchObject({ code: 2, message: expect.stringContaining("full") });
  });
});

describe("a daemon that asks for more than it should", () => {
  it.each(["", "/etc", "../../etc", "context/..", "Context", "dockerfile/"])(
    "S14 · gets no directory %j",
    async (name) => {
      expect(await receive(name).refusal()).toMatchObject({ code: 5 });
    },
  );

  it.each([[3], [2 ** 32 - 1], [0, 0]])(
    "S15 · gets no file by the numbers %j beyond those offered once",
    async (...ids) => {
      const receiver = await announced("context", { "include-patterns": ["a.txt", "dir"] });
      for (const id of ids) receiver.ask(id);
      expect(await receiver.refusal(ids.length)).toMatchObject({
        code: 2,
        message: expect.stringContaining("not offered"),
      });
      // The client is still there.
      expect((await announced("context")).paths).toContain("a.txt");
    },
  );

  it("S15 · gets no directory's content", async () => {
    const receiver = await announced("context");
    receiver.ask(receiver.numberOf("dir"));
    expect(await receiver.refusal(1)).toMatchObject({ code: 2 });
  });

  it("S16 · gets nothing outside by paths or patterns", async () => {
    symlinkSync("..", join(context, "up"));
    const headers = {
      "include-patterns": ["../marker", "**/../.."],
      followpaths: ["../marker", "/etc/passwd", "up/marker"],
    };
    expect((await announced("context", headers)).paths).toEqual(["up"]);
  });

  it("S17 · gets nothing ignored, but the Dockerfile and the ignore files, also without sending excludes", async () => {
    make({ ".dockerignore": "*\n!dir\ndir/*.key\n", ".env": "TOKEN", "dir/my.key": "KEY" });
    expect((await announced("context")).paths).toEqual([".dockerignore", "Dockerfile", "dir", "dir/b.txt"]);
    make({ "Dockerfile.dockerignore": "a.txt\ndir" });
    expect((await announced("context")).paths).toEqual([
      ".dockerignore",
      ".env",
      "Dockerfile",
      "Dockerfile.dockerignore",
    ]);
  });

  it("S19 · gets of the Dockerfile's directory the Dockerfile and its ignore files only", async () => {
    make({
      "docker/prod": "FROM scratch",
      "docker/prod.dockerignore": "",
      "docker/.dockerignore": "",
      "docker/key": "",
    });
    await peer[Symbol.asyncDispose]();
    offer({ context, dockerfile: join(context, "docker/prod") });
    const all = [".dockerignore", "prod", "prod.dockerignore"];
    expect((await announced("dockerfile")).paths).toEqual(all);
    expect((await announced("dockerfile", { followpaths: ["key", "prod", "*"] })).paths).toEqual(all);
  });
});

describe("a Dockerfile that is a link", () => {
  it("arrives with the file it leads to", async () => {
    make({ "docker/shared": "FROM scratch", "docker/other": "" });
    symlinkSync("shared", join(context, "docker/Dockerfile"));
    await peer[Symbol.asyncDispose]();
    offer({ context, dockerfile: join(context, "docker/Dockerfile") });
    expect((await announced("dockerfile")).paths).toEqual(["Dockerfile", "shared"]);
  });
});

describe("files that change while they are sent", () => {
  const swaps: readonly (readonly [string, string, () => void])[] = [
    [
      "is replaced by a link",
      "replaced",
      () => swap("a.txt", () => symlinkSync("../marker", join(context, "a.txt"))),
    ],
    [
      "is replaced by another file",
      "replaced",
      () => swap("a.txt", () => writeFileSync(join(context, "a.txt"), "new")),
    ],
    ["vanishes", "vanished", () => swap("a.txt", () => undefined)],
    ["becomes shorter", "shrank", () => truncateSync(join(context, "a.txt"), 1)],
  ];

  it.each(swaps)("R16 S18 · one that %s fails the transfer by name", async (_, kind, change) => {
    const receiver = await announced("context");
    change();
    const outcome = await receiver.get("a.txt");
    expect(outcome).toMatchObject({ code: 2, message: expect.stringContaining('"a.txt"') });
    expect(service.problems).toMatchObject([{ kind, path: "a.txt", directory: "context" }]);
  });

  it("S18 · one whose directory becomes a link fails the transfer by name", async () => {
    const receiver = await announced("context");
    renameSync(join(context, "dir"), join(root, "dir"));
    symlinkSync("../dir", join(context, "dir"));
    expect(await receiver.get("dir/b.txt")).toMatchObject({
      code: 2,
      message: expect.stringContaining("dir/b.txt"),
    });
  });

  it("R16 · one that becomes longer is sent as announced, and noted", async () => {
    const receiver = await announced("context");
    appendFileSync(join(context, "a.txt"), "more");
    expect(await receiver.get("a.txt")).toBe("aaa");
    expect(await receiver.finish()).toMatchObject({ code: 0 });
    expect(service.problems).toMatchObject([{ kind: "grew", path: "a.txt" }]);
  });

  function swap(path: string, put: () => void): void {
    // Kept open by a second name, so that the new file cannot get the same inode.
    renameSync(join(context, path), join(root, "moved"));
    put();
  }
});

describe("files that cannot be read", () => {
  beforeEach(() => {
    make({ "secret.pem": "k", "locked/file": "x", "ignored/secret": "x", ".dockerignore": "ignored" });
    chmodSync(join(context, "secret.pem"), 0);
    chmodSync(join(context, "locked"), 0);
    chmodSync(join(context, "ignored/secret"), 0);
    chmodSync(root, 0o755);
    // Root may read everything.
    if (process.getuid?.() === 0) process.seteuid?.(65534);
  });
  afterEach(() => {
    if (process.getuid?.() === 0) process.seteuid?.(0);
    chmodSync(join(context, "locked"), 0o700);
  });

  it("R17 · are found and named before the build, except ignored ones", async () => {
    const unreadable = await checkContext(context, new PatternMatcher(["ignored"]));
    expect(unreadable).toEqual([
      { path: "locked", reason: "permission denied" },
      { path: "secret.pem", reason: "permission denied" },
    ]);
  });

  it("R17 · fail the transfer by name instead of arriving empty", async () => {
    const receiver = await announced("context", { "exclude-patterns": ["locked"] });
    expect(await receiver.get("secret.pem")).toMatchObject({
      code: 2,
      message: expect.stringContaining("secret.pem"),
    });
    expect(service.problems).toMatchObject([{ kind: "unreadable", path: "secret.pem" }]);
  });

  it("fail it too when they are directories", async () => {
    const receiver = receive("context");
    expect(await receiver.call.status).toMatchObject({
      code: 2,
      message: expect.stringContaining('"locked"'),
    });
  });
});

it("uses one key per directory, the same for each run", () => {
  expect(sharedKeyOf("/a/b")).toBe(sharedKeyOf("/a/b/"));
  expect(sharedKeyOf("/a/b")).not.toBe(sharedKeyOf("/a/c"));
  expect(sharedKeyOf("/a/b")).not.toContain(":");
});

describe("a large context", () => {
  const told: string[] = [];
  const large = (largeBytes: number): void => {
    told.length = 0;
    service = fileSyncService(
      { context, dockerfile: join(context, "Dockerfile") },
      { largeBytes, onLarge: (words) => told.push(words) },
    );
    peer = new SessionPeer(service);
  };

  it("is told of with what makes it large, once, when it is really sent", async () => {
    make({ "node_modules/a.js": "x".repeat(2_000_000), ".git/pack": "y".repeat(400_000), "note\u001b": "z" });
    large(2_300_000);
    const receiver = await announced("context");
    expect(told).toEqual([]);
    await receiver.get("node_modules/a.js");
    expect(told).toEqual([]);
    await receiver.get(".git/pack");
    await receiver.get("a.txt");
    expect(told).toEqual([
      'the context is 2.4 MB (node_modules 2.0 MB, .git 400 kB): a line "node_modules" in .dockerignore keeps that out',
    ]);
    await receiver.finish();
  });

  it("says nothing of what an earlier build has brought, nor of the Dockerfile's directory", async () => {
    make({ "node_modules/a.js": "x".repeat(2_000_000) });
    large(1);
    await (await announced("context")).finish();
    const dockerfile = await announced("dockerfile");
    await dockerfile.get("Dockerfile");
    expect(told).toEqual([]);
  });
});
