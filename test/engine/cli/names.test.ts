/** Names of stages, texts of steps, exit codes and places: each as the engine has it. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/cases/", import.meta.url));
const named = (name: string): Promise<TestContext> => busyboxContext({ fixture: `${fixtures}${name}` });

function script(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

forEachEngine((engine) => {
  const byLines = async (argv: readonly string[], ...lines: readonly string[]): Promise<string> =>
    (await runWithoutTerminal(engine, ["--ui=plain", ...argv], script(...lines, "quit"))).stdout;

  test("a name given twice is the later stage's, in any case, and a number is a stage's place", async () => {
    await using project = await named("20-stage-names");
    const out = await byLines(
      [project.path],
      "break stage:base",
      "break 0:end",
      "break Base:end",
      "graph",
      "continue",
      "continue",
      "continue",
    );
    expect(out).toContain("breakpoint 1 on any step in stage base: step 3\n");
    expect(out).toMatch(/^ +2\/6 waiting +RUN echo first > \/who; breakpoint 2 at the end$/m);
    expect(out).toMatch(
      /^stage base from busybox:1.36\n +3\/6 waiting +RUN echo second > \/who; breakpoint 3/m,
    );
    expect(out).toMatch(/COPY --from=BASE \/who \/copied; from base$/m);
    expect(out).toMatch(/COPY --from=0 \/who \/zero; from stage-0, final$/m);
    const stops = [...out.matchAll(/^paused (before step 3\/6|at the end of stage \S+)/gm)].map(
      ([, at]) => at,
    );
    expect(stops).toEqual(["at the end of stage stage-0", "before step 3/6", "at the end of stage base"]);
    // As docker: the target is the later one too.
    const built = await byLines(["--target", "BASE", project.path], "graph");
    expect(built).toMatch(/RUN echo second > \/who$/m);
    expect(built).not.toMatch(/^ +\d\/\d .*RUN echo first/m);
  });

  test("a stage that is near is named where an image is sought, at the line that seeks it", async () => {
    await using project = await busyboxContext({
      files: {
        Dockerfile:
          "FROM busybox:1.36 AS build\nFROM busybox:1.36\nRUN --mount=from=buil,target=/x \\\n  ls\n",
        upper: "FROM busybox:1.36 AS Builder\nFROM Builder\nRUN true\n",
        number: "FROM busybox:1.36 AS one\nFROM busybox:1.36\nCOPY --from=5 /x /\n",
      },
    });
    const run = async (...argv: readonly string[]): Promise<string> =>
      (await runWithoutTerminal(engine, ["--run", ...argv, project.path])).stderr;
    const mount = await run();
    expect(mount).toContain('There is a stage "build": did you mean it?');
    expect(mount).toMatch(/^ +3 \| >>> RUN --mount=from=buil,target=\/x \\\n +4 \| >>> {3}ls$/m);
    const upper = await run("-f", `${project.path}/upper`);
    expect(upper).toMatch(/^ +2 \| >>> FROM Builder$/m);
    expect(upper).toContain(
      'line 2: "Builder" is no image name\n  There is a stage builder: FROM finds it as builder.',
    );
    const number = await run("-f", `${project.path}/number`);
    expect(number).toContain("line 3: no stage 5 above it\n  Stages are counted from 0: 0 (one).");
  });

  test("the text of a step is its own, whatever stands between its lines", async () => {
    await using project = await named("15-odd-continuations");
    const out = await byLines([project.path], "steps", "break 9", "breaks");
    const texts = [...out.matchAll(/^>? +\d\/6 \S+ +\S+ line (\d+): (.*)$/gm)].map(
      ([, line, text]) => `${line} ${text}`,
    );
    expect(texts).toEqual([
      "1 FROM busybox:1.36",
      "4 RUN echo a && echo b && echo c",
      '11 RUN echo "xy"',
      "14 run echo lower-case, indented",
      '17 RUN ["echo", "exec", "form"]',
      '19 RUN echo "$A$B"',
    ]);
    expect(out).toContain("breakpoint 1 on line 9: RUN echo a && echo b && echo c\n");
  });

  test("the exit code shown is the engine's", async () => {
    await using project = await named("25-exit-codes");
    const run = async (file: string): Promise<string> =>
      (await runWithoutTerminal(engine, ["--run", "-f", `${project.path}/${file}`, project.path])).stderr;
    expect(await run("Dockerfile")).toMatch(/^step 2\/2 failed: exit code 42(?: after \S+)? · line 2/m);
    for (const file of ["Dockerfile.exec", "Dockerfile.shell"]) {
      const out = await run(file);
      const told = /exit code: (\d+)/.exec(out)?.[1];
      expect(told).toBeDefined();
      expect(out).toMatch(
        new RegExp(`^step \\d/\\d failed: exit code ${told}: "\\S+" (?:does not exist|not found)`, "m"),
      );
      expect(out).toContain("It could not be started; the code is the engine's own (a shell says 127).");
    }
    expect(await run("Dockerfile.mountfrom")).toMatch(/^ +2 \| >>> RUN --mount=type=bind,from=nostage/m);
  });
});
