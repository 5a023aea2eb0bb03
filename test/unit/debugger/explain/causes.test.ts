import { describe, expect, test } from "vitest";
import { Clips } from "../../../../src/debugger/clips.ts";
import { elfIn } from "../../../../src/debugger/explain/causes/elf.ts";
import { pathIn } from "../../../../src/debugger/explain/causes/log-paths.ts";
import { parseProbe } from "../../../../src/debugger/explain/causes/probe.ts";
import { entryAt, mountAt } from "../../../../src/debugger/explain/causes/seen.ts";
import { digestOf } from "../../../support/graphs.ts";

const DENIED = /permission denied|\bEACCES\b/i;

describe("the path that a line complains of", () => {
  test.each([
    ["cat: can't open '/data/one': Permission denied", "/data/one"],
    ["cat: /data/one: Permission denied", "/data/one"],
    ["touch: made: Permission denied", "/src/made"],
    ["/bin/sh: can't create /x/y: Permission denied", "/x/y"],
    ["sh: 1: cannot create out/app: Permission denied", "/src/out/app"],
    ["mkdir: cannot create directory ‘/a b’: Permission denied", "/a b"],
    ["PermissionError: [Errno 13] Permission denied: '/var/lib/x'", "/var/lib/x"],
    ["Error: EACCES: permission denied, mkdir '/app/node_modules'", "/app/node_modules"],
    ["open /root/.cache/go: permission denied", "/root/.cache/go"],
    ["E: Could not open lock file /var/lib/dpkg/lock - open (13: Permission denied)", "/var/lib/dpkg/lock"],
    ["git@example.test: Permission denied (publickey).", undefined],
    ["all is well with /data", undefined],
  ])("%s", (line, path) => {
    expect(pathIn(line, DENIED, "/src")).toBe(path);
  });
});

/** A header of 64 bits with one segment, which names a loader. */
function elf(machine: number, loader: string, order: "LE" | "BE"): string {
  const bytes = Buffer.alloc(64 + 56 + loader.length + 1);
  const short = (value: number, at: number): number =>
    order === "LE" ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const long = (value: number, at: number): bigint | number =>
    order === "LE" ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at);
  bytes.write("\u007fELF", "latin1");
  bytes[4] = 2;
  bytes[5] = order === "LE" ? 1 : 2;
  short(machine, 18);
  long(64, 32);
  short(56, 54);
  short(1, 56);
  if (order === "LE") bytes.writeUInt32LE(3, 64);
  else bytes.writeUInt32BE(3, 64);
  long(120, 72);
  long(loader.length + 1, 96);
  bytes.write(loader, 120, "latin1");
  return bytes.toString("latin1");
}

describe("the head of a program", () => {
  test("tells its machine and its loader, in both orders of bytes", () => {
    const loader = "/lib64/ld-linux-x86-64.so.2";
    expect(elfIn(elf(62, loader, "LE"))).toEqual({ machine: "amd64", interpreter: loader });
    expect(elfIn(elf(22, "/lib/ld64.so.1", "BE"))).toEqual({
      machine: "s390x",
      interpreter: "/lib/ld64.so.1",
    });
    expect(elfIn(elf(21, "/lib/x", "BE"))?.machine).toBe("ppc64");
    expect(elfIn(elf(21, "/lib/x", "LE"))?.machine).toBe("ppc64le");
  });

  test("that is cut, false or none at all is not read beyond its end", () => {
    const whole = elf(62, "/lib/ld.so", "LE");
    for (let length = 0; length < whole.length; length++)
      expect(elfIn(whole.slice(0, length))?.interpreter).toBeUndefined();
    expect(elfIn("#!/bin/sh\n")).toBeUndefined();
    expect(elfIn(`${elf(62, "/lib/ld.so", "LE").slice(0, 32)}${"\u00ff".repeat(100)}`)).toEqual({
      machine: "amd64",
      interpreter: undefined,
    });
  });
});

describe("what a look prints", () => {
  const printed = (mark: string): string =>
    [
      `${mark} user 1000 1000\n${mark} machine x86_64\n${mark} boot 4c1f\n`,
      `${mark} kernel\noom_kill 3\n${mark} memory\n67108864\nMemTotal:  1024000 kB\n`,
      `${mark} mounts\noverlay / overlay rw 0 0\ntmpfs /a\\040b tmpfs rw,noexec 0 0\n`,
      `${mark} path /a b/x\n${mark} entry 41ed 0 0 -rx /\n${mark} entry 41c0 0 5 -rx /a b\n`,
      `${mark} bytes\nFilesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1024 1000 24 98% /a b\n`,
      `${mark} inodes\nFilesystem Inodes Used Available Capacity Mounted on\ntmpfs - - - - /a b\n`,
      `${mark} path /f\n${mark} entry 81a4 0 0 -r /f\n${mark} head\nM entry 0 0 0 -rwx /f\n\n${mark} bytes\n${mark} inodes\n${mark} end\n`,
    ].join("");

  test("is read back, whatever is in names and heads", () => {
    const seen = parseProbe(printed("M1"), "M1");
    if (seen === undefined) throw new Error("nothing was read");
    expect(seen).toMatchObject({ uid: 1000, machine: "x86_64", memoryKills: 3, memoryLimit: 67_108_864 });
    expect(mountAt(seen, "/a b/x")).toMatchObject({ at: "/a b", options: ["rw", "noexec"] });
    expect(seen.paths.get("/a b/x")).toMatchObject({
      entries: [{ path: "/" }, { path: "/a b", mode: 0o700, gid: 5, may: "rx", kind: "directory" }],
      bytes: { total: 1024 * 1024, free: 24 * 1024 },
      inodes: undefined,
    });
    expect(entryAt(seen, "/a b/x")).toBeUndefined();
    expect(seen.paths.get("/f")?.head).toBe("M entry 0 0 0 -rwx /f\n");
    expect(entryAt(seen, "/f")?.may).toBe("r");
  });

  test("counts only when it came to its end", () => {
    expect(parseProbe(printed("M1").slice(0, -10), "M1")).toBeUndefined();
    expect(parseProbe("sh: not found\n", "M1")).toBeUndefined();
  });
});

describe("a note of the engine on clipped output", () => {
  const note = (limit: string): Uint8Array =>
    Buffer.from(`y\n[output clipped, log limit ${limit} reached]\n`);
  const vertex = digestOf("two");
  const stream = "stdout";

  test("is believed when as much came before it as it says, with the line", () => {
    const clips = new Clips();
    clips.note({ vertex, stream, data: Buffer.alloc(1024 * 1024, "y\n") }, 9);
    clips.note({ vertex, stream, data: note("1MiB") }, 10);
    expect(clips.of(vertex)).toEqual({ limit: "1MiB", line: 10 });
  });

  test("is a step's own words when less came, or other output came with it", () => {
    const clips = new Clips();
    clips.note({ vertex, stream: "stderr", data: Buffer.alloc(300 * 1024) }, 1);
    clips.note({ vertex, stream, data: note("200KiB/s") }, 2);
    clips.note(
      { vertex, stream, data: Buffer.concat([Buffer.alloc(300 * 1024), note("1KiB"), note("x")]) },
      3,
    );
    expect(clips.of(vertex)).toBeUndefined();
  });
});
