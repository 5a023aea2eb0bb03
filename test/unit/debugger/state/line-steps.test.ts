import { describe, expect, it } from "vitest";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import { lineName, rankOnLine, specAt, stepOfLine } from "../../../../src/debugger/state/line-steps.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import type { StepId } from "../../../../src/graph/program.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { digestOf, makeProgram, triggersProgram } from "../../../support/graphs.ts";

interface Asked {
  readonly line?: number;
  readonly chosen?: number;
  /** A vertex under way. */
  readonly running?: string;
}

function meant(driver: DebugDriver, { line = 8, chosen, running }: Asked = {}): string | undefined {
  using progress = new ProgressLog();
  if (running !== undefined) {
    const vertex = digestOf(running);
    progress.apply({
      kind: "vertex",
      vertex,
      name: running,
      startedMs: 10,
      completedMs: undefined,
      cached: false,
      error: "",
    });
  }
  const sources = { state: driver.state, progress };
  return stepOfLine(triggersProgram(), lineOf(line), sources, chosen as StepId | undefined)?.text;
}

describe("the step of a line with several", () => {
  it("is the first before it runs, that which is stood at, and the last when all have run", () => {
    const driver = DebugDriver.launched(triggersProgram());
    expect(meant(driver)).toMatch(/^ONBUILD COPY/);
    driver.runTo(8).solved();
    expect(driver.where).toBe("paused before 8 (cursor)");
    expect(meant(driver)).toMatch(/^ONBUILD COPY/);
    driver.give("next").solved();
    expect(meant(driver)).toMatch(/^ONBUILD RUN/);
    driver.give("next").solved();
    expect(driver.where).toBe("paused before 9 (step)");
    expect(meant(driver)).toMatch(/^ONBUILD RUN/);
  });

  it("is the one that runs or has failed", () => {
    const driver = DebugDriver.launched(triggersProgram()).runTo(9);
    expect(meant(driver)).toMatch(/^ONBUILD COPY/);
    expect(meant(driver, { running: "test" })).toMatch(/^ONBUILD RUN/);
    driver.failed(failureOf("test"), ["image", "mkdir", "copy"]);
    expect(driver.where).toBe("paused before 8 (exception)");
    expect(meant(driver)).toMatch(/^ONBUILD RUN/);
  });

  it("is the chosen one, as long as it is of the line", () => {
    const driver = DebugDriver.launched(triggersProgram()).runTo(8).solved();
    expect(meant(driver, { chosen: 3 })).toMatch(/^ONBUILD RUN/);
    expect(meant(driver, { chosen: 0 })).toMatch(/^ONBUILD COPY/);
    expect(meant(driver, { line: 3 })).toBe("FROM busybox AS assets");
    expect(meant(driver, { line: 5 })).toBeUndefined();
  });

  it("is named by its rank, where the line has more than one", () => {
    const program = triggersProgram();
    const [image, , copy, test] = program.steps;
    if (image === undefined || copy === undefined || test === undefined) throw new Error("steps are missing");
    expect([copy, test].map((step) => lineName(program, step))).toEqual(["8.1", "8.2"]);
    expect(lineName(program, image, lineOf(3))).toBe("3");
    expect(rankOnLine(program, lineOf(8), test)).toEqual({ nth: 2, of: 2 });
    expect(rankOnLine(program, lineOf(1), image)).toBeUndefined();
  });
});

describe("the breakpoint at a stop", () => {
  it("is at the very step, which the line alone means when it is its first", () => {
    const program = triggersProgram();
    const at = program.stops.filter(({ line }) => line === 8).map((stop) => specAt(program, stop));
    expect(at).toEqual([
      { kind: "line", line: 8 },
      { kind: "line", line: 8, nth: 2 },
    ]);
  });

  it("names the image of a FROM whose line means the first trigger", () => {
    const program = makeProgram("FROM made\nRUN x\n", [
      { id: "made", kind: "source", at: [1] },
      { id: "first", on: "made", at: [1], name: "[2/3] ONBUILD RUN first" },
      { id: "x", on: "first", at: [2] },
    ]);
    expect(program.stops.map((stop) => specAt(program, stop))).toEqual([
      { kind: "line", line: 1, nth: 1 },
      { kind: "line", line: 1 },
      { kind: "line", line: 2 },
      { kind: "stage-end", stage: "stage-0" },
    ]);
  });
});
