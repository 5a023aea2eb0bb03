import { describe, expect, it, test } from "vitest";
import type { BreakpointSpec } from "../../../../src/debugger/breakpoint.ts";
import { parseOrders } from "../../../../src/debugger/breakpoints/break-order.ts";
import { parseBreak, specText } from "../../../../src/debugger/breakpoints/break-spec.ts";
import { lineOf } from "../../../../src/graph/graph.ts";
import { DebugDriver, failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { digestOf, edgeOf, fxProgram, makeProgram, triggersProgram } from "../../../support/graphs.ts";

function specOf(text: string): BreakpointSpec {
  const typed = parseBreak(text);
  if (typed.kind === "none") throw new Error("none is no breakpoint");
  return typed;
}

/** Runs from the start with breakpoints as typed. */
function launched(...places: readonly string[]): DebugDriver {
  const driver = new DebugDriver();
  for (const place of places) driver.apply({ kind: "add-breakpoint", spec: specOf(place) });
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: false });
  return driver.opened(fxProgram());
}

/** Answers solves until the build rests; `made`: vertices that run, the others come from the cache. */
function settle(driver: DebugDriver, ran: readonly string[] = []): string {
  while (driver.state.phase.kind === "running") {
    driver.apply({ kind: "solved", token: driver.token, ran: ran.map(digestOf) });
  }
  return driver.where;
}

describe("places as typed", () => {
  test.each([
    "11",
    "11:after",
    "app:end",
    "stage:deps",
    "stage:deps:miss",
    "stage:1",
    "stage:2:miss",
    "/RUN npm/",
    "/COPY --from=a:b /x/:hit",
    "miss",
    "hit",
    "first",
  ])("%s is read and written alike", (text) => {
    expect(specText(specOf(text))).toBe(text);
  });

  test.each([
    ["Dockerfile:11", "11"],
    ["Dockerfile:11:after", "11:after"],
    ["11:before", "11"],
    ["end app", "app:end"],
    ["end of stage app", "app:end"],
    ["stage:after", "stage:after"],
  ])("%s means %s", (text, means) => {
    expect(specText(specOf(text))).toBe(means);
  });

  test.each(["", "0", "x", "app:", "app:end:after", "first:after", "miss:hit", "//", "stage:", "11:later"])(
    "%j is refused",
    (text) => {
      expect(() => parseBreak(text)).toThrow("not a place to stop");
    },
  );

  it("takes back with none what stands before it", () => {
    expect(parseOrders(["11", "none", "first"])).toEqual({
      alone: true,
      orders: [{ spec: { kind: "first" } }],
    });
    expect(parseOrders(["11"]).alone).toBe(false);
  });

  it("says what is wrong with a pattern", () => {
    expect(() => parseBreak("/a(/")).toThrow('"(" is not closed');
  });
});

describe("where each kind stops, one after the other", () => {
  test.each<readonly [string, readonly string[]]>([
    ["first", ["before 2"]],
    ["5:after", ["before 6"]],
    ["6:after", ["end of lib"]],
    ["stage:lib", ["before 5", "before 6"]],
    ["stage:lib:after", ["before 6", "end of lib"]],
    ["/WORKDIR/", ["before 5", "before 8"]],
    ["/^run echo/", ["before 6", "before 10"]],
    ["/echo two/:after", ["before 11"]],
    ["stage:nowhere", []],
    ["/apt-get/", []],
  ])("%s", (place, stops) => {
    const driver = launched(place);
    const met: string[] = [];
    while (settle(driver).startsWith("paused")) {
      met.push(driver.where);
      driver.give("continue");
    }
    expect(met).toEqual(stops.map((stop) => `paused ${stop} (breakpoint)`));
    expect(driver.where).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(stops.length);
  });

  it("says why a place is lost", () => {
    const why = (place: string): unknown => {
      const { bound } = launched(place).breakpoint();
      return bound.kind === "lost" ? bound.why : bound.kind;
    };
    expect(why("stage:nowhere")).toBe("there is no stage nowhere");
    expect(why("/apt-get/")).toBe("no instruction is like /apt-get/");
    expect(why("/FROM base/")).toBe("what is like /FROM base/ runs nothing, e.g. line 4");
  });
});

describe("a breakpoint that depends on the cache", () => {
  it("stops behind the first step that was not in it, not behind the others", () => {
    const driver = launched("miss");
    expect(settle(driver, ["one"])).toBe("paused end of lib (breakpoint)");
    expect(driver.give("continue") && settle(driver, ["two"])).toBe("paused before 11 (breakpoint)");
    expect(driver.give("continue") && settle(driver)).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(2);
  });

  it("stops behind a hit of the steps it names only", () => {
    const driver = launched("stage:app:hit");
    expect(settle(driver, ["dir", "copy", "one"])).toBe("paused before 11 (breakpoint)");
  });

  it("goes on to where the motion led", () => {
    const driver = launched("first", "stage:lib:miss");
    settle(driver);
    driver.runTo(10);
    expect(settle(driver)).toBe("paused before 10 (cursor)");
    expect(driver.breakpoint(1).hits).toBe(0);
  });

  it("counts at a stop that was reached anyway", () => {
    const driver = launched("first", "miss");
    settle(driver);
    driver.give("next");
    expect(settle(driver, ["add"])).toBe("paused before 3 (breakpoint)");
    expect(driver.breakpoint(1).hits).toBe(1);
  });

  it("gives way to a failure and to a pause", () => {
    const failing = launched("miss");
    failing.failed(failureOf("add"));
    expect(settle(failing)).toBe("paused before 2 (exception)");
    const pausing = launched("miss").give("pause");
    expect(settle(pausing)).toBe("paused before 3 (pause)");
  });

  it("asks nothing of an image, which is looked up each time", () => {
    const program = makeProgram("FROM busybox\nRUN a\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "a", on: "image", at: [2] },
    ]);
    const driver = DebugDriver.launched(program);
    driver.apply({ kind: "add-breakpoint", spec: specOf("1:miss") });
    driver.apply({ kind: "add-breakpoint", spec: specOf("miss") });
    expect(driver.breakpoint().bound.kind).toBe("lost");
    expect(driver.breakpoint(1).bound).toEqual({ kind: "spread", stops: [1] });
  });
});

describe("what a run solves", () => {
  const solves = (driver: DebugDriver): number => {
    let count = 0;
    while (driver.state.phase.kind === "running") {
      count += 1;
      driver.solved();
    }
    return count;
  };

  it("is all in one go without a breakpoint, and goes from one to the next with some", () => {
    expect(solves(launched("stage:nowhere"))).toBe(1);
    expect(solves(launched("10"))).toBe(1);
    expect(launched("10:after").effects).toMatchObject([{ kind: "solve", edges: [edgeOf("two")] }]);
  });

  it("is each step by itself only where the cache is asked about, and the engine is to tell", () => {
    const driver = launched("stage:lib:miss");
    expect(driver.effects).toEqual([
      { kind: "solve", token: driver.token, edges: [edgeOf("src")], awaitReports: true },
    ]);
    expect(solves(driver)).toBe(3);
    expect(solves(launched("miss"))).toBe(8);
  });
});

describe("over reruns and edits", () => {
  it("flies past what was met, and binds anew", () => {
    const driver = launched("stage:lib");
    settle(driver);
    driver.give("continue");
    expect(settle(driver)).toBe("paused before 6 (breakpoint)");
    driver.give("rerun").opened(fxProgram());
    expect(settle(driver)).toBe("paused before 6 (rerun)");
    expect(driver.breakpoint().bound).toEqual({ kind: "spread", stops: [3, 4] });
  });

  it("keeps the condition of a line that an edit moves", () => {
    const driver = launched("6:after");
    driver.give({ kind: "rerun", here: false });
    const edited = makeProgram("FROM scratch\n\nRUN echo one > a.txt\n", [{ id: "one", at: [3] }]);
    driver.opened(edited);
    expect(driver.breakpoint().spec).toEqual({ kind: "line", line: 3, when: "after" });
  });
});

describe("a line with several steps, and a step with several lines", () => {
  const triggers = (...specs: readonly string[]): DebugDriver => {
    const driver = new DebugDriver();
    for (const spec of specs) driver.apply({ kind: "add-breakpoint", spec: specOf(spec) });
    return driver.give({ kind: "launch", request: REQUEST, stopOnEntry: false }).opened(triggersProgram());
  };

  it("stops at the trigger's own line in each stage that it runs in", () => {
    const driver = triggers("6");
    expect(driver.breakpoint().bound).toMatchObject({ kind: "verified", line: 6, stops: [4, 8] });
    expect(settle(driver)).toBe("paused before 8 (breakpoint)");
    expect(settle(driver.give("continue"))).toBe("paused before 10 (breakpoint)");
    expect(settle(driver.give("continue"))).toBe("finishing");
    expect(driver.breakpoint().hits).toBe(2);
  });

  it("holds on a line inside of the trigger, and on ENV of a trigger moves to the next that runs", () => {
    const driver = triggers("7", "5");
    expect(driver.breakpoint().bound).toMatchObject({ kind: "verified", line: 6 });
    expect(driver.breakpoint(1).bound).toMatchObject({ kind: "moved", line: 6, why: "runs nothing" });
  });

  it("stops before the first step of a FROM line, or before one of them", () => {
    expect(settle(triggers("8"))).toBe("paused before 8 (breakpoint)");
    expect(triggers("8").breakpoint().bound).toMatchObject({ kind: "verified", stops: [3] });
    expect(triggers("8.2").breakpoint().bound).toMatchObject({ kind: "verified", stops: [4], line: 8 });
    expect(triggers("6.2").breakpoint().bound).toMatchObject({ kind: "verified", stops: [8], line: 6 });
    expect(triggers("8.3").breakpoint().bound).toEqual({ kind: "lost", why: "line 8 stands for 2 steps" });
  });

  it("moves from ENV of a trigger in each stage", () => {
    const driver = triggers("5");
    expect(settle(driver)).toBe("paused before 8 (breakpoint)");
    expect(settle(driver.give("continue"))).toBe("paused before 10 (breakpoint)");
  });

  it("is at a FROM the first trigger of its image, and not the image", () => {
    const program = makeProgram("FROM made\nRUN x\n", [
      { id: "made", kind: "source", at: [1] },
      { id: "first", on: "made", at: [1], name: "[2/4] ONBUILD RUN first" },
      { id: "second", on: "first", at: [1], name: "[3/4] ONBUILD RUN second" },
      { id: "x", on: "second", at: [2] },
    ]);
    const launch = (spec: string): DebugDriver => {
      const driver = new DebugDriver();
      driver.apply({ kind: "add-breakpoint", spec: specOf(spec) });
      return driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(program);
    };
    expect(launch("1").breakpoint().bound).toEqual({ kind: "verified", stops: [1], line: 1 });
    expect(launch("1:miss").breakpoint().bound).toEqual({ kind: "verified", stops: [1], line: 1 });
    expect(launch("1.1").breakpoint().bound).toEqual({ kind: "verified", stops: [0], line: 1 });
    const driver = launch("first").give({ kind: "run-to", line: lineOf(1) });
    driver.solved(["made"]);
    expect(driver.state.phase).toMatchObject({ kind: "paused", at: 1 });
    expect(driver.refusal({ kind: "run-to", line: lineOf(1) })).toBe("the build already stands at line 1");
    driver.give("next").solved(["first"]);
    expect(driver.refusal({ kind: "run-to", line: lineOf(1) })).toBe("the build already stands at line 1");
  });

  it("stops behind it as well", () => {
    expect(settle(triggers("6:after"))).toBe("paused before 9 (breakpoint)");
  });

  it("runs to one of them", () => {
    const driver = DebugDriver.launched(triggersProgram());
    driver.give({ kind: "run-to", line: lineOf(8), nth: 2 });
    expect(settle(driver)).toBe("paused before 8 (cursor)");
    expect(driver.refusal({ kind: "run-to", line: lineOf(8), nth: 2 })).toBe(
      "the build already stands at line 8.2",
    );
    expect(driver.refusal({ kind: "run-to", line: lineOf(8), nth: 1 })).toBe("line 8.1 has already run");
    expect(driver.refusal({ kind: "run-to", line: lineOf(8), nth: 5 })).toMatch(/line 8 stands for 2 steps/);
    // Stood at in the one stage, the line means the other.
    expect(settle(driver.give({ kind: "run-to", line: lineOf(6) }))).toBe("paused before 10 (cursor)");
  });

  it("runs to the first one that has not run when the first of the line has", () => {
    const driver = DebugDriver.launched(triggersProgram());
    driver.give({ kind: "run-to", line: lineOf(10) }).solved(["image", "mkdir", "copy"]);
    driver.give({ kind: "run-to", line: lineOf(8) }).solved();
    // That is step 4, 8.2.
    expect(driver.state.phase).toMatchObject({ kind: "paused", at: 4 });
  });

  it("holds on either line of a step that two stages share", () => {
    const program = makeProgram(
      "FROM busybox AS a\nRUN same\nRUN x\nFROM busybox AS b\nRUN \\\n same\nRUN y\nCOPY --from=a / /\n",
      [
        { id: "image", kind: "source", at: [1, 4] },
        { id: "same", on: "image", at: [2, [5, 6]] },
        { id: "x", on: "same", at: [3] },
        { id: "y", on: "same", at: [7] },
        { id: "copy", kind: "file", on: "y", uses: ["x"], at: [8] },
      ],
    );
    for (const line of [2, 5, 6]) {
      const driver = DebugDriver.launched(program, { run: true, lines: [line] });
      const first = line === 6 ? 5 : line;
      expect(driver.breakpoint().bound).toEqual({ kind: "verified", stops: [1], line: first });
      expect(settle(driver)).toBe("paused before 2 (breakpoint)");
    }
    const image = DebugDriver.launched(program, { lines: [4] });
    expect(image.breakpoint().bound).toMatchObject({ kind: "moved", why: "has the image of line 1" });
  });

  it("knows the end and the steps of a stage all of whose steps are another's", () => {
    const program = makeProgram(
      "FROM busybox AS a\nRUN same\nRUN x\nFROM busybox AS b\nENV E=1\nRUN same\nFROM scratch\nCOPY --from=a / /\nCOPY --from=b / /\n",
      [
        { id: "image", kind: "source", at: [1, 4] },
        { id: "same", on: "image", at: [2, 6] },
        { id: "x", on: "same", at: [3] },
        { id: "copy", kind: "file", uses: ["x"], at: [8] },
        { id: "last", kind: "file", on: "copy", uses: ["same"], at: [9] },
      ],
    );
    const bound = (spec: string): unknown => {
      const driver = new DebugDriver();
      driver.apply({ kind: "add-breakpoint", spec: specOf(spec) });
      driver.give({ kind: "launch", request: REQUEST, stopOnEntry: false }).opened(program);
      return [driver.breakpoint().bound, settle(driver)];
    };
    expect(bound("b:end")).toEqual([
      { kind: "verified", stops: [1], line: 2 },
      "paused before 3 (breakpoint)",
    ]);
    expect(bound("stage:b")).toEqual([{ kind: "spread", stops: [1] }, "paused before 2 (breakpoint)"]);
    expect(bound("5")).toEqual([
      { kind: "moved", stops: [1], line: 6, why: "runs nothing" },
      "paused before 2 (breakpoint)",
    ]);
    expect(bound("4")).toEqual([
      { kind: "moved", stops: [1], line: 6, why: "has the image of line 1" },
      "paused before 2 (breakpoint)",
    ]);
  });
});
