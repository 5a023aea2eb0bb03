import { describe, expect, it } from "vitest";
import { SolveFailed } from "../../../../src/engine/failures.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, fxProgram, makeProgram } from "../../../support/graphs.ts";

const fx = (lines: readonly number[] = []): DebugDriver => DebugDriver.launched(fxProgram(), { lines });

/** Gives commands one after the other, each solve succeeding. */
function walk(
  driver: DebugDriver,
  ...commands: ("next" | "into" | "finish" | "continue")[]
): readonly string[] {
  return commands.map((command) => driver.give(command).solved().where);
}

function solving(driver: DebugDriver): readonly unknown[] {
  return driver.effects.flatMap((effect) => (effect.kind === "solve" ? effect.edges : []));
}

describe("launch", () => {
  it("opens the build and stops on entry before anything has run", () => {
    const driver = fx();
    expect(driver.where).toBe("paused before 2 (entry)");
    expect(driver.effects).toEqual([]);
  });

  it("runs to the first breakpoint when not asked to stop on entry", () => {
    const driver = DebugDriver.launched(fxProgram(), { run: true, lines: [6] });
    expect(driver.where).toBe("running to before 6");
    expect(solving(driver)).toEqual([edgeOf("src")]);
    expect(driver.solved().where).toBe("paused before 6 (breakpoint)");
  });

  it("stops at a breakpoint on the first step even when not asked to stop on entry", () => {
    expect(DebugDriver.launched(fxProgram(), { run: true, lines: [2] }).where).toBe(
      "paused before 2 (breakpoint)",
    );
  });

  it("makes the outputs of a file without steps at once", () => {
    const driver = DebugDriver.launched(makeProgram("FROM scratch\n", []));
    expect(driver.effects).toEqual([{ kind: "make-outputs", token: driver.token }]);
  });
});

describe("next", () => {
  it("stops before each step of the stage, at its end, and then before the first step that has not run", () => {
    expect(walk(fx(), "next", "next", "next", "next", "next", "next")).toEqual([
      "paused before 3 (step)",
      "paused end of base (step)",
      "paused before 5 (step)",
      "paused before 6 (step)",
      "paused end of lib (step)",
      "paused before 8 (step)",
    ]);
  });

  it("runs what the step needs without stopping there", () => {
    const driver = fx();
    driver.runTo(9).solved();
    driver.give("next");
    expect(solving(driver)).toEqual([edgeOf("copy")]);
    expect(driver.solved().where).toBe("paused before 10 (step)");
  });

  it("stops first at a breakpoint in what the step needs", () => {
    const driver = fx([6]);
    driver.runTo(9).solved();
    expect(walk(driver, "next", "next", "next")).toEqual([
      "paused before 6 (breakpoint)",
      "paused end of lib (step)",
      "paused before 9 (step)",
    ]);
  });

  it("finishes from the end of the last stage when everything has run", () => {
    const driver = fx();
    driver.runTo(11).solved();
    expect(walk(driver, "next", "next")).toEqual(["paused end of app (step)", "finishing"]);
    expect(driver.effects).toEqual([{ kind: "make-outputs", token: driver.token }]);
    driver.apply({ kind: "outputs-made", token: driver.token, imageId: "sha256:1" });
    expect(driver.where).toBe("finished");
  });
});

describe("into and finish", () => {
  it("goes into the needed stage and comes back to the step that needs it", () => {
    const driver = fx([9]);
    expect(walk(driver, "continue", "into", "finish")).toEqual([
      "paused before 9 (breakpoint)",
      "paused before 5 (step)",
      "paused before 9 (breakpoint)",
    ]);
    const { phase } = driver.state;
    expect(phase.kind === "paused" && phase.execution.callers).toEqual([]);
    expect(phase.kind === "paused" && phase.execution.done.has(digestOf("one"))).toBe(true);
  });

  it("remembers the caller while it steps through the needed stage", () => {
    const driver = fx();
    driver.runTo(9).solved();
    expect(walk(driver, "into", "next", "next", "next")).toEqual([
      "paused before 5 (step)",
      "paused before 6 (step)",
      "paused end of lib (step)",
      "paused before 9 (step)",
    ]);
  });

  it("stops at once where nothing is left to run on the way", () => {
    const program = makeProgram(
      "FROM scratch AS a\nRUN x\nFROM a AS b\nRUN y\nFROM scratch\nRUN z\nCOPY --from=b / /\n",
      [
        { id: "x", at: [2] },
        { id: "y", on: "x", at: [4] },
        { id: "z", at: [6] },
        { id: "copy", kind: "file", on: "z", uses: ["y"], at: [7] },
      ],
    );
    const driver = DebugDriver.launched(program);
    driver.runTo(7).solved();
    driver.give("into");
    expect(driver.effects).toEqual([]);
    expect(driver.where).toBe("paused before 4 (step)");
  });

  it("steps like next where nothing is left to go into", () => {
    expect(walk(fx(), "into", "into", "into")).toEqual([
      "paused before 3 (step)",
      "paused end of base (step)",
      "paused before 5 (step)",
    ]);
  });

  it("finishes a stage at its first user, and the last stage at its end", () => {
    const driver = fx();
    expect(walk(driver, "finish")).toEqual(["paused before 5 (step)"]);
    driver.runTo(10).solved();
    expect(walk(driver, "finish", "finish")).toEqual(["paused end of app (step)", "finishing"]);
  });
});

describe("continue", () => {
  it("runs to the end without breakpoints", () => {
    const driver = fx().give("continue");
    expect(driver.where).toBe("running to the end");
    expect(solving(driver)).toEqual([edgeOf("last")]);
    expect(driver.solved().where).toBe("finishing");
  });

  it("takes breakpoints in reading order and runs the step it stands before", () => {
    const driver = fx([6, 9]);
    expect(walk(driver, "continue")).toEqual(["paused before 6 (breakpoint)"]);
    driver.give("continue");
    expect(driver.where).toBe("running to before 9");
    expect(solving(driver)).toEqual([edgeOf("dir"), edgeOf("one")]);
  });

  it("leaves out the current step when the breakpoint lies in what it needs", () => {
    const driver = fx();
    driver.runTo(9).solved();
    driver.breakAt(6).give("continue");
    expect(solving(driver)).toEqual([edgeOf("src")]);
  });

  it("passes disabled breakpoints and those whose step has run", () => {
    const driver = fx([5, 6]);
    driver.give({ kind: "enable-breakpoint", id: driver.breakpoint(0).id, enabled: false });
    expect(walk(driver, "continue")).toEqual(["paused before 6 (breakpoint)"]);
    driver.breakAt(3);
    expect(driver.give("continue").where).toBe("running to the end");
  });

  it("stops at the end of a stage", () => {
    const driver = fx();
    driver.apply({ kind: "add-breakpoint", spec: { kind: "stage-end", stage: "LIB" } });
    expect(walk(driver, "continue", "continue")).toEqual(["paused end of lib (breakpoint)", "finishing"]);
    expect(driver.breakpoint().hits).toBe(1);
  });
});

describe("run to a line", () => {
  it("stops at the step, or at the next stop of the stage for a line that runs nothing", () => {
    expect(fx().runTo(7).solved().where).toBe("paused before 8 (cursor)");
    expect(fx().runTo(6).solved().where).toBe("paused before 6 (cursor)");
  });

  it("says in words when the line has run, is stood at, or never runs", () => {
    const driver = fx();
    driver.runTo(6).solved();
    const refusal = (line: number): string => driver.refusal({ kind: "run-to", line: lineOf(line) });
    expect(refusal(3)).toBe("line 3 has already run");
    expect(refusal(6)).toBe("the build already stands at line 6");
    expect(refusal(99)).toBe("cannot run to line 99: nothing at or after line 99 runs");
  });
});

describe("pause and cancel", () => {
  it("solves what has begun, cancels the rest, and stops before the first step that has not run", () => {
    const driver = fx().give("continue");
    const old = driver.token;
    driver.apply({ kind: "pause", running: [edgeOf("install")] });
    expect(driver.effects).toEqual([
      { kind: "solve", token: old + 1, edges: [edgeOf("install")] },
      { kind: "cancel", token: old, after: old + 1 },
    ]);
    expect(driver.solved().where).toBe("paused before 5 (pause)");
  });

  it("knows what was completed besides", () => {
    const driver = fx().give("continue");
    driver.apply({ kind: "pause", running: [edgeOf("dir")] });
    expect(driver.solved(["src", "one"]).where).toBe("paused before 9 (pause)");
  });

  it("cancels at once when no step has begun", () => {
    const driver = fx().give("next").give("pause");
    expect(driver.effects).toEqual([{ kind: "cancel", token: driver.token }]);
    expect(driver.cancelled().where).toBe("paused before 2 (pause)");
  });

  it("goes on when continued while pausing", () => {
    const driver = fx().give("continue");
    driver.apply({ kind: "pause", running: [edgeOf("install")] });
    const held = driver.token;
    driver.give("continue");
    expect(driver.effects).toEqual([
      { kind: "solve", token: held + 1, edges: [edgeOf("last")] },
      { kind: "cancel", token: held, after: held + 1 },
    ]);
    expect(driver.solved().where).toBe("finishing");
  });

  it("stops before the cancelled step, keeps what was completed, and can go on", () => {
    const driver = fx().give("continue").give("cancel");
    expect(driver.effects).toEqual([{ kind: "cancel", token: driver.token }]);
    expect(driver.cancelled(["install"]).where).toBe("paused before 5 (cancelled)");
    expect(driver.give("next").solved().where).toBe("paused before 6 (step)");
  });

  it("arrives when the run was over before the cancel was", () => {
    const driver = fx().give("next").give("cancel");
    expect(driver.solved().where).toBe("paused before 3 (step)");
  });

  it("does not make outputs that were cancelled in the last moment", () => {
    const driver = fx().give("continue").give("cancel");
    expect(driver.solved().where).toBe("paused end of app (cancelled)");
    expect(driver.give("next").where).toBe("finishing");
    expect(driver.give("cancel").cancelled().where).toBe("paused end of app (cancelled)");
  });
});

describe("a failure", () => {
  it("stops at the step, with everything it started from done, and lets nothing but a rerun move on", () => {
    const driver = fx().give("continue").failed(failureOf("two"));
    expect(driver.where).toBe("paused before 10 (exception)");
    const { phase } = driver.state;
    expect(phase.kind === "paused" && phase.execution.done.has(digestOf("copy"))).toBe(true);
    for (const command of ["next", "into", "finish", "continue"] as const) {
      expect(driver.refusal(command)).toBe("step 7 failed");
    }
  });

  it("of a helper stops at the first step that needs it", () => {
    const driver = fx().give("continue");
    expect(driver.failed(failureOf("context", { exitCode: undefined, states: undefined })).where).toBe(
      "paused before 2 (exception)",
    );
  });

  describe("that comes before the steps above have run", () => {
    const missing = failureOf("last", { exitCode: undefined, states: undefined });
    const early = (): DebugDriver => fx().give("continue").failed(missing);

    it("is shown at once, and they run when BASE is wanted", () => {
      const driver = early();
      expect([driver.where, driver.effects]).toEqual(["paused before 11 (exception)", []]);
      driver.give("make-base");
      expect(driver.where).toBe("running to before 11");
      expect(solving(driver)).toEqual([edgeOf("two")]);
      expect(driver.solved().where).toBe("paused before 11 (exception)");
      expect(driver.refusal("make-base")).toBe("no state is missing here that could be made");
    });

    it("is shown again when their run is cancelled, or paused", () => {
      const driver = early().give("make-base").give("cancel").cancelled();
      expect(driver.where).toBe("paused before 11 (exception)");
      const running = [edgeOf("one")];
      driver.give("make-base").give({ kind: "pause", running }).solved();
      expect(driver.where).toBe("paused before 11 (exception)");
      expect(driver.give("make-base").solved().where).toBe("paused before 11 (exception)");
    });

    it("gives way to a failure of theirs", () => {
      const driver = early().give("make-base").failed(failureOf("two"));
      expect(driver.where).toBe("paused before 10 (exception)");
    });

    it("gives way to a breakpoint at one of them", () => {
      const driver = early().breakAt(6).give("make-base").solved();
      expect(driver.where).toBe("paused before 6 (breakpoint)");
    });

    it("does not offer BASE again when it cannot be made", () => {
      const unseen = failureOf("two", { exitCode: undefined, states: undefined });
      const driver = early().give("make-base").failed(new SolveFailed("duplicate output 0", unseen));
      expect(driver.where).toBe("paused before 11 (exception)");
      expect(driver.refusal("make-base")).toBe("no state is missing here that could be made");
    });

    it("does not count while a pause is asked for", () => {
      const driver = fx().give("continue").give("pause").failed(missing);
      expect(driver.where).toBe("paused before 2 (pause)");
    });

    it("can be made only at such a failure", () => {
      expect(fx().refusal("make-base")).toBe("no state is missing here that could be made");
      expect(fx().give("continue").refusal("make-base")).toMatch("a step is running");
      expect(fx().give("continue").failed(failureOf("two")).refusal("make-base")).toBe(
        "no state is missing here that could be made",
      );
    });
  });

  it("without a vertex is placed by its lines", () => {
    const ranges = [{ source: 0, start: lineOf(6), end: lineOf(6) }];
    const driver = fx().give("continue").failed(failureOf(undefined, { ranges }), ["src"]);
    expect(driver.where).toBe("paused before 6 (exception)");
  });

  it("of a vertex of another build is looked for step by step, and named by the step found", () => {
    const driver = fx();
    driver.runTo(9).solved().give("continue");
    const foreign = failureOf("another build's");
    driver.failed(foreign);
    expect(solving(driver)).toEqual([edgeOf("src")]);
    expect(solving(driver.solved())).toEqual([edgeOf("one")]);
    expect(driver.where).toBe("running to the end");
    expect(driver.failed(foreign).where).toBe("paused before 6 (exception)");
    const { phase } = driver.state;
    const failure =
      phase.kind === "paused" && phase.reason.kind === "exception" ? phase.reason.failure : undefined;
    expect(failure).toMatchObject({ vertex: digestOf("one"), exitCode: 1, states: foreign.states });
  });

  it("that does not come back when it is looked for is forgotten: the run goes on", () => {
    const driver = fx().runTo(3);
    driver.failed(failureOf(undefined));
    expect(driver.where).toBe("paused before 2 (exception)");
    const longer = fx().runTo(5).failed(failureOf(undefined));
    expect(longer.solved().solved().where).toBe("paused before 5 (cursor)");
  });

  it.each([
    ["of the last step", failureOf("last", { exitCode: undefined, states: undefined })],
    ["of another build", failureOf("another build's")],
    ["without anything known", failureOf(undefined, { exitCode: undefined, states: undefined })],
    [
      "placed at the last line",
      failureOf(undefined, { ranges: [{ source: 0, start: lineOf(11), end: lineOf(11) }] }),
    ],
  ])("%s comes to rest even when every solve ends with it", (_, failure) => {
    const driver = fx().give("continue");
    let answers = 0;
    while (driver.state.phase.kind === "running") {
      driver.failed(failure);
      answers++;
      expect(answers).toBeLessThan(10);
    }
    expect(driver.where).toMatch(/^paused before .* \(exception\)$/);
  });

  it("of what the first step starts from stops before it", () => {
    const program = makeProgram("FROM context\nRUN a\n", [
      { id: "context", kind: "source", name: "[context] load" },
      { id: "a", on: "context", at: [2] },
    ]);
    const failure = failureOf("context", { exitCode: undefined, states: undefined });
    const driver = DebugDriver.launched(program).give("next").failed(failure);
    expect(driver.where).toBe("paused before 2 (exception)");
    expect(driver.give("make-base").failed(failure).where).toBe("paused before 2 (exception)");
    expect(driver.refusal("make-base")).toBe("no state is missing here that could be made");
  });
});
