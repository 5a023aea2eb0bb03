import { expect, test } from "vitest";
import { BaseFirst } from "../../../src/console/base-first.ts";
import { readLine } from "../../../src/console/read-command.ts";
import { ProgressLog } from "../../../src/debugger/progress/progress-log.ts";
import { statesOf } from "../../../src/debugger/state/inspect.ts";
import { DebugDriver, failureOf } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";

/** Stands at a failure of the last step that came before the steps above had run; answers with what a word did. */
function early(facts: Parameters<typeof failureOf>[1]): (word: string) => readonly unknown[] {
  return (word) => {
    const driver = DebugDriver.launched(fxProgram()).give("continue").failed(failureOf("last", facts));
    const said: string[] = [];
    const debug = {
      state: driver.state,
      progress: new ProgressLog(),
      states: (step: Parameters<typeof statesOf>[1]) => statesOf(driver.state, step),
      dispatch: (command: Parameters<DebugDriver["give"]>[0]) => void driver.give(command),
    };
    const reading = readLine(word);
    if (reading.kind !== "command") throw new Error(`${word}: no command`);
    const holds = new BaseFirst(debug, (line) => said.push(line)).holds(reading.command);
    return [holds, driver.where, ...said];
  };
}

test("swap does not run the steps above where BASE will be the only state", () => {
  const give = early({ exitCode: undefined, states: undefined });
  for (const word of ["swap", "x"])
    expect(give(word)).toEqual([
      true,
      "paused before 11 (exception)",
      "swap: BASE will be the only state of step 8; shell runs the steps above it and opens it",
    ]);
  for (const word of ["shell", "changes", "files", "diff /x"])
    expect(give(word)).toEqual([
      true,
      "running to before 11",
      "BASE of step 8 is made first: the steps above it run; Ctrl-C or cancel stops that",
    ]);
  expect(give("steps")).toEqual([false, "paused before 11 (exception)"]);
});

test("nothing waits where a FAILED was kept: the steps above have run then", () => {
  for (const word of ["swap", "shell"])
    expect(early({})(word)).toEqual([false, "paused before 11 (exception)"]);
});
