/** The screen at a line that stands for several steps: what it opens, marks and names is that of the one it stands at. */
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { caseAt } from "../support/fixtures.ts";
import { SIZES } from "../support/fx.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

interface Size {
  readonly columns: number;
  readonly rows: number;
}

async function triggers(engine: TestEngine, size: Size): Promise<Terminal & AsyncDisposable> {
  const context = await busyboxContext({ fixture: caseAt("28-onbuild-plain") });
  const terminal = await Terminal.start({ engine, ...size, args: [context.path] });
  const end = terminal[Symbol.asyncDispose].bind(terminal);
  terminal[Symbol.asyncDispose] = async () => {
    await end();
    await context[Symbol.asyncDispose]();
  };
  await terminal.untilRow(1, /LOADED/);
  return terminal;
}

/** Runs a command in the shell that has the keyboard; leaves it. */
async function inShell(terminal: Terminal, command: string, answer: RegExp): Promise<void> {
  terminal.type(`${command}\r`);
  await terminal.until(answer);
  terminal.key("Ctrl-]");
  await terminal.until((rows) => !rows.some((row) => /SHELL: every key/.test(row)));
}

const LIST = "echo in=$(ls -A /www | tr '\\n' ,)";

forEachEngine((engine) => {
  test.each(SIZES)(
    "paused before a trigger: the shell, the marks and the place are its own (%s)",
    async (_, size) => {
      await using terminal = await triggers(engine, size);
      // A breakpoint on the trigger's own line stays there.
      terminal.type(":7\rb");
      await terminal.until(/^● {4}7 {3}ONBUILD RUN echo "mode/m);
      terminal.type("c");
      await terminal.untilRow(1, /PAUSED before step 5\/7 · line 12\.3$/);
      await terminal.until(/^ > {2}12 · FROM parent AS site +3\/4 next/m);
      await terminal.until(/Source \][─ ]+site · line 12\/\d+ · step 3 of 4 here ─/);
      terminal.type("!");
      await terminal.untilCursor(/^root@5\/7 BASE \/www #$/, "root@5/7 BASE /www # x".length);
      await inShell(terminal, LIST, /^in=site\.css,$/m);
      // The state of another trigger of the line is chosen with the keys that go from step to step.
      terminal.type("1[");
      await terminal.until(/ · step 2 of 4 here ─/);
      terminal.type("1]]");
      await terminal.until(/ · step 4 of 4 here ─/);
      terminal.type("!");
      await terminal.until(/this step has not been reached/);
    },
  );

  test.each(SIZES)(
    "failed at a trigger: FAILED and BASE are its own, and so are the marks (%s)",
    async (_, size) => {
      await using terminal = await triggers(engine, size);
      terminal.type("c");
      await terminal.untilRow(1, /FAILED step 6\/7 · exit code 1 · line 12\.4$/);
      await terminal.until(/^ > {2}12 ✗ FROM parent AS site +4\/4 exit 1/m);
      await terminal.until(/It is the trigger of line 8, which FROM parent in line 12 brings\./);
      await terminal.until(/e {2}edit line 8/);
      terminal.type("!");
      await terminal.untilCursor(/^root@6\/7 FAILED \/www #$/, "root@6/7 FAILED /www # x".length);
      await inShell(terminal, LIST, /^in=checked,mode,site\.css,$/m);
      terminal.type("x!");
      await terminal.untilCursor(/^root@6\/7 BASE \/www #$/, "root@6/7 BASE /www # x".length);
      await inShell(terminal, LIST, /^in=mode,site\.css,$/m);
      terminal.type("1d");
      // Where no FAILED is kept, its files are in the shell only.
      await terminal.until(engine.keepsFailedState ? /\+ ?.*checked/ : /keeps no FAILED state/);
      terminal.type("18");
      await terminal.until(/line +12\.4 \(of 4\), ONBUILD in line 8/);
      if (size.rows > 24) await terminal.until(/^ > {3}8 ✗ ONBUILD RUN echo checking > checked \\ +exit 1/m);
    },
  );

  test("a refused instruction is marked on all its lines", async () => {
    await using context = await busyboxContext({ fixture: caseAt("50-refused-over-lines") });
    await using terminal = await Terminal.start({ engine, args: [context.path] });
    await terminal.untilRow(1, /ERROR line 2$/);
    const rows = await terminal.until(/\^ COPY: unknown flag --frm/);
    const marked = rows.flatMap((row) => /^ +(\d) ✗/.exec(row)?.[1] ?? []);
    expect(marked).toEqual(["2", "3", "4", "5"]);
  });
});
