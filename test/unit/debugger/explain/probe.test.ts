/** The program that looks at paths, run on this machine, and how what it prints is read. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROBE, parseProbe } from "../../../../src/debugger/explain/causes/probe.ts";
import { entryAt, isMissing, mountAt, type Seen } from "../../../../src/debugger/questions/seen.ts";

describe("what a look prints", () => {
  const printed = (mark: string): string =>
    [
      `${mark} user 1000 1000\n${mark} machine x86_64\n${mark} boot 4c1f\n`,
      `${mark} kernel\noom_kill 3\n${mark} memory\n67108864\nMemTotal:  1024000 kB\n`,
      `${mark} mounts\noverlay / overlay rw 0 0\ntmpfs /a\\040b tmpfs rw,noexec 0 0\n`,
      `${mark} path 0\n${mark} entry 41ed 0 0 -rx 0\n${mark} entry 41c0 0 5 -rx 1\n`,
      `${mark} bytes\nFilesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1024 1000 24 98% /a b\n`,
      `${mark} inodes\nFilesystem Inodes Used Available Capacity Mounted on\ntmpfs - - - - /a b\n`,
      `${mark} path 1\n${mark} entry 41ed 0 0 -rx 0\n${mark} entry 81a4 0 0 -r 1\n${mark} head\nM entry 0 0 0 -rwx 1\n\n${mark} bytes\n${mark} inodes\n${mark} end\n`,
    ].join("");
  const asked = ["/a b/x", "/f"];

  test("is read back, whatever is in names and heads", () => {
    const seen = parseProbe(printed("M1"), "M1", asked);
    if (seen === undefined) throw new Error("nothing was read");
    expect(seen).toMatchObject({ uid: 1000, machine: "x86_64", memoryKills: 3, memoryLimit: 67_108_864 });
    expect(mountAt(seen, "/a b/x")).toMatchObject({ at: "/a b", options: ["rw", "noexec"] });
    expect(seen.paths.get("/a b/x")).toMatchObject({
      entries: [{ path: "/" }, { path: "/a b", mode: 0o700, gid: 5, may: "rx", kind: "directory" }],
      bytes: { total: 1024 * 1024, free: 24 * 1024 },
      inodes: undefined,
    });
    expect(entryAt(seen, "/a b/x")).toBeUndefined();
    expect(seen.paths.get("/f")?.head).toBe("M entry 0 0 0 -rwx 1\n");
    expect(entryAt(seen, "/f")?.may).toBe("r");
  });

  test("counts only when it came to its end", () => {
    expect(parseProbe(printed("M1").slice(0, -10), "M1", asked)).toBeUndefined();
    expect(parseProbe("sh: not found\n", "M1", asked)).toBeUndefined();
  });
});

/** What the program sees on this machine: with its own /bin/sh, which on Debian and Ubuntu is dash. */
async function looked(paths: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Seen> {
  const mark = randomUUID();
  const options = { env, encoding: "latin1" } as const;
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", PROBE, "sh", mark, ...paths], options);
  const seen = parseProbe(stdout, mark, paths);
  if (seen === undefined) throw new Error("nothing was read");
  return seen;
}

describe("a look at this machine", () => {
  test("finds names that shells and encodings change under the names that were asked for", async () => {
    const directory = await mkdtemp(join(tmpdir(), "bktui-probe-"));
    try {
      const names = ["a\\tb", "\\c", "x\ny", "ü b", "-n"].map((name) => join(directory, name));
      for (const name of names) await writeFile(name, "");
      const asked = [...names, "C:\\code\\x", "/\ud800"].map((name) =>
        name.startsWith("/") ? name : `/${name}`,
      );
      const seen = await looked(asked);
      expect([...seen.paths.keys()]).toEqual(asked);
      for (const name of names) expect(entryAt(seen, name)?.kind).toBe("file");
      expect(asked.slice(names.length).map((path) => isMissing(seen, path))).toEqual([true, true]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("takes a link that leads nowhere for a link, and nothing behind it for missing", async () => {
    const directory = await mkdtemp(join(tmpdir(), "bktui-probe-"));
    try {
      const path = (name: string): string => join(directory, name);
      await mkdir(path("d"));
      await symlink("d", path("good"));
      await symlink("nowhere", path("bad"));
      await symlink("loop", path("loop"));
      const seen = await looked(["good", "bad", "loop", "bad/x", "good/x"].map(path));
      expect(entryAt(seen, path("good"))?.kind).toBe("directory");
      expect(entryAt(seen, path("bad"))).toMatchObject({ kind: "link", may: "rwx" });
      expect(entryAt(seen, path("loop"))?.kind).toBe("link");
      expect(["good", "bad", "loop", "bad/x"].map((name) => isMissing(seen, path(name)))).toEqual([
        false,
        false,
        false,
        false,
      ]);
      expect(isMissing(seen, path("good/x"))).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("calls nothing missing where there is no stat", async () => {
    const bin = await mkdtemp(join(tmpdir(), "bktui-probe-"));
    try {
      const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "command -v id"]);
      await symlink(stdout.trim(), join(bin, "id"));
      const seen = await looked(["/nowhere"], { PATH: bin });
      expect(seen.paths.get("/nowhere")?.entries).toEqual([]);
      expect(isMissing(seen, "/nowhere")).toBe(false);
    } finally {
      await rm(bin, { recursive: true });
    }
  });
});
