/** Processes of steps as Linux shows them, in a directory of the test. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processesOf } from "../../../../src/debugger/state/step-processes.ts";

const ADDRESS = "unix:///var/run/docker.sock";
const ARGS = ["/bin/sh", "-c", "make deps && make all"];

let proc = "";
beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), "bktui-proc-"));
});
afterEach(async () => await rm(proc, { recursive: true }));

/** The first process of a container, or a child of one. */
async function process(pid: number, args: readonly string[], parent?: number): Promise<void> {
  const files = {
    stat: `${pid} (name) S ${parent ?? 1} ${"0 ".repeat(20)}\n`,
    status: `Name:\tname\nNSpid:\t${pid}\t${parent === undefined ? 1 : 7}\n`,
    cgroup: "0::/system.slice/buildkit/abc\n",
    cmdline: args.map((arg) => `${arg}\0`).join(""),
  };
  await mkdir(join(proc, String(pid)));
  for (const [name, text] of Object.entries(files)) await writeFile(join(proc, String(pid), name), text);
}

async function commands(args: readonly string[] = ARGS): Promise<readonly string[] | undefined> {
  return (await processesOf(args, ADDRESS, proc))?.map(({ command }) => command);
}

test("the container with the step's arguments is the step's, whatever else runs", async () => {
  await process(10, ["/bin/sh", "-c", "make"]);
  await process(20, ARGS);
  await process(21, ["make", "deps"], 20);
  expect(await commands()).toEqual(["make deps"]);
});

test("one whose shell has made room for the script's last command is the step's too", async () => {
  await process(20, ["make", "all"]);
  expect(await commands()).toEqual(["make all"]);
  await process(30, ["make", "all"]);
  expect(await commands()).toBeUndefined();
});

test.each([
  ["another step", ["/bin/sh", "-c", "npm ci"]],
  ["another step's last command", ["npm", "ci"]],
  ["a command that only ends like the step's", ["all"]],
])("the only container there is not taken for the step's when it is of %s", async (_, args) => {
  await process(20, args);
  expect(await commands()).toBeUndefined();
});

test("a command line is told whole, and one that is too long to be searched for secrets not at all", async () => {
  const long = ["curl", "x".repeat(2000)];
  await process(20, ARGS);
  await process(21, long, 20);
  expect(await commands()).toEqual([long.join(" ")]);
  await process(22, ["curl", "x".repeat(70_000)], 21);
  expect(await commands()).toEqual(["name"]);
});
