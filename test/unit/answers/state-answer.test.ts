import { expect, test } from "vitest";
import type { StateAnswer } from "../../../src/answers/answers.ts";
import { STATE } from "../../../src/answers/schema/results.ts";
import { errorAnswer, stateAnswer } from "../../../src/answers/state-answer.ts";
import { BktuiError } from "../../../src/base/errors.ts";
import { ProgressLog } from "../../../src/debugger/progress/progress-log.ts";
import { Refused } from "../../../src/debugger/remedies.ts";
import { DebugDriver, failureOf } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";
import { strictly } from "../../support/json-schema.ts";

const problemsOf = strictly(STATE);

/** Where a build stands, as the schema describes it. */
function stateOf(driver: DebugDriver): StateAnswer {
  const facts = { state: driver.state, progress: new ProgressLog(), explanation: undefined };
  const answer = stateAnswer({ ...facts, shown: undefined, notes: [] });
  expect(problemsOf(answer)).toEqual([]);
  return answer;
}

test("a state says where the build stands, why, and what is left", () => {
  expect(stateOf(new DebugDriver())).toMatchObject({
    status: "loading",
    threads: 1,
    running: [],
    states: [],
  });
  const driver = DebugDriver.launched(fxProgram());
  expect(stateOf(driver)).toMatchObject({
    status: "loaded",
    why: { kind: "entry" },
    at: { step: 1, of: 8, where: "before" },
    counts: { steps: 8, waiting: 8 },
  });
  driver.give("continue");
  expect(stateOf(driver)).toMatchObject({ status: "running" });
  expect(stateOf(driver)).not.toHaveProperty("asked", "pause");
  expect(stateOf(driver.failed(failureOf("last", {})))).toMatchObject({
    status: "failed",
    why: { kind: "exception" },
    at: { line: 11 },
    failure: { step: 8, exitCode: 1, message: "last failed", log: { total: 0, lines: [] } },
  });
});

test("an earlier stop says where the build really is", () => {
  const driver = DebugDriver.launched(fxProgram()).give("continue").failed(failureOf("two", {}));
  expect(stateOf(driver)).not.toHaveProperty("live", expect.anything());
  expect(stateOf(driver.goTo(3))).toMatchObject({
    status: "paused",
    why: { kind: "travel" },
    at: { step: 2, where: "before" },
    states: ["after", "base"],
    words: expect.stringContaining("at step 2/8 · line 3"),
    live: {
      status: "failed",
      words: "step 7, which failed",
      at: { step: 7, line: 10, where: "before" },
      why: { kind: "exception" },
    },
  });
  expect(stateOf(driver).words).toMatch(/\(back from step 7, which failed\)$/);
});

test("an error has its code, and the commands that help as they are typed", () => {
  const refused = new Refused("not-now", "it is away", {
    hint: "wait",
    remedies: [
      { command: "rerun", does: "runs it again" },
      { command: "secret", argument: "id=token,src=PATH", does: "gives it" },
      { command: "edit", does: "is for the screen alone" },
    ],
  });
  expect(errorAnswer(refused)).toEqual({
    code: "not-now",
    message: "it is away",
    hint: "wait",
    remedies: [
      { command: "rerun", does: "runs it again" },
      { command: "secret id=token,src=PATH", does: "gives it" },
    ],
  });
  expect(errorAnswer(new BktuiError("io", "no"))).toMatchObject({ code: "io", remedies: [] });
});
