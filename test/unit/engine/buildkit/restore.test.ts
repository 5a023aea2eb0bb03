import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lackingIn, lackingWithoutSh, REPORT, restoring } from "../../../../src/engine/buildkit/restore.ts";
import type { StepEnvironment } from "../../../../src/engine/engine.ts";
import type { ExecMeta, Mount } from "../../../../src/graph/graph.ts";
import { execMeta } from "../../../support/exec-meta.ts";

const run = promisify(execFile);

const META = execMeta({ args: ["/bin/sh", "-c", "make"], env: ["PATH=/usr/bin:/bin"] });
const TMPFS: Mount = {
  input: undefined,
  selector: "",
  dest: "/dev/shm",
  output: undefined,
  readonly: false,
  kind: "tmpfs",
  cache: undefined,
  secret: undefined,
  tmpfsSize: 4096,
};
const LIMITS: ExecMeta["ulimits"] = [
  { name: "nofile", soft: 300, hard: 400 },
  { name: "core", soft: 0, hard: 512 },
  { name: "fsize", soft: 1024 * 1024, hard: -1 },
  { name: "stack", soft: 1024 * 1024, hard: 2 * 1024 * 1024 },
];

function environment(meta: Partial<ExecMeta>, mounts: readonly Mount[] = []): StepEnvironment {
  return { meta: { ...META, ...meta }, mounts, shell: ["/bin/sh", "-c"] };
}

/** Runs a command line on this machine. */
async function output(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const [program = "", ...rest] = args;
  return (await run(program, rest, { env: { PATH: process.env["PATH"] ?? "", ...env } })).stdout;
}

describe("limits", () => {
  const place = environment({ ulimits: LIMITS });

  test.each([["sh"], ["bash"]])("are set by %s before it runs its own command", async (shell) => {
    const command = restoring([`/bin/${shell}`, ...REPORT.slice(1)], place, { hasSh: false });
    expect(lackingIn(await output(command), place)).toEqual([]);
  });

  test("are named when they stay as they are", async () => {
    expect(lackingIn(await output(REPORT), environment({ ulimits: LIMITS.slice(0, 1) }))).toEqual([
      expect.stringMatching(/^ulimit nofile is \d+:\d+ instead of 300:400: /),
    ]);
  });

  test("change nothing else that the command sees", async () => {
    const command = ["/usr/bin/env"];
    const env = { SPECIAL: "a 'b' \"c\"\n$d" };
    // The order of variables has no meaning, and shells do not keep it.
    const sorted = async (line: readonly string[]) => (await output(line, env)).split("\n").sort();
    expect(await sorted(restoring(command, place, { hasSh: true }))).toEqual(await sorted(command));
  });

  test("need a shell in the image, but no other one in front of a shell", () => {
    expect(restoring(["/app"], place, { hasSh: false })).toEqual(["/app"]);
    expect(restoring(["/app"], place, { hasSh: true }).slice(0, 2)).toEqual(["/bin/sh", "-c"]);
    expect(restoring(["/bin/busybox", "sh"], place, { hasSh: false }).slice(0, 3)).toEqual([
      "/bin/busybox",
      "sh",
      "-c",
    ]);
    expect(lackingWithoutSh(place)).toEqual([
      expect.stringMatching(/^ulimits of the step \(nofile, core, fsize, stack\) are not set: no \/bin\/sh/),
    ]);
  });
});

test("a step without limits is left alone", () => {
  expect(restoring(["/bin/sh"], environment({}, [TMPFS]), { hasSh: true })).toEqual(["/bin/sh"]);
});

test("sizes are set where the step may mount, and named where it may not", () => {
  const insecure = environment({ security: "insecure" }, [TMPFS]);
  expect(restoring(["/bin/sh"], insecure, { hasSh: true }).join("\n")).toContain(
    "mount -o remount,size=4k '/dev/shm'",
  );
  const row = "70 60 0:5 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=4k,inode64";
  expect(lackingIn(row, insecure)).toEqual([]);
  expect(lackingIn(row.replace("size=4k", "size=64k"), insecure)).toEqual([
    expect.stringMatching(/^\/dev\/shm is not limited to 4 KiB/),
  ]);
});
