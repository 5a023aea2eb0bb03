/** Steps that failed in parallel: which they are, and standing at one after the other. */
import { describe, expect, it } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import type { DebugState } from "../../../../src/debugger/debugger.ts";
import { cancelledSteps, failedSteps, wantedFailure } from "../../../../src/debugger/failures/failures.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import { statesOf, stepView } from "../../../../src/debugger/state/inspect.ts";
import type { StepId } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, makeProgram } from "../../../support/graphs.ts";

const program = makeProgram(
  "FROM scratch AS base\nRUN a\nFROM base AS one\nRUN b\nFROM base AS two\nRUN c\nRUN d\nFROM base\nCOPY --from=one / /\nCOPY --from=two / /\n",
  [
    { id: "a", at: [2] },
    { id: "b", on: "a", at: [4] },
    { id: "context", kind: "source" },
    { id: "c", kind: "file", on: "a", uses: ["context"], at: [6] },
    { id: "d", on: "c", at: [7] },
    { id: "copy1", kind: "file", on: "a", uses: ["b"], at: [9] },
    { id: "copy2", kind: "file", on: "copy1", uses: ["d"], at: [10] },
  ],
);
const [ONE, TWO] = [1, 2] as StepId[] as [StepId, StepId];

/** Stopped at line 4; the engine has reported more. */
function stopped(): DebugDriver {
  return DebugDriver.launched(program, { run: true }).failed(failureOf("b", { exitCode: 4 }), ["a"]);
}

function reports(...ended: readonly (readonly [id: string, error: string])[]): ProgressLog {
  const progress = new ProgressLog();
  for (const [id, error] of ended) {
    const times = { startedMs: 1, completedMs: 2, cached: false };
    progress.apply({ kind: "vertex", vertex: digestOf(id), name: id, ...times, error });
  }
  return progress;
}

function executionIn({ phase }: DebugState) {
  if (phase.kind !== "paused") throw new Error(`it is ${phase.kind}`);
  return phase.execution;
}

describe("the failures of a build", () => {
  it("are what failed by itself, in reading order, without what was cancelled or interrupted", () => {
    const execution = executionIn(stopped().state);
    const failed = reports(["c", "exit code: 5"], ["b", "exit code: 4"], ["d", "context canceled"]);
    expect(failedSteps(execution, failed).map(({ id }) => id)).toEqual([ONE, TWO]);
    expect(cancelledSteps(execution, failed).map(({ start }) => start)).toEqual([7]);
    // BuildKit 0.8 says this of a file op that was interrupted before.
    const stuck = reports(["c", "duplicate output 0"]);
    expect(failedSteps(execution, stuck).map(({ id }) => id)).toEqual([ONE]);
    expect(cancelledSteps(execution, stuck).map(({ id }) => id)).toEqual([TWO]);
  });

  it("count for the step that needed what could not be fetched", () => {
    const execution = executionIn(stopped().state);
    const ids = failedSteps(execution, reports(["context", "no such directory"])).map(({ id }) => id);
    expect(ids).toEqual([ONE, TWO]);
  });

  it("are asked for by direction, around the ends, or by number", () => {
    const { state } = stopped();
    const both = reports(["c", "exit code: 5"], ["b", "exit code: 4"]);
    expect(wantedFailure(state, both, "next")).toBe(TWO);
    expect(wantedFailure(state, both, "previous")).toBe(TWO);
    expect(wantedFailure(state, both, { number: 2 })).toBe(ONE);
    expect(() => wantedFailure(state, both, { number: 4 })).toThrow("step 4 has not failed; failed: 2, 3");
    expect(() => wantedFailure(state, reports(["b", "exit code: 4"]), "next")).toThrow("only this step");
  });
});

describe("another failure", () => {
  const other = failureOf("c", { exitCode: 5 });

  it("is asked for from the engine while the build stands, and then stood at with its states", () => {
    const driver = stopped().give({ kind: "show-failure", step: TWO });
    expect(driver.where).toBe("paused before 4 (exception)");
    expect(driver.effects).toEqual([{ kind: "solve", token: driver.state.token, edges: [edgeOf("c")] }]);
    driver.apply({ kind: "solve-failed", token: driver.state.token, failure: other });
    expect(driver.where).toBe("paused before 6 (exception)");
    expect(statesOf(driver.state, ONE)).toEqual(["failed", "base"]);
    expect(statesOf(driver.state, TWO)).toEqual(["failed", "base"]);
    expect(stepView(driver.state, ONE, new ProgressLog())?.failure?.exitCode).toBe(4);
  });

  it("that is known is stood at without asking", () => {
    const driver = stopped().give({ kind: "show-failure", step: TWO });
    driver.apply({ kind: "solve-failed", token: driver.state.token, failure: other });
    driver.give({ kind: "show-failure", step: ONE });
    expect([driver.where, driver.effects]).toEqual(["paused before 4 (exception)", []]);
    driver.give({ kind: "show-failure", step: TWO });
    expect([driver.where, driver.effects]).toEqual(["paused before 6 (exception)", []]);
  });

  it("that the engine does not tell leaves the build where it stands, and counts as a stop", () => {
    for (const answer of [
      { kind: "solved" },
      { kind: "cancelled", completed: [] },
      { kind: "solve-broken", error: new BktuiError("engine", "odd") },
      { kind: "solve-failed", failure: failureOf("b") },
    ] as const) {
      const driver = stopped().give({ kind: "show-failure", step: TWO });
      const { stops, token } = driver.state;
      driver.apply({ ...answer, token });
      expect([driver.where, driver.state.stops]).toEqual(["paused before 4 (exception)", stops + 1]);
    }
  });

  it("is no longer asked for when the build is left or run again", () => {
    for (const command of ["quit", "rerun"] as const) {
      const driver = stopped().give({ kind: "show-failure", step: TWO });
      const { token } = driver.state;
      expect(driver.give(command).effects[0]).toEqual({ kind: "cancel", token });
    }
  });

  it("whose base has not been made is shown without it", () => {
    const step = 3 as StepId;
    const driver = stopped().give({ kind: "show-failure", step });
    const failure = failureOf("d", { states: undefined, exitCode: undefined });
    driver.apply({ kind: "solve-failed", token: driver.state.token, failure });
    expect(driver.where).toBe("paused before 7 (exception)");
    expect(driver.give("make-base").where).toBe("running to before 7");
  });

  it("can be asked for only while a step has failed", () => {
    const driver = DebugDriver.launched(program);
    expect(driver.refusal({ kind: "show-failure", step: ONE })).toBe("no step has failed");
    driver.give("continue");
    expect(driver.refusal({ kind: "show-failure", step: ONE })).toMatch("a step is running");
  });
});
