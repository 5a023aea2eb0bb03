/** What was done in a shell is not lost without a question, and both front ends ask it in the same words. */
import { expect, test } from "vitest";
import { lossWords } from "../../src/console/losses.ts";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import type { Terminal } from "../support/terminal.ts";

const [LOSS = ""] = lossWords([{ step: 6, side: "failed", programs: [], files: true }]);
const RUN = "RUN echo two >> a.txt && echo junk > b.txt &&";
const EDIT = [`-   10  ${RUN} false`, `+   10  ${RUN} true`];

async function edited(fx: Fx): Promise<void> {
  await fx.edit((text) => text.replace("&& false", "&& true"));
}

/** Leaves the shell when it has printed a line with the word. */
async function useShell({ terminal }: Fx, what: string, word: string): Promise<void> {
  terminal.type(`${what}\r`);
  await terminal.until((rows) => rows.includes(word));
  terminal.key("Ctrl-]");
}

async function untilAll(terminal: Terminal, wanted: readonly string[]): Promise<void> {
  await terminal.until((rows) => wanted.every((each) => rows.some((row) => row.includes(each))));
}

forEachEngine((engine) => {
  test("the screen asks before a rerun, with the edit, and before it quits", async () => {
    await using fx = await Fx.inShell(engine, { columns: 120, rows: 40 });
    const { terminal } = fx;
    await edited(fx);
    await useShell(fx, "echo mine > /mark; echo ma''de", "made");
    terminal.type("r");
    await untilAll(terminal, ["Rerun?", LOSS, ...EDIT]);
    await terminal.press("n", (rows) => !rows.join("").includes(LOSS));
    terminal.key("Ctrl-]");
    await fx.prompt("FAILED");
    await useShell(fx, "cat /mark", "mine");
    terminal.type("q");
    await untilAll(terminal, ["Quit?", LOSS]);
    // An answer that comes too soon after the question is none.
    await terminal.press("y", (rows) => !rows.join("").includes("Quit?"));
    expect((await terminal.left()).exitCode).toBe(1);
  });

  test("the line mode asks for the same, and goes on when the shells are to stay", async () => {
    await using fx = await Fx.open(engine, { args: ["--ui=plain"], columns: 240, rows: 60 });
    const { terminal } = fx;
    terminal.type("c\r");
    await terminal.until(/^\(bktui 7\/8 failed\)$/m);
    await edited(fx);
    terminal.type("!\r");
    await terminal.until(/^root@7\/8 FAILED \/app #$/m);
    await useShell(fx, "echo mine > /mark; echo ma''de", "made");
    await terminal.until(/^left the shell on /m);
    terminal.type("r\r");
    await untilAll(terminal, [`${LOSS} Rerun? (y/n)`, ...EDIT]);
    // A program without a shell sees the same files.
    terminal.type("n\r");
    await terminal.until(/^\(bktui 7\/8 failed\)$/m);
    terminal.type("exec cat /mark\r");
    await terminal.until(/^mine\nthe program on FAILED of step 7\/8 exited with 0$/m);
    terminal.type("!\r");
    await terminal.until(/, as it was left; Ctrl-\] returns$/m);
    await useShell(fx, "sed s/m/M/ /mark", "Mine");
    await terminal.until((rows) => rows.filter((row) => row.startsWith("left the shell on ")).length === 2);
    terminal.type("q\r");
    await untilAll(terminal, [`${LOSS} Quit? (y/n)`]);
    terminal.type("n\r");
    await terminal.until(/Quit\? \(y\/n\) n\n\(bktui 7\/8 failed\)$/m);
    terminal.type("r\r");
    await terminal.until((rows) => rows.filter((row) => row.endsWith(`${LOSS} Rerun? (y/n)`)).length === 1);
    terminal.type("y\r");
    await terminal.until(/^attempt 2$/m);
    await terminal.until(/^paused before step 7\/8 /m);
    // The shells are those of the attempt before.
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });
});
