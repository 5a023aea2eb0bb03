/** What is said before shells are ended: the edit that a rerun takes, and what is lost. */
import { describe, expect, test } from "vitest";
import { type LossQuestion, lossWords, mayRerun, quitLosses } from "../../../src/console/losses.ts";
import { editLines } from "../../../src/console/rerun-question.ts";
import { type OpenState, type StateShell, statesInUse } from "../../../src/debugger/shells/open-state.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { DebugDriver } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";
import { HandDebugger } from "../../support/screen-fixture.ts";

const { signal } = new AbortController();

/** A state of the fixture; its shell has ended, or is about to be there. */
function open(
  number: number,
  side: StateSide,
  { used, alive }: { used: boolean; alive: boolean },
): OpenState {
  const step = fxProgram().steps[number - 1];
  if (step === undefined) throw new Error(`there is no step ${number}`);
  const shell: StateShell = {
    step,
    side,
    isDebugRoot: false,
    phase: alive
      ? { kind: "opening" }
      : { kind: "ended", display: undefined, code: 0, kept: true, taken: undefined },
    settled: Promise.resolve(),
  };
  return { step, side, isDebugRoot: false, shells: [shell], container: undefined, used };
}

describe("what is lost with shells", () => {
  test("programs are named with their state, files in one sentence", () => {
    const failed = { step: 6, side: "failed" } as const;
    expect(lossWords([])).toEqual([]);
    expect(lossWords([{ ...failed, programs: [], files: true }])).toEqual([
      "What was changed in the shell on FAILED of step 7 is lost.",
    ]);
    expect(
      lossWords([
        { step: 1, side: "base", programs: ["vi"], files: false },
        { step: 4, side: "after", programs: [], files: true },
        { ...failed, programs: ["top", "sleep", "sh"], files: true },
      ]),
    ).toEqual([
      "vi is running in the shell on BASE of step 2 and will be ended.",
      "top, sleep and sh are running in the shell on FAILED of step 7 and will be ended.",
      "What was changed in the shells on AFTER of step 5 and FAILED of step 7 is lost.",
    ]);
  });

  test("a state that only has shells that ended is not in use: its user gave it up", () => {
    const left = open(7, "failed", { used: true, alive: false });
    const used = open(7, "base", { used: true, alive: true });
    expect(statesInUse([left, used])).toEqual([used]);
  });

  test("quitting loses the running step and what was used", async () => {
    const debug = new HandDebugger();
    const states = [
      open(7, "failed", { used: true, alive: true }),
      open(7, "base", { used: false, alive: true }),
      open(3, "after", { used: true, alive: false }),
    ];
    const loss = "What was changed in the shell on FAILED of step 7 is lost.";
    expect(await quitLosses(debug, states)).toEqual([loss]);
    debug.state = DebugDriver.launched(fxProgram()).give("next").state;
    expect(await quitLosses(debug, states)).toEqual(["The build is running and will be cancelled.", loss]);
  });

  test("a rerun asks only when something is lost, with what was edited", async () => {
    const asked: LossQuestion[] = [];
    const ask = async (question: LossQuestion): Promise<boolean> => {
      asked.push(question);
      return false;
    };
    const edit = async (): Promise<readonly string[]> => ["edited"];
    expect(await mayRerun([open(7, "base", { used: false, alive: true })], edit, ask)).toBe(true);
    expect(asked).toEqual([]);
    expect(await mayRerun([open(7, "base", { used: true, alive: true })], edit, ask)).toBe(false);
    expect(asked).toEqual([
      {
        title: "Rerun?",
        about: ["edited"],
        lost: ["What was changed in the shell on BASE of step 7 is lost."],
      },
    ]);
  });
});

describe("the edit that a rerun takes", () => {
  test("lines are shown with their numbers in either text", async () => {
    const before = ["FROM scratch", "COPY a b", "RUN false"];
    const after = ["FROM scratch", "COPY a b", "RUN true", "RUN echo", ""];
    expect(await editLines(before, after, { of: undefined, signal })).toEqual([
      "The Dockerfile changed on disk:",
      "-    3  RUN false",
      "+    3  RUN true",
      "+    4  RUN echo",
      "What stands above line 3 did not change.",
    ]);
  });

  test("nothing is told when nothing was edited or the file cannot be read", async () => {
    expect(await editLines(["FROM scratch"], ["FROM scratch", ""], { of: undefined, signal })).toEqual([]);
    expect(await editLines(["FROM scratch"], undefined, { of: undefined, signal })).toEqual([]);
  });

  test("what has no room is counted", async () => {
    const after = Array.from({ length: 20 }, (_, index) => `RUN ${index}`);
    const lines = await editLines([], after, { of: undefined, signal });
    expect(lines.filter((line) => line.startsWith("+"))).toHaveLength(6);
    expect(lines).toContain("… 14 more");
  });
});
