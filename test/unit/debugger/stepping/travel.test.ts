/** Moving the position over what has run, driven by hand: back, to any of it, and on again. */
import { describe, expect, it } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { failureOfStep, statesOf } from "../../../../src/debugger/state/inspect.ts";
import { isInThePast } from "../../../../src/debugger/state/live.ts";
import type { StepId } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { fxProgram } from "../../../support/graphs.ts";

type Motion = Parameters<DebugDriver["give"]>[0];

/** Failed at line 10, step 7 of 8. */
function failed(lines: readonly number[] = []): DebugDriver {
  const driver = DebugDriver.launched(fxProgram(), { lines });
  driver.give("continue");
  while (driver.state.phase.kind === "running" && driver.where !== "running to the end")
    driver.solved().give("continue");
  return driver.failed(failureOf("two", { exitCode: 3 }));
}

function finished(): DebugDriver {
  const driver = DebugDriver.launched(fxProgram()).give("continue").solved();
  return driver.apply({ kind: "outputs-made", token: driver.token, imageId: "sha256:1" });
}

/** Nothing may be asked of the engine on the way. */
function places(driver: DebugDriver, ...commands: readonly Motion[]): readonly string[] {
  return commands.map((command) => {
    driver.give(command);
    expect(driver.effects).toEqual([]);
    return driver.where;
  });
}

function times(count: number, command: Motion): readonly Motion[] {
  return Array.from({ length: count }, () => command);
}

describe("back", () => {
  it("goes to each step before in reading order, over stages", () => {
    const driver = failed();
    expect(places(driver, ...times(6, "back"))).toEqual([
      "paused before 9 (travel)",
      "paused before 8 (travel)",
      "paused before 6 (travel)",
      "paused before 5 (travel)",
      "paused before 3 (travel)",
      "paused before 2 (travel)",
    ]);
    expect(driver.refusal("back")).toBe("this is the first step");
    expect(driver.refusal("reverse-continue")).toBe("this is the first step");
  });

  it("counts a stop each time and no hits, and remembers the failure", () => {
    const driver = failed([5]);
    const { stops } = driver.state;
    const { hits } = driver.breakpoint();
    places(driver, "back", "back", "back", "back");
    expect(driver.where).toBe("paused before 5 (breakpoint)");
    expect(driver.state.stops).toBe(stops + 4);
    expect(driver.breakpoint().hits).toBe(hits);
    expect(failureOfStep(driver.state, 6 as StepId)?.exitCode).toBe(3);
    expect(statesOf(driver.state, 6 as StepId)).toEqual(["failed", "base"]);
    expect(statesOf(driver.state, 2 as StepId)).toEqual(["after", "base"]);
  });

  it("goes from a stop that nothing failed at, and from the end of a stage", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.give("next").solved().give("next").solved();
    expect(driver.where).toBe("paused end of base (step)");
    expect(places(driver, "back", "back", "next", "next")).toEqual([
      "paused before 3 (travel)",
      "paused before 2 (travel)",
      "paused before 3 (travel)",
      "paused end of base (step)",
    ]);
  });

  it("is refused where nothing has run, while something runs, and where nothing stands", () => {
    const driver = DebugDriver.launched(fxProgram());
    for (const command of ["back", "reverse-continue"] as const)
      expect(driver.refusal(command)).toBe("nothing has run yet");
    driver.give("next");
    for (const command of ["back", "reverse-continue"] as const)
      expect(driver.refusal(command)).toBe("a step is running");
    driver.broken(new BktuiError("engine", "odd"));
    expect(driver.refusal("back")).toBe("the build could not go on");
  });
});

describe("going on again", () => {
  it("steps over what has run, stage by stage, to the failure with its own reason", () => {
    const driver = failed();
    const failure = driver.state.phase.kind === "paused" ? driver.state.phase.reason : undefined;
    places(driver, ...times(6, "back"));
    expect(places(driver, ...times(8, "next"))).toEqual([
      "paused before 3 (travel)",
      "paused end of base (travel)",
      "paused before 5 (travel)",
      "paused before 6 (travel)",
      "paused end of lib (travel)",
      "paused before 8 (travel)",
      "paused before 9 (travel)",
      "paused before 10 (exception)",
    ]);
    expect(driver.state.phase.kind === "paused" && driver.state.phase.reason).toBe(failure);
    expect(isInThePast(driver.state.phase)).toBe(false);
    expect(driver.refusal("next")).toBe("step 7 failed");
  });

  it("stops at breakpoints on the way, also at those set since, and at the live position", () => {
    const driver = failed();
    places(driver, ...times(6, "back"));
    driver.breakAt(6).breakAt(9).breakAt(11);
    expect(places(driver, "continue", "continue", "continue")).toEqual([
      "paused before 6 (breakpoint)",
      "paused before 9 (breakpoint)",
      "paused before 10 (exception)",
    ]);
    expect(driver.state.breakpoints.map(({ hits }) => hits)).toEqual([0, 0, 0]);
  });

  it("finishes a stage at the step that uses it, and goes into what has run already as next does", () => {
    const driver = failed();
    places(driver, ...times(4, "back"));
    expect(places(driver, "finish")).toEqual(["paused before 9 (travel)"]);
    expect(places(driver, "into")).toEqual(["paused before 10 (exception)"]);
  });

  it("does not pass the live position on the way to what has run beside it", () => {
    const driver = DebugDriver.launched(fxProgram()).give("continue");
    driver.failed(failureOf("src"), ["dir"]);
    expect(driver.where).toBe("paused before 5 (exception)");
    driver.breakAt(8).goTo(3);
    expect(places(driver, "continue")).toEqual(["paused before 5 (exception)"]);
    driver.apply({ kind: "add-breakpoint", spec: { kind: "any", when: "miss" } });
    driver.goTo(3);
    expect(places(driver, "continue")).toEqual(["paused before 5 (exception)"]);
    expect(driver.goTo(3).runTo(8).where).toBe("paused before 8 (breakpoint)");
    expect(places(driver, "continue")).toEqual(["paused before 5 (exception)"]);
  });

  it("runs on from the live position as ever, and nothing twice", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.runTo(9).solved();
    places(driver, ...times(3, "back"), "continue");
    expect(driver.where).toBe("paused before 9 (cursor)");
    driver.give("continue");
    expect(driver.effects).toMatchObject([{ kind: "solve" }]);
    expect(driver.solved().where).toBe("finishing");
  });

  it("keeps who waits for the stage that the build really is in", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.runTo(9).solved().give("into").solved();
    expect(driver.where).toBe("paused before 5 (step)");
    places(driver, "back", "continue");
    expect(driver.where).toBe("paused before 5 (step)");
    driver.give("finish").solved();
    expect(driver.where).toBe("paused before 9 (step)");
  });

  it("comes back to the end of a build that has finished, and makes no outputs again", () => {
    const driver = finished();
    expect(places(driver, "back", "back", "next", "next")).toEqual([
      "paused before 11 (travel)",
      "paused before 10 (travel)",
      "paused before 11 (travel)",
      "finished",
    ]);
    expect(driver.state.phase).toMatchObject({ kind: "finished", imageId: "sha256:1" });
    expect(places(driver, "reverse-continue", "continue")).toEqual(["paused before 2 (travel)", "finished"]);
    expect(driver.refusal("continue")).toBe("the build has finished");
  });

  it("makes outputs once more only at the end itself", () => {
    const driver = DebugDriver.launched(fxProgram()).give("continue").solved();
    driver.broken(new BktuiError("engine", "no room"));
    expect(driver.where).toBe("finished");
    expect(places(driver, "back", "continue")).toEqual(["paused before 11 (travel)", "finished"]);
    expect(driver.give("continue").where).toBe("finishing");
    expect(driver.effects).toMatchObject([{ kind: "make-outputs" }]);
  });
});

describe("reverse-continue", () => {
  it("goes to the nearest place before where a breakpoint stops, else to the first step", () => {
    const driver = failed([3, 8]);
    driver.apply({ kind: "add-breakpoint", spec: { kind: "stage-end", stage: "lib" } });
    expect(places(driver, ...times(4, "reverse-continue"))).toEqual([
      "paused before 8 (breakpoint)",
      "paused end of lib (breakpoint)",
      "paused before 3 (breakpoint)",
      "paused before 2 (travel)",
    ]);
  });

  it("passes breakpoints that are off, and those whose step was in the cache after all", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.give("continue");
    const ran = fxProgram().steps.flatMap(({ vertices, start }) => (start === 6 ? vertices : []));
    driver.apply({ kind: "solve-failed", token: driver.token, failure: failureOf("two"), ran });
    driver.breakAt(8);
    driver.apply({ kind: "enable-breakpoint", id: driver.breakpoint().id, enabled: false });
    driver.apply({ kind: "add-breakpoint", spec: { kind: "any", when: "miss" } });
    expect(places(driver, "reverse-continue", "reverse-continue", "continue", "continue")).toEqual([
      "paused before 6 (breakpoint)",
      "paused before 2 (travel)",
      "paused end of lib (breakpoint)",
      "paused before 10 (exception)",
    ]);
  });

  it("looks for rules that were not there when it ran, at the nearest step first, and counts nothing", () => {
    const driver = failed();
    const order = { kind: "data", path: "/x", change: "any" } as const;
    driver.apply({ kind: "add-breakpoint", spec: order });
    const asked: unknown[] = [];
    const look = (change: "made" | undefined): string => {
      asked.push(driver.effects.map(({ kind }) => kind));
      const answers = [{ kind: "data", change, text: undefined }] as const;
      return driver.apply({ kind: "asked", token: driver.token, answers }).where;
    };
    driver.give("reverse-continue");
    expect(driver.state.phase).toMatchObject({
      kind: "running",
      travel: { command: { kind: "reverse-continue" } },
    });
    // Lines 9 and 8 have not made it.
    expect([look(undefined), look(undefined)]).toEqual(["asking data", "asking data"]);
    expect(look("made")).toBe("paused before 6 (breakpoint)");
    expect(asked).toEqual([["ask"], ["ask"], ["ask"]]);
    expect(driver.breakpoint().hits).toBe(0);
    // What is decided is not asked again.
    expect(driver.goTo(9).give("reverse-continue").where).toBe("paused before 6 (breakpoint)");
    expect(places(driver, "continue", "continue")).toEqual([
      "paused end of lib (breakpoint)",
      "paused before 10 (exception)",
    ]);
  });

  it("makes up nothing that the run alone could have told", () => {
    const driver = DebugDriver.launched(fxProgram()).give("continue");
    const ran = fxProgram().steps.flatMap(({ vertices, start }) => (start === 6 ? vertices : []));
    driver.apply({ kind: "solve-failed", token: driver.token, failure: failureOf("two"), ran });
    driver.apply({ kind: "add-breakpoint", spec: { kind: "first-miss" } });
    const line = fxProgram().steps[2]?.start ?? fail();
    driver.apply({ kind: "add-breakpoint", spec: { kind: "line", line }, rule: { hits: "1" } });
    driver.apply({ kind: "add-breakpoint", spec: { kind: "pattern", pattern: "." }, rule: { log: "here" } });
    expect(places(driver, "reverse-continue", "continue")).toEqual([
      "paused before 2 (travel)",
      "paused before 10 (exception)",
    ]);
    expect(driver.state.said).toEqual([]);
  });

  it("stays where it is when the look is cancelled, fails or is paused", () => {
    const driver = failed();
    driver.apply({ kind: "add-breakpoint", spec: { kind: "data", path: "/x", change: "any" } });
    driver.give("reverse-continue").give("cancel").cancelled();
    expect(driver.where).toBe("paused before 10 (exception)");
    driver.goTo(8).give("reverse-continue").broken(new BktuiError("engine", "odd"));
    expect(driver.where).toBe("paused before 8 (travel)");
    expect(isInThePast(driver.state.phase)).toBe(true);
    driver.give("continue").give("pause");
    expect(driver.effects).toEqual([{ kind: "cancel", token: driver.token }]);
    expect(driver.cancelled().where).toBe("paused before 8 (travel)");
    driver.give("continue").broken(new BktuiError("engine-unreachable", "gone"));
    expect(driver.where).toBe("lost");
  });

  it("meets what a rerun passed", () => {
    const driver = failed([5]);
    driver.give("rerun").opened(fxProgram());
    while (driver.state.phase.kind === "running") driver.solved();
    expect(driver.where).toBe("paused before 10 (rerun)");
    expect(driver.breakpoint().passedUntil).toBeDefined();
    expect(places(driver, "reverse-continue", "back", "continue")).toEqual([
      "paused before 5 (breakpoint)",
      "paused before 3 (travel)",
      "paused before 5 (breakpoint)",
    ]);
  });
});

describe("goto", () => {
  it("goes to any step that has run, and to the live position", () => {
    const driver = failed();
    const lines = [3, 9, 2, 10].map((line) => {
      expect(driver.goTo(line).effects).toEqual([]);
      return driver.where;
    });
    expect(lines).toEqual([
      "paused before 3 (travel)",
      "paused before 9 (travel)",
      "paused before 2 (travel)",
      "paused before 10 (exception)",
    ]);
  });

  it("goes beyond the live position too, and from there back to it", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.runTo(9).solved().give("into").solved();
    expect(driver.where).toBe("paused before 5 (step)");
    expect(driver.goTo(8).where).toBe("paused before 8 (travel)");
    expect(places(driver, "back", "next", "next")).toEqual([
      "paused before 3 (travel)",
      "paused end of base (travel)",
      "paused before 5 (step)",
    ]);
    expect(driver.goTo(8).where).toBe("paused before 8 (travel)");
    expect(places(driver, "continue")).toEqual(["paused before 5 (step)"]);
  });

  it("leads from a line that runs nothing to the next place of its stage", () => {
    expect(failed().goTo(4).where).toBe("paused before 5 (travel)");
  });

  it("is refused with what helps where a step has not run", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.runTo(9).solved();
    const refused = { kind: "goto" as const, line: fxProgram().steps[7]?.start ?? fail() };
    expect(driver.refusal(refused)).toBe("line 11 has not run yet: it has no state");
    expect(() => driver.give(refused)).toThrow(
      expect.objectContaining({
        remedies: [{ command: "run-to", argument: "11", does: "runs the build up to it" }],
      }),
    );
    const after = failed();
    expect(() => after.give(refused)).toThrow(expect.objectContaining({ remedies: [] }));
    driver.goTo(3);
    expect(driver.refusal({ kind: "goto", line: fxProgram().steps[1]?.start ?? fail() })).toBe(
      "the position is already at line 3",
    );
  });

  it("is what helps where a line has run already", () => {
    const driver = DebugDriver.launched(fxProgram());
    driver.runTo(9).solved();
    expect(() => driver.runTo(3)).toThrow(
      expect.objectContaining({
        message: "line 3 has already run",
        remedies: [
          { command: "goto", argument: "3", does: "goes back to it" },
          { command: "rerun", does: "runs the build again" },
        ],
      }),
    );
  });
});

describe("an earlier stop", () => {
  it("is what a rerun comes back to", () => {
    const driver = failed();
    driver.goTo(5).give("rerun").opened(fxProgram());
    expect(driver.where).toBe("running to before 5");
    expect(driver.solved().where).toBe("paused before 5 (rerun)");
    expect(isInThePast(driver.state.phase)).toBe(false);
  });

  it("is left for the failure by what is about the failure", () => {
    const driver = failed();
    driver.goTo(5).apply({ kind: "show-failure", step: 6 as StepId });
    expect(driver.where).toBe("paused before 10 (exception)");
    driver.goTo(5);
    expect(driver.refusal("keep-going")).toBe("everything that needs no failed step has run");
    expect(driver.refusal("make-base")).toBe("no state is missing here that could be made");
  });

  it("runs up to a line at most to the live position", () => {
    const driver = failed();
    driver.goTo(2);
    expect(driver.runTo(8).where).toBe("paused before 8 (travel)");
    expect(driver.runTo(11).where).toBe("paused before 10 (exception)");
    expect(driver.effects).toEqual([]);
  });

  it("goes with the build when the engine is lost", () => {
    const driver = failed();
    driver.goTo(5).apply({ kind: "lost", error: new BktuiError("engine-unreachable", "gone") });
    expect(driver.state.phase).toMatchObject({ kind: "lost", resume: { line: 5 } });
  });
});

function fail(): never {
  throw new Error("the fixture has fewer steps");
}
