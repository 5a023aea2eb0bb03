/** Going on after a failure: what runs then, and where the build stands afterwards. */
import { describe, expect, it } from "vitest";
import type { DebugState } from "../../../../src/debugger/debugger.ts";
import { SolveFailed } from "../../../../src/engine/failures.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, makeProgram } from "../../../support/graphs.ts";

const program = makeProgram(
  "FROM scratch AS base\nRUN a\nFROM base AS one\nRUN b\nRUN b2\nFROM base AS two\nRUN c\nRUN d\nFROM base AS three\nRUN e\nRUN f\nFROM base\nCOPY --from=one / /\nCOPY --from=two / /\nCOPY --from=three / /\n",
  [
    { id: "a", at: [2] },
    { id: "b", on: "a", at: [4] },
    { id: "b2", on: "b", at: [5] },
    { id: "c", on: "a", at: [7] },
    { id: "d", on: "c", at: [8] },
    { id: "e", on: "a", at: [10] },
    { id: "f", on: "e", at: [11] },
    { id: "copy1", kind: "file", on: "a", uses: ["b2"], at: [13] },
    { id: "copy2", kind: "file", on: "copy1", uses: ["d"], at: [14] },
    { id: "copy3", kind: "file", on: "copy2", uses: ["f"], at: [15] },
  ],
);

/** Stopped at line 4, with the base alone. */
function stopped(): DebugDriver {
  return DebugDriver.launched(program, { run: true }).failed(failureOf("b", { exitCode: 4 }), ["a"]);
}

function failuresIn({ phase }: DebugState): readonly (readonly [line: number | undefined, code: unknown])[] {
  if (phase.kind !== "paused") throw new Error(`it is ${phase.kind}`);
  const { failures, program: of } = phase.execution;
  return [...failures].map(([id, { exitCode }]) => [of.steps[id]?.start, exitCode]);
}

function asked(driver: DebugDriver): unknown {
  return driver.effects.flatMap((effect) => (effect.kind === "solve" ? [effect.edges] : []));
}

describe("keep-going", () => {
  it("runs in one go the ends of all that needs no failed step, and stands at the failure again", () => {
    const driver = stopped().give("keep-going");
    expect(asked(driver)).toEqual([[edgeOf("d"), edgeOf("f")]]);
    expect(driver.solved().where).toBe("paused before 4 (exception)");
    expect(failuresIn(driver.state)).toEqual([[4, 4]]);
    expect(driver.refusal("keep-going")).toBe("everything that needs no failed step has run");
  });

  it("goes on again after each further failure, until nothing is left", () => {
    const driver = stopped()
      .give("keep-going")
      .failed(failureOf("c", { exitCode: 7 }));
    expect(driver.where).toBe("running to before 4");
    expect(asked(driver)).toEqual([[edgeOf("f")]]);
    driver.failed(failureOf("f", { exitCode: 11 }), ["e"]);
    expect(driver.where).toBe("paused before 4 (exception)");
    expect(failuresIn(driver.state)).toEqual([
      [4, 4],
      [7, 7],
      [11, 11],
    ]);
  });

  it("does not run what has been done", () => {
    const driver = DebugDriver.launched(program, { run: true });
    driver.failed(failureOf("b"), ["a", "d"]).give("keep-going");
    expect(asked(driver)).toEqual([[edgeOf("f")]]);
  });

  it("finds the step that failed where the engine names none, and goes on without it", () => {
    const unnamed = failureOf(undefined, { exitCode: 1, states: undefined });
    const driver = stopped().give("keep-going").failed(unnamed);
    // One by one: c, which works, then d, which does not.
    expect(asked(driver)).toEqual([[edgeOf("c")]]);
    driver.solved();
    expect(asked(driver)).toEqual([[edgeOf("d")]]);
    driver.failed(unnamed);
    expect(asked(driver)).toEqual([[edgeOf("f")]]);
    expect(driver.solved().where).toBe("paused before 4 (exception)");
    expect(failuresIn(driver.state).map(([line]) => line)).toEqual([4, 8]);
  });

  it("gives up what cannot be run again after it was interrupted, without calling it a failure", () => {
    const facts = { vertex: digestOf("c"), exitCode: undefined, ranges: [], states: undefined };
    const driver = stopped().give("keep-going").failed(new SolveFailed("duplicate output 0", facts));
    expect(asked(driver)).toEqual([[edgeOf("f")]]);
    expect(driver.solved().where).toBe("paused before 4 (exception)");
    expect(failuresIn(driver.state)).toEqual([[4, 4]]);
  });

  it("stands at the failure when it is paused or cancelled, and can go on from there", () => {
    const running = [edgeOf("d")];
    const paused = stopped().give("keep-going").give({ kind: "pause", running }).solved();
    expect(paused.where).toBe("paused before 4 (exception)");
    expect(asked(paused.give("keep-going"))).toEqual([[edgeOf("f")]]);
    const cancelled = stopped().give("keep-going").give("cancel").cancelled(["c"]);
    expect(cancelled.where).toBe("paused before 4 (exception)");
    expect(asked(cancelled.give("keep-going"))).toEqual([[edgeOf("d"), edgeOf("f")]]);
  });

  it("keeps a failure that comes while it is being paused, and stays there", () => {
    const driver = stopped().give("keep-going").give("cancel");
    expect(driver.failed(failureOf("c")).where).toBe("paused before 4 (exception)");
    expect(failuresIn(driver.state).map(([line]) => line)).toEqual([4, 7]);
  });

  it("stops at no breakpoint", () => {
    const driver = stopped().breakAt(8).give("keep-going");
    expect(driver.solved().where).toBe("paused before 4 (exception)");
  });

  it("is refused while nothing has failed", () => {
    expect(DebugDriver.launched(program).refusal("keep-going")).toBe("no step has failed");
    expect(DebugDriver.launched(program, { run: true }).refusal("keep-going")).toMatch("a step is running");
  });
});
