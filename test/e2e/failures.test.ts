/** What the screen says at a failure, read as a person reads it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

const failures = fileURLToPath(new URL("../fixtures/builds/failures", import.meta.url));

interface Failing extends AsyncDisposable {
  readonly terminal: Terminal;
  readonly context: TestContext;
}

/** Opens the project of a failure; does not wait for anything. */
async function open(engine: TestEngine, row: string, args: readonly string[] = []): Promise<Failing> {
  const scope = new Scope();
  const context = scope.own(await busyboxContext({ fixture: join(failures, row), unique: true }));
  const terminal = scope.own(await Terminal.start({ engine, args: [...args, context.path] }));
  return { terminal, context, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
}

/** Opens it and runs until it fails. */
async function failed(engine: TestEngine, row: string): Promise<Failing> {
  const failing = await open(engine, row);
  await failing.terminal.untilRow(1, /LOADED/);
  failing.terminal.type("c");
  await failing.terminal.untilRow(1, /FAILED/);
  return failing;
}

forEachEngine((engine) => {
  test("a mistyped source is shown with the one that was meant, and that nothing had run", async () => {
    await using failing = await failed(engine, "copy-missing");
    await failing.terminal.until(/^In the context there is "build\/app\.js"\.$/m);
    const screen = failing.terminal.screen().join("\n");
    expect(screen).toMatch(/^✗ step 3\/3 failed: COPY: "bulid\/app\.js" is not in the context/m);
    expect(screen).toMatch(
      /^Kept: BASE\. Nothing of the step had run yet|^It failed before the steps above had run|^Nothing is kept: a step above/m,
    );
    expect(screen).toMatch(/^ {2}e {2}edit line 4 /m);
  });

  test("a source that another stage does not have opens that stage at the deepest directory there is", async () => {
    await using failing = await failed(engine, "copy-from-missing");
    const { terminal } = failing;
    await terminal.until(/^ {2}O {2}open \/out of stage build/m);
    terminal.type("O");
    await terminal.until(/\[ 5 Files \]/);
    await terminal.until((screen) => /^.*out\/.*\n.*dist\//m.test(screen.join("\n")));
    await terminal.until(/step 3|AFTER/);
  });

  test("a mistyped program is shown with the name that was meant", async () => {
    await using failing = await failed(engine, "program-missing");
    await failing.terminal.until(/^Names in it that look like it: grep\.$/m);
    expect(failing.terminal.screen().join("\n")).toMatch(/exit code 127: "gerp" not found in PATH/);
  });

  test("a secret is given while the build stands, and the rerun has it", async () => {
    await using failing = await failed(engine, "secret-missing");
    const { terminal, context } = failing;
    await terminal.until(/^ {2}:secret id=token,src=PATH {2}gives it now/m);
    await writeFile(join(context.path, "token"), "s3cret-value\n");
    terminal.type(`:secret id=token,src=${context.path}/token`);
    terminal.key("Enter");
    await terminal.until(/given to the next build: r reruns/);
    terminal.type("r");
    await terminal.untilRow(1, /PAUSED before step 3\/3/);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
  });

  test("a trigger that the base image brought is named with its text and where it came from", async () => {
    const base = 'FROM scratch\nADD busybox /bin/busybox\nONBUILD RUN ["/bin/busybox", "false"]\n';
    await using image = await busyboxContext({ files: { Dockerfile: base } });
    const made = await runBktui(["--run", "-t", "bktui-test-onbuild-screen:1", "--load", image.path], {
      engine,
    });
    expect(made.exitCode, made.stderr).toBe(0);
    const files = { Dockerfile: "FROM bktui-test-onbuild-screen:1\nRUN true\n" };
    await using context = await busyboxContext({ files });
    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    await terminal.until((rows) => {
      const text = rows.join(" ").replaceAll(/\s+/g, " ");
      return /FROM bktui-test-onbuild-screen:1 in line 1 brings the trigger "ONBUILD RUN .*false/.test(text);
    });
    await terminal.until(/ {2}e {2}edit/);
  });

  test("a warning of the frontend is marked at its line and said in the log, where the engine gives warnings", async () => {
    await using failing = await open(engine, "warnings");
    const { terminal } = failing;
    await terminal.untilRow(1, /LOADED/);
    if (engine.keepsFailedState) {
      await terminal.until(/^! {4}1 .*\n[\s\S]*^! {4}4 {3}MAINTAINER/m);
      await terminal.until(/^── warning: StageNameCasing: .* \(line 1\)$/m);
    } else await terminal.until(/^ {5}1 .*\n[\s\S]*^ {5}4 {3}MAINTAINER/m);
  });

  test("an unknown target lists the stages, and T chooses one", async () => {
    await using failing = await open(engine, "unknown-target", ["--target", "ap"]);
    const { terminal } = failing;
    await terminal.untilRow(1, /ERROR/);
    await terminal.until(/^✗ no stage "ap", did you mean app\?\nStages: base, deps, app\.$/m);
    terminal.type("T");
    await terminal.until(/deps {2}from base/);
    await terminal.press("\r", /LOADED/);
  });

  test("a mistyped instruction is explained at its line, and saving the correction loads it", async () => {
    await using failing = await open(engine, "parse-error");
    const { terminal, context } = failing;
    await terminal.untilRow(1, /ERROR line 3/);
    await terminal.until(/\^ unknown instruction RNU, did you mean RUN\?/);
    const corrected = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n';
    await writeFile(join(context.path, "Dockerfile"), corrected);
    await terminal.untilRow(1, /LOADED|PAUSED/);
  });
});
