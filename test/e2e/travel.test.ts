/** The position moves over what has run: on the screen and in lines. */
import { expect, test } from "vitest";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { ServedBuild } from "../support/served-build.ts";

/** Breakpoint, position, line and mark of the rows of the source that have a position. */
function places(rows: readonly string[]): readonly string[] {
  return rows.flatMap((row) => /^[ ●]([>@]) +(\d+) (\S)/.exec(row)?.slice(1).join(" ") ?? []);
}

forEachEngine((engine) => {
  test("the position goes back from a failure, into a state, and on again to the failure's shell, in 80x24", async () => {
    await using fx = await Fx.inShell(engine, { columns: 80, rows: 24, unique: true });
    const { terminal } = fx;
    terminal.type("kept=mine-$((40 + 2))\r");
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1 · line 10$/);
    terminal.type("1<");
    await terminal.untilRow(1, /BACK at step 6\/8 · line 9 · from step 7, which failed$/);
    expect(places(terminal.screen())).toEqual(["> 9 ✓", "@ 10 ✗"]);
    expect(terminal.row(24)).toMatch(/^ < back {2}n next {2}\( reverse {2}c continue {2}J go to/);
    terminal.type("<<");
    await terminal.untilRow(1, /BACK at step 4\/8 · line 6 · from step 7, which failed$/);
    terminal.type("!");
    await fx.prompt("AFTER");
    terminal.type("cat a.txt; ls /app\r");
    await terminal.until(/^one\n(?:.*\n)*?ls: \/app: No such file/m);
    terminal.key("Ctrl-]");
    terminal.type("1(");
    await terminal.untilRow(1, /BACK at step 1\/8 · line 2 · from step 7, which failed$/);
    terminal.type("<");
    await terminal.until(/<: this is the first step/);
    terminal.type("n");
    await terminal.untilRow(1, /BACK at step 2\/8 · line 3 · from step 7, which failed$/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1 · line 10$/);
    terminal.type("!");
    await fx.prompt("FAILED");
    terminal.type("echo again $kept\r");
    await terminal.until(/^again mine-42$/m);
  });

  test("lines say where the position is and where the build, and go on from there", async () => {
    await using fx = await Fx.open(engine, { args: ["--ui=plain", "--run"], columns: 160, unique: true });
    const { terminal } = fx;
    await terminal.until(/^\(bktui 7\/8 failed\)$/m);
    terminal.type("back\r");
    await terminal.until(
      /^paused at step 6\/8 · line 9: COPY --from=lib .* \(back from step 7, which failed\)\nshell opens AFTER, swap changes to BASE\n\(bktui 6\/8 past\)$/m,
    );
    terminal.type("goto 6\r");
    await terminal.until(/^\(bktui 4\/8 past\)$/m);
    terminal.type("steps\r");
    await terminal.until(/^> +4\/8 done [\s\S]*^@ +7\/8 failed, exit 1 /m);
    terminal.type("goto 11\r");
    await terminal.until(/^goto: line 11 has not run yet: it has no state$/m);
    // An empty line does the same again.
    for (const [word, step] of [
      ["rn", 3],
      ["", 2],
      ["rc", 1],
    ] as const) {
      terminal.type(`${word}\r`);
      await terminal.until(new RegExp(`^\\(bktui ${step}/8 past\\)$`, "m"));
    }
    terminal.type("reverse\r");
    await terminal.until(/^reverse-continue: this is the first step$/m);
    terminal.type("break 5\r");
    await terminal.until(/^breakpoint 1 on line 5.*\n\(bktui 1\/8 past\)$/m);
    terminal.type("continue\r");
    await terminal.until(
      /^paused at step 3\/8 · line 5: WORKDIR \/src \(breakpoint at line 5, back from step 7, which failed\)$/m,
    );
    terminal.type("continue\r");
    await terminal.until(
      /^\(bktui 3\/8 past\) continue\n[\s\S]*^step 7\/8 failed[^\n]*\n.*\n\(bktui 7\/8 failed\)$/m,
    );
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });
});

test("a shell on a terminal of its own follows the position, and finds the failure's shell again", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("there is no engine");
  await using served = await ServedBuild.start(engine);
  await served.command("continue");
  await using terminal = await served.shell();
  await terminal.until(/FAILED \/app #$/m);
  terminal.type("kept=mine; echo first $((40 + 2))\r");
  await terminal.until(/^first 42$/m);
  await served.command("back");
  await terminal.until(/AFTER \/app #$/m);
  terminal.type("cat a.txt; ls b.txt\r");
  await terminal.until(/^one\n(?:.*\n)*?ls: b\.txt: No such file/m);
  await served.command("continue");
  await terminal.until(/^— AFTER [\s\S]*^— FAILED /m);
  terminal.type("echo again $kept\r");
  await terminal.until(/^again mine$/m);
});
