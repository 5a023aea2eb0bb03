/** Lines with several steps and steps with several lines, by lines and in scripts; with inputs that people reported. */
import { expect, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { caseAt } from "../../support/fixtures.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

forEachEngine((engine) => {
  /** What is said about where the build stands, and about breakpoints. */
  async function told(name: string, ...lines: readonly string[]): Promise<readonly string[]> {
    const args = ["--ui=plain", caseAt(name)];
    const { stdout } = await runWithoutTerminal(engine, args, `${[...lines, "quit"].join("\n")}\n`);
    return stdout
      .split("\n")
      .map((line) => line.replace(/^\(bktui [^)]*\) /, ""))
      .filter((line) => /^(paused|breakpoint|step \d|line \d|the build|cannot)/.test(line));
  }

  test("finish stops at a breakpoint of the stage (docker/buildx#3484)", async () => {
    const said = await told("02-finish-breakpoint", "break 2", "break 4", "continue", "finish", "finish");
    expect(said.map((line) => line.replace(/:.*? \(/, " ("))).toEqual([
      "paused before step 1/8 · line 1 (also line 7) (entry)",
      "breakpoint 1 on line 2: RUN echo p1",
      "breakpoint 2 on line 4: RUN echo p3",
      "paused before step 2/8 · line 2 (breakpoint at line 2)",
      "paused before step 4/8 · line 4 (breakpoint at line 4)",
      "paused before step 7/8 · line 9 (step)",
    ]);
  });

  test("into goes to no place without a line (docker/buildx#3565)", async () => {
    const said = await told("03-into-context", "into", "into", "into", "into", "into");
    expect(said.map((line) => /^paused (?:before step \d\/\d · line \d|at the end)/.exec(line)?.[0])).toEqual(
      [
        "paused before step 1/5 · line 1",
        "paused before step 2/5 · line 2",
        "paused before step 3/5 · line 3",
        "paused before step 4/5 · line 4",
        "paused before step 5/5 · line 5",
        "paused at the end",
      ],
    );
  });

  test("triggers have their places, a breakpoint on one of them stays there", async () => {
    const said = await told(
      "28-onbuild-plain",
      "break 7",
      "break 8",
      "break 5",
      "break 12.2",
      "c",
      "to 12.4",
      "c",
    );
    expect(said).toEqual([
      "paused before step 1/7 · line 2: FROM busybox:1.36 AS parent (entry)",
      'breakpoint 1 on line 7: ONBUILD RUN echo "mode prod" > mode',
      "breakpoint 2 on line 8: ONBUILD RUN echo checking > checked && test -e index.html",
      "breakpoint 3 on line 5 runs nothing, moved to line 6: ONBUILD WORKDIR /www",
      "breakpoint 4 on line 12.2: ONBUILD WORKDIR /www",
      "paused before step 4/7 · line 12.2 (ONBUILD in line 6): ONBUILD WORKDIR /www (breakpoint at line 5)",
      'paused before step 5/7 · line 12.3 (ONBUILD in line 7): ONBUILD RUN echo "mode prod" > mode (breakpoint at line 7)',
      "paused before step 6/7 · line 12.4 (ONBUILD in line 8): ONBUILD RUN echo checking > checked && test -e index.html (breakpoint at line 8)",
    ]);
  });

  test("a trigger that fails is shown at its FROM and at its ONBUILD, all of its lines marked", async () => {
    const { exitCode, stderr } = await runWithoutTerminal(engine, ["--run", caseAt("28-onbuild-plain")]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("  12 | >>> FROM parent AS site\n  13 |     RUN ls\n");
    expect(stderr).toContain(
      "   8 | >>> ONBUILD RUN echo checking > checked \\\n   9 | >>>   && test -e index.html\n  10 |     RUN echo parent",
    );
    expect(stderr).toMatch(
      /^step 6\/7 failed: exit code 1.* · line 12\.4 \(ONBUILD in line 8\): ONBUILD RUN/m,
    );
    expect(stderr).toMatch(/^ {2}It is the trigger of line 8, which FROM parent in line 12 brings\.$/m);
    expect(stderr).not.toMatch(/comes from the image/);
  });

  const isNew = engine.keepsFailedState;
  test.runIf(isNew)("so are those that copy from a stage or are a heredoc (needs BuildKit 0.9)", async () => {
    const said = await told("28-onbuild", "break 6", "break 7", "break 8", "continue", "continue");
    expect(said.slice(1)).toEqual([
      "breakpoint 1 on line 6: ONBUILD COPY --from=assets /a /www",
      'breakpoint 2 on line 7: ONBUILD RUN <<EOT (echo "mode prod" > /www/mode...)',
      'breakpoint 3 on line 8: ONBUILD RUN <<EOT (echo "mode prod" > /www/mode...)',
      "paused before step 4/6 · line 13.1 (ONBUILD in line 6): ONBUILD COPY --from=assets /a /www (breakpoint at line 6)",
      'paused before step 5/6 · line 13.2 (ONBUILD in line 7): ONBUILD RUN <<EOT (echo "mode prod" > /www/mode...) (breakpoint at line 7)',
    ]);
  });

  test("a refused instruction is marked on all its lines", async () => {
    const { exitCode, stderr } = await runWithoutTerminal(engine, ["--run", caseAt("50-refused-over-lines")]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "   2 | >>> COPY --frm=x \\\n   3 | >>>   # why\n   4 | >>>   a \\\n   5 | >>>   b\n   6 |     RUN true\n",
    );
    expect(stderr).toMatch(/^bktui: line 2: COPY: unknown flag --frm, did you mean --from\?$/m);
  });
});
