/** Scripts: the acceptance scenarios that have no picture in them, and what can go wrong with a script. */
import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { BackgroundProgram } from "../support/background-program.ts";
import { docker } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine, type TestContext, testEngines } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { processesWith } from "../support/processes.ts";
import { type Ended, runBktui } from "../support/program.ts";
import { SCENARIO_FILES } from "../support/scenario-files.ts";
import type { TestEngine } from "../support/test-engine.ts";

const SCRIPTS = fileURLToPath(new URL("../scripts/", import.meta.url));
const [newest] = testEngines();
if (newest === undefined) throw new Error("no engine");
const fx = SCENARIO_FILES.scenarios;

/** A step that sleeps for a time that no other program does. */
async function sleeper(): Promise<{ readonly context: TestContext; readonly command: string }> {
  const command = `sleep ${randomInt(100_000, 999_999)}`;
  const Dockerfile = `FROM scratch\nCOPY busybox /bin/sh\nRUN ${command}\n`;
  return { context: await busyboxContext({ files: { Dockerfile } }), command };
}

async function runScript(
  engine: TestEngine,
  context: TestContext,
  { script, args = [], input = "" }: { script: string; args?: readonly string[]; input?: string },
): Promise<Ended> {
  const all = ["--script", script, ...args, context.path];
  return await runBktui(all, { engine, input, cwd: context.path });
}

forEachEngine((engine) => {
  test.each([
    ["a failing step, its two states and their files", "scenarios"],
    ["into a stage and back, a breakpoint that moves", "stages"],
    ["the end of a stage", "stage-end"],
    ["back over what has run, and on again", "going-back"],
    ["a failure that is mended", "fixed"],
    ["all failures", "keep-going"],
    ["a state without programs", "no-shell"],
  ] as const)("%s", async (_name, name) => {
    await using project = await SCENARIO_FILES[name]();
    const { exitCode, stdout, stderr } = await runScript(engine, project, {
      script: `${SCRIPTS}${name}.bktui`,
    });
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toContain("(bktui ");
  });
});

test("files of FAILED, where the engine keeps it", async () => {
  await using project = await fx();
  const ran = await runScript(newest, project, { script: `${SCRIPTS}failed-files.bktui` });
  expect(ran, ran.stdout).toMatchObject({ exitCode: 0, stderr: "" });
});

test("what is wrong is told with its line; --keep-going goes on, without it the first one is the end", async () => {
  await using project = await fx();
  const script = `${SCRIPTS}wrong.bktui`;
  const first = await runScript(newest, project, { script });
  expect(first.exitCode).toBe(1);
  expect(first.stderr).toBe(`${script}:2: no command "nxet"; did you mean next?\n`);
  const all = await runScript(newest, project, { script, args: ["--keep-going"] });
  expect(all.exitCode).toBe(1);
  const told = all.stderr.split("\n").filter((line) => line.startsWith(script));
  expect(told.map((line) => line.slice(script.length))).toEqual([
    expect.stringMatching(/^:2: no command "nxet"/),
    expect.stringMatching(/^:3: expected finished, but paused before step 1\/8/),
    expect.stringMatching(/^:4: expect foo\? There are paused, failed, /),
    expect.stringMatching(/^:5: to: a line is missing/),
    expect.stringMatching(/^:7: expected step 99, but paused before step 1\/8/),
    expect.stringMatching(/^:9: there is no step 99; there are 8/),
    expect.stringMatching(/^:10: expected exit code 3, but no program has run here/),
    expect.stringMatching(/^:11: not a pattern: "\(" is not closed/),
    expect.stringMatching(/^:12: arg NAME=VALUE sets a build argument/),
    expect.stringMatching(/^:13: zoom: on the full screen only/),
    expect.stringMatching(/^:14: .*\/nowhere is not in this state/),
    expect.stringMatching(/^:17: .*out\.tar/),
    expect.stringMatching(/^:18: expected variable PATH=\/none, but it is \//),
    expect.stringMatching(/^:19: expected no file \/app\/b\.txt, but there is a file of that name/),
  ]);
});

test("the script's verdict is the exit code, not the build's; a failure that nothing expects is the end of it", async () => {
  await using project = await fx();
  const run = (input: string): Promise<Ended> => runScript(newest, project, { script: "-", input });
  expect(await run("continue\nexpect failed 10\n")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await run("next\n")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await run("continue\nquit\n")).toMatchObject({
    exitCode: 1,
    stderr: "-:2: the script has ended where the build has failed, and expects nothing of the kind\n",
  });
});

test("what cannot be run is told before anything is built", async () => {
  await using project = await fx();
  for (const [args, words] of [
    [["--script", "nowhere.bktui", "."], /script nowhere\.bktui: no such file/],
    [["--script", ".", "."], /script \.: it is a directory/],
    [["--script", "-", "-"], /only one standard input/],
    [["--script", "-", "--script-timeout=soon", "."], /--script-timeout soon: no length of time/],
    [["--script-timeout=1m", "."], /there is no script/],
    [["--script", "-", "--ui=full", "."], /a script runs by lines/],
    [["--run", "--on-error=script=nowhere", "."], /script nowhere: no such file/],
  ] as const) {
    const { exitCode, stderr } = await runBktui(args, {
      engine: newest,
      cwd: project.path,
      input: "FROM x\n",
    });
    expect([exitCode, stderr], args.join(" ")).toEqual([125, expect.stringMatching(words)]);
  }
});

test("a script that takes too long is left, whether it waits for a step or asks for ever", async () => {
  const { context, command } = await sleeper();
  await using project = context;
  const args = ["--script-timeout=3s"];
  const waits = await runScript(newest, project, { script: "-", input: "continue\n", args });
  expect(waits).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^-:1: .*within 3s/) });
  expect(processesWith(command)).toEqual([]);
  const input = "help\n".repeat(400_000);
  const asks = await runScript(newest, project, { script: "-", input, args: ["--script-timeout=1s"] });
  expect(asks).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^-:\d+: .*within 1s/) });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s leaves a script at once and nothing running", async (signal, code) => {
  const { context, command } = await sleeper();
  await using project = context;
  const script = join(project.path, "s.bktui");
  await writeFile(script, "nonsense\ncontinue\n");
  await using running = await BackgroundProgram.start(["--script", script, "--keep-going", project.path], {
    engine: newest,
    env: {},
  });
  await running.printed(/s\.bktui:1: /);
  await expect.poll(() => processesWith(command).length, { timeout: 20_000 }).toBeGreaterThan(0);
  running.kill(signal);
  expect(await running.ended()).toBe(code);
  await expect.poll(() => processesWith(command), { timeout: 10_000 }).toEqual([]);
});

test("a state is exported once, then only by force, and what was exported runs", async () => {
  await using project = await fx();
  const name = `bktui-script:${randomInt(1e9)}`;
  const run = (words: string): Promise<Ended> =>
    runScript(newest, project, { script: "-", input: `continue\nexpect failed 10\n${words}\n` });
  const tarball = `export failed -o type=docker,dest=out.tar,name=${name}`;
  try {
    expect(await run(`${tarball}\nexpect output out.tar`)).toMatchObject({ exitCode: 0, stderr: "" });
    const before = await readFile(join(project.path, "out.tar"));
    expect(await run(tarball)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^-:3: .*out\.tar/),
    });
    expect((await readFile(join(project.path, "out.tar"))).equals(before)).toBe(true);
    expect(await run(`${tarball} --force`)).toMatchObject({ exitCode: 0, stderr: "" });
    await docker(newest, ["load", "-i", join(project.path, "out.tar")]);
    const ran = await docker(newest, ["run", "--rm", name, "-c", "cat /app/b.txt"]);
    expect(ran.stdout).toBe("junk\n");
  } finally {
    await docker(newest, ["image", "rm", "-f", name]);
  }
});

test.runIf(inject("privateSuite") !== undefined)(
  "an engine that is lost is expected too, and breakpoints outlive it",
  async () => {
    await using own = await OwnEngine.start();
    const { context, command } = await sleeper();
    await using project = context;
    const script = join(project.path, "s.bktui");
    await writeFile(
      script,
      "break 3\nexpect breakpoints 1\ncontinue\ncontinue\nexpect lost\nexpect breakpoints 1\n",
    );
    await using running = await BackgroundProgram.start(["--script", script, project.path], {
      engine: own.engine,
      env: {},
    });
    await expect.poll(() => processesWith(command).length, { timeout: 20_000 }).toBeGreaterThan(0);
    await own.killDaemon();
    expect(await running.ended(), running.stderr).toBe(0);
  },
);

test("--on-error=script runs commands at the failure, and the build has failed all the same", async () => {
  await using project = await fx();
  await writeFile(join(project.path, "at.bktui"), "expect failed 10\ncat app/b.txt\nexpect step 3\n");
  for (const args of [["--run"], []]) {
    const all = [...args, "--on-error=script=at.bktui", "."];
    const ran = await runBktui(all, { engine: newest, cwd: project.path, input: "continue\n" });
    expect(ran.exitCode).toBe(1);
    const output = ran.stdout + ran.stderr;
    expect(output).toContain("> cat app/b.txt\n/app/b.txt in FAILED of step 7/8:\njunk\n");
    expect(ran.stderr).toContain("at.bktui:3: expected step 3, but failed");
  }
});

test("--on-error=export exports in the line mode too", async () => {
  await using project = await fx();
  const args = ["--on-error=export", "--export-path=left.tar", "."];
  const ran = await runBktui(args, { engine: newest, cwd: project.path, input: "continue\nhere\n" });
  expect(ran.exitCode).toBe(1);
  expect(ran.stdout).toMatch(/exporting FAILED of step 7\/8[\s\S]*left\.tar/);
  expect(ran.stdout.match(/step 7\/8 failed: exit code 1/g)).toHaveLength(2);
});

test("on the screen --on-error=export exports, and cat, env and ! COMMAND show what they show by lines", async () => {
  await using place = await busyboxContext({});
  const args = ["--on-error=export", `--export-path=${place.path}/left.tar`];
  await using fx = await Fx.failed(newest, { args });
  const { terminal } = fx;
  terminal.type(":messages\r");
  await terminal.until(/exporting FAILED of step 7\/8[\s\S]*exported FAILED of step 7\/8: written to/);
  terminal.type(":cat app/b.txt\r");
  await terminal.until(/file app\/b\.txt[\s\S]*1 {2}junk/);
  terminal.type(":env PATH\r");
  await terminal.until(/PATH=\/usr[\s\S]*cwd +\/app/);
  terminal.type(":! ls; exit 3\r");
  await terminal.until(/shell exited with 3[\s\S]*a\.txt[\s\S]*b\.txt/);
});
