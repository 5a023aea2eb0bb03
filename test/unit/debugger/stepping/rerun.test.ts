import { describe, expect, it } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { FX_TEXT, FX_VERTICES, fxProgram, makeProgram } from "../../../support/graphs.ts";

const fx = (lines: readonly number[] = []): DebugDriver => DebugDriver.launched(fxProgram(), { lines });
const kinds = (driver: DebugDriver): readonly string[] => driver.effects.map(({ kind }) => kind);

/** The fixture with lines put in above its line `at`. */
function edited(at: number, ...lines: readonly string[]): Program {
  const text = FX_TEXT.split("\n");
  text.splice(at - 1, 0, ...lines);
  const moved = (line: number): number => (line >= at ? line + lines.length : line);
  return makeProgram(
    text.join("\n"),
    FX_VERTICES.map((vertex) => ({ ...vertex, at: (vertex.at ?? []).map((line) => moved(Number(line))) })),
  );
}

describe("rerun", () => {
  it("ends the build, opens a new one, and comes back to the same instruction", () => {
    const driver = fx().give("continue").failed(failureOf("two"));
    driver.give("rerun");
    expect(kinds(driver)).toEqual(["close", "open"]);
    expect(driver.state.attempt).toBe(2);
    driver.opened(edited(2, "ENV A=1"));
    expect(driver.where).toBe("running to before 11");
    expect(driver.solved().where).toBe("paused before 11 (rerun)");
    const { phase } = driver.state;
    expect(phase.kind === "paused" && phase.execution.done.has("two")).toBe(false);
  });

  it("finds a changed instruction by its place", () => {
    const driver = fx().give("continue").failed(failureOf("two")).give("rerun");
    driver.opened(makeProgram(FX_TEXT.replace("false", "true"), FX_VERTICES));
    expect(driver.solved().where).toBe("paused before 10 (rerun)");
  });

  it("stops at the failure when an earlier step fails on the way", () => {
    const driver = fx().give("continue").failed(failureOf("two")).give("rerun");
    expect(driver.opened(fxProgram()).failed(failureOf("install")).where).toBe("paused before 3 (exception)");
  });

  it("goes to the entry when asked to start over", () => {
    const driver = fx().give("continue").failed(failureOf("two"));
    driver.give({ kind: "rerun", here: false, request: { ...REQUEST, target: "lib" } });
    expect(driver.state.request?.target).toBe("lib");
    expect(driver.opened(fxProgram()).where).toBe("paused before 2 (entry)");
  });

  it("flies past breakpoints that were hit before, every time, and stops at the others", () => {
    const driver = fx([3, 6]);
    driver.give("continue").solved();
    expect(driver.breakpoint(0).hits).toBe(1);
    driver.runTo(10).solved().runTo(10).solved();
    driver.breakAt(8);
    driver.give("rerun").opened(fxProgram());
    expect(driver.solved().where).toBe("paused before 8 (breakpoint)");
    expect(driver.breakpoint(0).hits).toBe(0);
    driver.runTo(10).solved();
    driver.give("rerun").opened(fxProgram());
    expect(driver.where).toBe("running to before 10");
  });

  it("cancels what runs, is opening or makes outputs before it opens again", () => {
    const running = fx().give("continue");
    expect(kinds(running.give("rerun"))).toEqual(["cancel", "close", "open"]);
    expect(kinds(running.give("rerun"))).toEqual(["cancel", "close", "open"]);
    const finishing = fx().give("continue").solved();
    expect(kinds(finishing.give("rerun"))).toEqual(["cancel", "close", "open"]);
    expect(finishing.opened(fxProgram()).where).toBe("running to end of app");
  });

  it("ignores what the attempt before still reports", () => {
    const driver = fx().give("continue");
    const old = driver.token;
    driver.give("rerun");
    const before = driver.state;
    driver.apply({ kind: "solved", token: old });
    driver.apply({ kind: "opened", token: 1, program: fxProgram() });
    expect(driver.state).toBe(before);
  });
});

describe("a build that cannot go on", () => {
  it("keeps the place and the breakpoints when the file is refused, and loads again", () => {
    const driver = fx([9]).give("continue").solved();
    driver.give("rerun");
    driver.apply({
      kind: "open-failed",
      token: driver.token,
      error: new BktuiError("bad-request", "unknown instruction: RUNN"),
    });
    expect(driver.where).toBe("broken");
    expect(driver.refusal("next")).toBe("the build could not go on");
    expect(driver.breakpoint().bound).toEqual({ kind: "pending" });
    expect(driver.give("rerun").opened(fxProgram()).solved().where).toBe("paused before 9 (rerun)");
  });

  it("is lost when the engine is, and comes back on rerun", () => {
    const driver = fx([9]).give("continue").solved();
    driver.apply({ kind: "lost", error: new BktuiError("engine-unreachable", "connection dropped") });
    expect(driver.where).toBe("lost");
    expect(kinds(driver)).toEqual(["close"]);
    expect(driver.refusal("continue")).toBe("the connection to the engine was lost");
    expect(driver.state.breakpoints).toHaveLength(1);
    expect(driver.give("rerun").opened(fxProgram()).solved().where).toBe("paused before 9 (rerun)");
  });

  it("tells a lost engine from a broken solve", () => {
    const lost = fx().give("next").broken(new BktuiError("engine-unreachable", "gone"));
    expect(lost.where).toBe("lost");
    const broken = fx()
      .give("next")
      .broken(new BktuiError("engine", "entitlement network.host is not allowed"));
    expect(broken.where).toBe("broken");
    expect(kinds(broken)).toEqual(["close"]);
  });
});

describe("breakpoints", () => {
  it("are bound when the program is there: to the step, moved, or lost with words", () => {
    const driver = new DebugDriver().breakAt(6).breakAt(4).breakAt(40);
    driver.apply({ kind: "add-breakpoint", spec: { kind: "stage-end", stage: "nowhere" } });
    expect(driver.state.breakpoints.map(({ bound }) => bound.kind)).toEqual(Array(4).fill("pending"));
    driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(fxProgram());
    expect(driver.state.breakpoints.map(({ bound }) => bound)).toEqual([
      { kind: "verified", stops: [4], line: 6 },
      { kind: "moved", stops: [3], line: 5, why: "runs nothing" },
      { kind: "lost", why: "nothing at or after line 40 runs" },
      { kind: "lost", why: "there is no stage nowhere" },
    ]);
  });

  it("are lost in a stage that the target does not need", () => {
    const program = makeProgram("FROM scratch AS spare\nRUN a\nFROM scratch\nRUN b\n", [
      { id: "b", at: [4] },
    ]);
    const driver = DebugDriver.launched(program, { lines: [2] });
    expect(driver.breakpoint().bound).toEqual({
      kind: "lost",
      why: "stage spare runs nothing for this target",
    });
  });

  it("follow their instruction over an edit and move back with it", () => {
    const driver = fx([10, 4]);
    driver.give("rerun").opened(edited(3, "ENV A=1", "ENV B=2"));
    expect(driver.state.breakpoints.map(({ spec }) => spec)).toEqual([
      { kind: "line", line: 12 },
      { kind: "line", line: 6 },
    ]);
    driver.give("rerun").opened(fxProgram());
    expect(driver.state.breakpoints.map(({ spec }) => spec)).toEqual([
      { kind: "line", line: 10 },
      { kind: "line", line: 4 },
    ]);
  });

  it("are kept with words when their instruction is gone, and found again when it returns", () => {
    const driver = fx([11]);
    const shorter = makeProgram("FROM scratch AS base\nADD busybox /bin/busybox\n", [{ id: "add", at: [2] }]);
    driver.give("rerun").opened(shorter);
    expect(driver.breakpoint().bound).toEqual({
      kind: "lost",
      why: "its instruction is gone: COPY Dockerfile .",
    });
    driver.give("rerun").opened(fxProgram());
    expect(driver.breakpoint().bound.kind).toBe("verified");
  });

  it("are one for one place, count their stops, and can be removed", () => {
    const driver = fx().breakAt(3);
    const before = driver.state;
    expect(driver.breakAt(3).state).toBe(before);
    driver.give("next").solved();
    expect(driver.where).toBe("paused before 3 (breakpoint)");
    expect(driver.breakpoint().hits).toBe(1);
    driver.give({ kind: "remove-breakpoint", id: driver.breakpoint().id });
    expect(driver.state.breakpoints).toEqual([]);
    expect(driver.refusal({ kind: "remove-breakpoint", id: 7 })).toBe("there is no breakpoint 7");
  });

  it("may be set while a step runs; they count from the next motion on", () => {
    const driver = fx().give("next");
    const { token } = driver;
    driver.breakAt(lineOf(3));
    expect(driver.effects).toEqual([]);
    expect(driver.token).toBe(token);
    expect(driver.solved().where).toBe("paused before 3 (breakpoint)");
  });
});
