import { describe, expect, it } from "vitest";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import {
  cacheBrokeAt,
  callersOf,
  isReproduced,
  keepsFailedState,
  makesOnlyBase,
  runningEdges,
  statesOf,
  stepViews,
} from "../../../../src/debugger/state/inspect.ts";
import type { StepId } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, fxProgram } from "../../../support/graphs.ts";

const fx = (): DebugDriver => DebugDriver.launched(fxProgram());
const sides = (driver: DebugDriver): readonly string[] =>
  fxProgram().steps.map(({ id }) => statesOf(driver.state, id).join("+"));

/** Reports that end at once. */
function reported(
  ...reports: readonly (readonly [id: string, how: "ran" | "cached" | "running" | "failed"])[]
): ProgressLog {
  const store = new ProgressLog();
  for (const [id, how] of reports) {
    store.apply({
      kind: "vertex",
      vertex: digestOf(id),
      name: id,
      startedMs: 10,
      completedMs: how === "running" ? undefined : 30,
      cached: how === "cached",
      error: how === "failed" ? "exit code: 1" : "",
    });
  }
  return store;
}

describe("BASE that is made after a failure", () => {
  const failedEarly = (facts: Parameters<typeof failureOf>[1]): DebugDriver =>
    fx().give("continue").failed(failureOf("last", facts));
  const only = (driver: DebugDriver): readonly boolean[] =>
    fxProgram().steps.map(({ id }) => makesOnlyBase(driver.state, id));

  it("will be the only state of a step that keeps no FAILED, and is asked for only there", () => {
    const driver = failedEarly({ exitCode: undefined, states: undefined });
    const last = fxProgram().steps.findIndex(({ vertex }) => vertex === digestOf("last"));
    expect(only(driver).flatMap((is, id) => (is ? [id] : []))).toEqual([last]);
    driver.give("make-base").solved();
    expect(statesOf(driver.state, last as StepId)).toEqual(["base"]);
    expect(only(driver)).not.toContain(true);
  });

  it("stands beside FAILED where that was kept, or can be reproduced", () => {
    expect(only(failedEarly({}))).not.toContain(true);
    expect(only(failedEarly({ states: undefined }))).not.toContain(true);
  });
});

describe("sides", () => {
  it("are BASE where the build stands, AFTER and BASE of what has run, none of what has not been reached", () => {
    const driver = fx();
    expect(sides(driver)).toEqual(["base", "", "", "", "", "", "", ""]);
    driver.give("next").solved();
    expect(sides(driver)).toEqual(["after+base", "base", "", "", "", "", "", ""]);
  });

  it("are FAILED and BASE at a failure, also where an engine keeps no states and the command can run again", () => {
    const kept = fx().give("continue").failed(failureOf("two"));
    expect(sides(kept)[6]).toBe("failed+base");
    const failure = failureOf("two", { states: undefined });
    expect(keepsFailedState(failure)).toBe(false);
    const reproduced = fx().give("continue").failed(failure);
    expect(sides(reproduced)[6]).toBe("failed+base");
    expect(isReproduced(reproduced.state, 6 as StepId, "failed")).toBe(true);
    expect(isReproduced(reproduced.state, 6 as StepId, "base")).toBe(false);
    expect(isReproduced(kept.state, 6 as StepId, "failed")).toBe(false);
    const neverRan = failureOf("two", { states: undefined, exitCode: undefined });
    expect(sides(fx().give("continue").failed(neverRan))[6]).not.toContain("failed");
    expect(statesOf(kept.state, 99 as StepId)).toEqual([]);
  });

  it("are AFTER and BASE of the last step when the build has finished", () => {
    const driver = fx().give("continue").solved();
    driver.apply({ kind: "outputs-made", token: driver.token, imageId: undefined });
    expect(sides(driver).at(-1)).toBe("after+base");
  });
});

describe("steps and lines", () => {
  it("show done, cached, running, failed and what waits", () => {
    const driver = fx().give("continue").failed(failureOf("two"));
    using progress = reported(["add", "cached"], ["install", "ran"], ["two", "failed"]);
    const views = stepViews(driver.state, progress);
    expect(views.map(({ status }) => status).join(" ")).toBe(
      "cached done cached cached cached cached failed waiting",
    );
    expect(views[1]).toMatchObject({ startedMs: 10, completedMs: 30, current: false });
    expect(views[6]).toMatchObject({ current: true, failure: { exitCode: 1 } });
  });

  it("show a running step while the build runs, and what a pause must hold", () => {
    const driver = fx().give("continue");
    using progress = reported(["add", "ran"], ["install", "running"]);
    expect(stepViews(driver.state, progress)[1]?.status).toBe("running");
    expect(runningEdges(fxProgram(), progress)).toEqual([edgeOf("install")]);
  });

  it("name the callers, nearest first", () => {
    const driver = fx();
    driver.runTo(9).solved().give("into").solved();
    expect(callersOf(driver.state).map(({ start }) => start)).toEqual([9]);
  });

  it("name the first step that missed the cache", () => {
    using cached = reported(["add", "cached"], ["install", "cached"]);
    expect(cacheBrokeAt(fxProgram(), cached)).toBeUndefined();
    using missed = reported(["add", "cached"], ["src", "ran"], ["install", "cached"], ["dir", "ran"]);
    expect(cacheBrokeAt(fxProgram(), missed)?.start).toBe(5);
  });
});
