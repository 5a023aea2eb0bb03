import { describe, expect, test } from "vitest";
import { denied } from "../../../../src/debugger/explain/causes/denied.ts";
import { elfIn } from "../../../../src/debugger/explain/causes/elf.ts";
import { fullDisk } from "../../../../src/debugger/explain/causes/full-disk.ts";
import { killedChild } from "../../../../src/debugger/explain/causes/killed-child.ts";
import { pathIn } from "../../../../src/debugger/explain/causes/log-paths.ts";
import { explain } from "../../../../src/debugger/explain/explain.ts";
import { type Scene, type StepFacts, stepFacts } from "../../../../src/debugger/explain/facts.ts";
import { type Reason, reasonOf } from "../../../../src/debugger/failures/reasons.ts";
import { Clips } from "../../../../src/debugger/progress/clips.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import {
  type EntrySeen,
  FULL,
  type PathSeen,
  placeKey,
  type Seen,
} from "../../../../src/debugger/questions/seen.ts";
import type { Mount } from "../../../../src/graph/graph.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { execMeta } from "../../../support/exec-meta.ts";
import { digestOf, fxProgram } from "../../../support/graphs.ts";

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
    ["/bin/sh: 1: cannot create out.txt: Permission denied", "/src/out.txt"],
    ["/bin/sh: can't create out.txt: Permission denied", "/src/out.txt"],
    ["/bin/bash: line 1: out.txt: Permission denied", "/src/out.txt"],
    ["./build.sh: 3: cannot create out.txt: Permission denied", "/src/out.txt"],
    ["/bin/sh: /run.sh: Permission denied", "/run.sh"],
    ["tar: dir/one: Cannot open: Permission denied", "/src/dir/one"],
    ['nginx: [emerg] mkdir() "/var/cache/nginx" failed (13: Permission denied)', "/var/cache/nginx"],
    ["java.io.IOException: Permission denied", undefined],
    ["Error: listen EACCES: permission denied 0.0.0.0:80", undefined],
    ["nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", undefined],
    ["psql:/docker/init.sql:3: ERROR:  permission denied for schema public", undefined],
    ["/bin/sh: 1: Permission denied", undefined],
    ["2026/01/02 10:00:00 it went wrong: permission denied", undefined],
    ["fetch of http://host.test/x: Permission denied", undefined],
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

/** A step that ended badly: what it printed, and what was seen of it. */
interface Ended {
  readonly lines: readonly string[];
  readonly command?: string;
  readonly cwd?: string;
  readonly code?: number;
  readonly entries?: readonly EntrySeen[];
  readonly paths?: Readonly<Record<string, Partial<PathSeen>>>;
  readonly seen?: Partial<Seen>;
  readonly mounts?: readonly Mount[];
  readonly side?: "base" | "failed";
  readonly tookMs?: number;
}

const GIGABYTE = 1_000_000_000;

function sceneOf(ended: Ended): Scene {
  const { lines, command = "", cwd = "/app", code = 1, mounts = [], side = "failed", tookMs = 1000 } = ended;
  const fx = fxProgram();
  const two = digestOf("two");
  const vertices = new Map(fx.graph.vertices);
  const vertex = vertices.get(two);
  if (vertex === undefined) throw new Error("no such step");
  const meta = execMeta({ args: ["/bin/sh", "-c", command], cwd, user: "1000" });
  vertices.set(two, { ...vertex, exec: { meta, mounts } });
  const program: Program = { ...fx, graph: { ...fx.graph, vertices } };
  const progress = new ProgressLog();
  const data = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  const times = { startedMs: 1000, completedMs: 1000 + tookMs, cached: false, error: `exit code: ${code}` };
  progress.apply({ kind: "vertex", vertex: two, name: "RUN", ...times });
  progress.apply({ kind: "log", vertex: two, stream: "stderr", atMs: 1, data });
  const failure = failureOf("two", { exitCode: code, ...(side === "base" ? { states: undefined } : {}) });
  const done = ["context", "add", "install", "src", "one", "dir", "copy"];
  const { state } = DebugDriver.launched(program, { run: true }).failed(failure, done);
  const empty: PathSeen = { entries: [], head: undefined, bytes: undefined, inodes: undefined };
  const paths = new Map<string, PathSeen>();
  for (const [path, looked] of Object.entries(ended.paths ?? {})) paths.set(path, { ...empty, ...looked });
  const entries = ended.entries ?? [];
  const all = new Set(entries.map((entry) => entry.path));
  for (const path of [...all, ...MISSING]) {
    const way = entries.filter((entry) => entry.path === "/" || `${path}/`.startsWith(`${entry.path}/`));
    if (!paths.has(path)) paths.set(path, { ...empty, entries: way });
  }
  const seen: Seen = { ...FULL, uid: 1000, gid: 1000, isFull: false, ...ended.seen, paths };
  const engine = { kind: "dockerd", version: "28.5.2", address: "unix:///e", origin: "test" } as const;
  const sights = new Map([
    [placeKey({ vertex: two, side }), seen],
    [placeKey({ vertex: two, side: "base" }), seen],
  ]);
  return { state, progress, engine, text: undefined, answer: undefined, sights };
}

/** Paths that are looked at and do not exist, unless a test gives them. */
const MISSING = ["/app/out.txt", "/app/new", "/bin/sh", "/key.pem", "/app/link"];

function causeOf(ended: Ended): { readonly facts: StepFacts; readonly reason: Reason } {
  const facts = stepFacts(sceneOf(ended));
  if (facts === undefined) throw new Error("it is at no failure");
  const vertex = facts.program.graph.vertices.get(digestOf("two"));
  return { facts, reason: reasonOf(facts.failure, facts.lastLines, vertex) };
}

const whyOf = (ended: Ended): readonly string[] => explain(sceneOf(ended))?.why ?? [];

const at = (path: string, may: string, kind: EntrySeen["kind"] = "directory"): EntrySeen => ({
  path,
  kind,
  may,
  mode: 0o755,
  uid: 0,
  gid: 0,
});
const ROOT = at("/", "rx");
const APP = [ROOT, at("/app", "rx"), at("/bin", "rx"), at("/bin/sh", "rx", "file")];

describe("what was denied", () => {
  test.each([
    ["/bin/sh: 1: cannot create out.txt: Permission denied"],
    ["/bin/sh: can't create out.txt: Permission denied"],
    ["/bin/bash: line 1: out.txt: Permission denied"],
  ])("is not the shell that says %j", (line) => {
    expect(whyOf({ lines: [line], command: "echo 1 > out.txt", entries: APP })).toEqual([
      "The step's user (1000:1000) may not write in /app: owner 0:0, mode 0755.",
    ]);
    // A script may have gone elsewhere.
    expect(whyOf({ lines: [line], command: "./build.sh", entries: APP })).toEqual([]);
    expect(whyOf({ lines: [line], command: "cd /tmp && echo 1 > out.txt", entries: APP })).toEqual([]);
  });

  test("is in another directory where the command goes there first", () => {
    const lines = ["cat: key.pem: Permission denied"];
    expect(whyOf({ lines, command: "cd /data && cat key.pem", cwd: "/", entries: APP })).toEqual([]);
  });

  test("is the directory for what is removed, not what lies in it", () => {
    const lines = ["rm: cannot remove '/app/x': Permission denied"];
    const entries = [...APP, at("/app/x", "r", "file")];
    expect(whyOf({ lines, command: "rm -f /app/x", entries })).toEqual([
      "The step's user (1000:1000) may not write in /app: owner 0:0, mode 0755.",
    ]);
    const open = [ROOT, at("/app", "rwx"), at("/app/x", "r", "file")];
    expect(whyOf({ lines, command: "rm -f /app/x", entries: open })).toEqual([]);
  });

  test.each([
    ["cat: can't open '/app/link': Permission denied"],
    ["PermissionError: [Errno 13] Permission denied: '/app/link'"],
    ["Error: EACCES: permission denied, open '/app/link'"],
  ])("is not the directory of what is missing and only read: %s", (line) => {
    expect(whyOf({ lines: [line], entries: APP })).toEqual([]);
  });

  test("is not said of what is neither file nor directory", () => {
    const lines = ["mkdir: can't create directory '/app/link': Permission denied"];
    expect(whyOf({ lines, entries: [...APP, at("/app/link", "", "other")] })).toEqual([]);
  });

  test("is not the directory of a program that is missing", () => {
    const lines = ["/bin/sh: /app/new: Permission denied"];
    const words = denied.words(causeOf({ lines, code: 126, entries: APP }));
    expect(words).toBeUndefined();
  });

  test("names what may be read and not written only where nothing else can be meant", () => {
    const lines = ["PermissionError: [Errno 13] Permission denied: '/app/x'"];
    const own = at("/app", "rwx");
    expect(whyOf({ lines, entries: [ROOT, own, at("/app/x", "r", "file")] })).toEqual([]);
    expect(whyOf({ lines, entries: [ROOT, own, at("/app/x", "rx", "file")] })).toEqual([
      "The step's user (1000:1000) may not write to /app/x: owner 0:0, mode 0755.",
    ]);
  });
});

describe("an old complaint", () => {
  const lines = ["find: '/root': Permission denied"];
  const entries = [ROOT, at("/root", "")];

  test("is what it is for a command that ends with it", () => {
    expect(whyOf({ lines, entries })).toEqual([
      "The step's user (1000:1000) may not read /root: owner 0:0, mode 0755.",
    ]);
    expect(whyOf({ lines: [...lines, "and on"], entries })).toEqual([
      `Its output says "${lines[0]}": the step's user (1000:1000) may not read /root: owner 0:0, mode 0755.`,
    ]);
  });

  test("does not take the place of what ended the command", () => {
    expect(whyOf({ lines: [...lines, "Killed"], code: 137, entries })[0]).toMatch(/^The kernel kills what/);
    expect(whyOf({ lines: [...lines, "/bin/sh: x: not found"], code: 127, entries })).toEqual([
      expect.stringMatching(/^PATH of the step: /),
    ]);
    expect(whyOf({ lines: [...lines, "cat: can't open '/x': No such file or directory"], entries })).toEqual(
      [],
    );
    expect(whyOf({ lines: [...lines, "java.io.IOException: Permission denied"], entries })).toEqual([]);
    expect(whyOf({ lines, entries, command: "find / || true; test 1 = 2" })).toEqual([]);
    expect(whyOf({ lines, entries, command: "find /; exit 3", code: 3 })).toEqual([]);
  });
});

describe("a full disk", () => {
  const space = (total: number, free: number): Pick<PathSeen, "bytes"> => ({ bytes: { total, free } });
  const lines = ["cp: error writing '/big': No space left on device"];
  const big = (total: number, free: number): Pick<Ended, "lines" | "paths"> => ({
    lines,
    paths: { "/big": space(total, free) },
  });

  test("is one with nearly nothing free, in either state", () => {
    const says = [
      "The engine's disk is full: of 200 GB 50 MB are free. docker system df tells what uses it.",
    ];
    expect(whyOf(big(200 * GIGABYTE, 50_000_000))).toEqual(says);
    expect(whyOf({ ...big(200 * GIGABYTE, 50_000_000), side: "base" })).toEqual(says);
    // Less than a hundredth.
    expect(whyOf(big(200 * GIGABYTE, GIGABYTE))).toEqual([]);
  });

  test("is not told of one with room, whatever the step may have written", () => {
    const ended = { ...big(200 * GIGABYTE, 70 * GIGABYTE), side: "base", tookMs: 100_000 } as const;
    expect(whyOf(ended)).toEqual([
      "By its output no space was left: docker system df tells what uses the engine's disk.",
    ]);
  });

  test("is not a limit of the kernel", () => {
    expect(fullDisk.asks(causeOf(big(200 * GIGABYTE, 0)))).toMatchObject([{ path: "/big" }]);
    for (const line of [
      "Error: ENOSPC: System limit for number of file watchers reached, watch '/big'",
      "inotify_add_watch: no space left on device",
    ])
      expect(
        fullDisk.asks(causeOf({ ...big(200 * GIGABYTE, 0), lines: [line], side: "base", tookMs: 100_000 })),
      ).toEqual([]);
  });

  test("does not take away what is known of another reason", () => {
    const killed = whyOf({ ...big(200 * GIGABYTE, 70 * GIGABYTE), code: 137 });
    expect(killed[0]).toMatch(/^The kernel kills what/);
    const both = whyOf({ ...big(200 * GIGABYTE, 0), code: 137 });
    expect(both).toEqual([expect.stringMatching(/^The engine's disk is full/), killed[0]]);
  });

  test("is not one of memory that the step had no time to fill", () => {
    const shm = ["dd: error writing '/dev/shm/big': No space left on device"];
    const paths = { "/dev/shm/big": space(64 * GIGABYTE, 64 * GIGABYTE) };
    expect(whyOf({ lines: shm, paths, tookMs: 100 })).toEqual([]);
    expect(whyOf({ lines: shm, paths, tookMs: 10_000 })).toEqual([
      "/dev/shm/big lies in /dev/shm, which holds 64 GB: --shm-size at the start makes it larger.",
    ]);
  });
});

describe("a child that was killed", () => {
  const words = (line: string, countedSince: Seen["countedSince"] = "build"): string | undefined =>
    killedChild.words(
      causeOf({ lines: [line], code: 3, seen: { memoryKills: 2, countedSince }, entries: [ROOT] }),
    )?.why[0];

  test.each([
    ["Killed"],
    ["/bin/bash: line 1:    12 Killed                  tail /dev/zero"],
    ["make: *** [Makefile:2: all] Killed"],
    ["g++: fatal error: Killed signal terminated program cc1plus"],
  ])("is told by %j", (line) => {
    expect(words(line)).toMatch(/^A process of the step was killed/);
    // Long before this build, perhaps.
    expect(words(line, "start")).toBeUndefined();
  });

  test.each([["Killed stale workers: 0"], ["Killed: none"]])("is not told by %j", (line) => {
    expect(words(line)).toBeUndefined();
  });
});
