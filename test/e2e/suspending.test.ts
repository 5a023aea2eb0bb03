/** Ctrl-Z in a job-control shell, while the build does what it does. */
import { expect, test, vi } from "vitest";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { processesOf, running } from "../support/processes.ts";
import { SITUATIONS, type Situation, type SituationName, situationsOn } from "../support/situations.ts";

const WITHIN = { timeout: 15_000, interval: 50 };

/** What shows that the screen is back. */
const BACK: Readonly<Record<SituationName, RegExp>> = {
  "at a stop": /^.* LOADED · nothing has run yet\n/,
  "in a running step": /^.* RUNNING step 2\/2/,
  "at a question": /will be cancelled/,
  "in a shell": /SHELL/,
};

/** The program is as useful as before; a step that went on has come to its end while nobody looked. */
const USEFUL: Readonly<Record<SituationName, (situation: Situation) => Promise<void>>> = {
  "at a stop": async ({ fx: { terminal } }) => {
    await terminal.untilRow(1, /LOADED · nothing has run yet$/);
    terminal.type("n");
    await terminal.untilRow(1, /PAUSED before step 2\/8/);
  },
  "in a running step": async ({ fx: { terminal } }) => {
    await terminal.untilRow(1, /FINISHED/);
  },
  "at a question": async ({ fx: { terminal } }) => {
    await terminal.until(/will be cancelled/);
    terminal.key("Escape");
    await terminal.untilRow(1, /FINISHED/);
  },
  "in a shell": async ({ fx: { terminal } }) => {
    await terminal.untilRow(1, /FAILED/);
    terminal.type("!");
    await terminal.until(/SHELL/);
    terminal.key("Ctrl-C");
    terminal.type("echo still $((40 + 2))\r");
    await terminal.until(/^still 42$/m);
  },
};

const [newest] = testEngines();

forEachEngine((engine) => {
  test.each(situationsOn(engine, newest))(
    "R10 · stopped %s, the shell has its terminal, fg brings the screen back, and the build does not notice",
    async (name) => {
      await using situation = await SITUATIONS[name](engine, { jobControl: true });
      const { terminal } = situation.fx;
      process.kill(await terminal.pid(), "SIGTSTP");
      await expectOrdinary(situation);
      terminal.callBack();
      await terminal.until(BACK[name]);
      expect(await terminal.settings()).toMatch(/ -icanon .* -echo /s);
      // A shell gets Ctrl-Z itself.
      if (name === "in a shell") terminal.key("Ctrl-]");
      terminal.key("Ctrl-Z");
      await expectOrdinary(situation);
      if (name !== "in a shell") await end(situation.command);
      terminal.callBack();
      await USEFUL[name](situation);
      expect(await terminal.settings()).toMatch(/ -icanon .* -echo /s);
    },
  );
});

async function expectOrdinary({ fx: { terminal }, command }: Situation): Promise<void> {
  expect(await terminal.stopped()).toBe("same");
  expect(terminal.modesLeftOn()).toEqual([]);
  if (command !== undefined) expect(running(command)).toBeGreaterThan(0);
}

async function end(command: string | undefined): Promise<void> {
  if (command === undefined) return;
  for (const pid of processesOf(command)) process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(running(command)).toBe(0), WITHIN);
}
