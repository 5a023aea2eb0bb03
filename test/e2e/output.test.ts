/** What bktui writes when nobody reads it, or there is no room for it. */
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, forEachEngine, testEngines } from "../support/engines.ts";
import { running } from "../support/processes.ts";
import { run } from "../support/program.ts";
import type { TestEngine } from "../support/test-engine.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));

interface Told {
  /** Of bktui, whatever stands behind it in the pipe. */
  readonly exitCode: number;
  /** What the shell's own outputs got; bktui's lines are in it as far as the case lets them through. */
  readonly stdout: string;
  readonly stderr: string;
}

/** @param words a line of a shell in which `bktui` is the program and `$1` the context */
async function shell(words: string, engine?: TestEngine, context = "."): Promise<Told> {
  const script = `bktui() { '${process.execPath}' '${program}' "$@"; }\n${words}; echo "rc=\${PIPESTATUS[*]}" >&3`;
  const env = { HOME: "/nonexistent", ...engineVariables(engine) };
  const { stdout, stderr } = await run("bash", ["-c", `exec 3>&1; ${script}`, "sh", context], { env });
  const [, codes = ""] = /^rc=(.*)\n/m.exec(stdout) ?? [];
  expect(stdout + stderr).not.toMatch(/^\s+at |node:|Unhandled|Error:/m);
  return { exitCode: Number(codes.split(" ")[0]), stdout: stdout.replace(/^rc=.*\n/m, ""), stderr };
}

const FULL = /^bktui: cannot write to standard output: .*no space left on device/m;

test.each([
  ["bktui --help | head -0", 141, /^$/],
  ["bktui --help >/dev/full", 1, FULL],
  ["bktui config >/dev/full", 1, FULL],
  ["bktui --help >/dev/full 2>&1", 1, /^$/],
  ["bktui --nonsense 2>/dev/full", 125, /^$/],
  // Node opens /dev/null in the place of an output that was closed: it counts as not wanted.
  ["bktui --help >&- 2>&-", 0, /^$/],
] as const)("R29 · %s: exit code %i, and no stack trace", async (words, code, stderr) => {
  const told = await shell(words);
  expect(told).toMatchObject({ exitCode: code, stderr: expect.stringMatching(stderr) });
});

/** A step that prints for ever, and its command line as this machine has it. */
function talkative(): { readonly files: Readonly<Record<string, string>>; readonly command: string } {
  const args = ["/bin/busybox", "sh", "-c", `while echo begun; do usleep 20000; done; : ${randomInt(1e9)}`];
  const Dockerfile = `FROM scratch\nADD busybox /bin/busybox\nRUN ${JSON.stringify(args)}\n`;
  return { files: { Dockerfile }, command: args.join(" ") };
}

forEachEngine((engine) => {
  test.each([
    "bktui --run $1 2>&1 | grep -m1 'begun$'",
    "bktui --run $1 2> >(grep -m1 'begun$')",
    // Its input stays open.
    "mkfifo $1/in; exec 4<>$1/in; echo c >&4; bktui --ui=plain $1 <&4 | grep -m1 'begun$'",
  ])("R29 · %s: the step ends with its reader", async (words) => {
    const { files, command } = talkative();
    await using context = await busyboxContext({ files });
    const told = await shell(words, engine, context.path);
    expect(told).toMatchObject({ exitCode: 141, stdout: expect.stringMatching(/begun\n$/) });
    await vi.waitFor(() => expect(running(command)).toBe(0), { timeout: 10_000, interval: 50 });
  });
});

const [newest] = testEngines();

test.each([
  ["bktui --run $1 2>/dev/full", 1, /^$/],
  ["bktui --run $1 >/dev/full 2>&1", 1, /^$/],
  ["mkfifo $1/in; exec 4<>$1/in; echo c >&4; bktui --ui=plain $1 <&4 >/dev/full", 1, FULL],
] as const)("R29 · %s: the build ends", async (words, code, stderr) => {
  const { files, command } = talkative();
  await using context = await busyboxContext({ files });
  const told = await shell(words, newest, context.path);
  expect(told).toMatchObject({ exitCode: code, stderr: expect.stringMatching(stderr) });
  await vi.waitFor(() => expect(running(command)).toBe(0), { timeout: 10_000, interval: 50 });
});

test("R29 · the id of an image that cannot be written is no success, and the build is told of", async () => {
  const Dockerfile = "FROM scratch\nADD busybox /bin/busybox\n";
  await using context = await busyboxContext({ files: { Dockerfile } });
  const run = "bktui --run --load -t bktui-test:full $1";
  const told = await shell(`${run} >/dev/full`, newest, context.path);
  expect(told).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(FULL) });
  expect(told.stderr).toContain("finished: the target is built");
  expect(await shell(`${run} >&-`, newest, context.path)).toMatchObject({ exitCode: 0 });
});
