/** A line that stands for several steps: which of them the screen shows, marks and opens. */
import { expect, test } from "vitest";
import type { Progress } from "../../../src/engine/engine.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { digestOf, makeProgram, TRIGGERS_TEXT, triggersProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";

type VertexReport = Extract<Progress, { kind: "vertex" }>;

function cached(id: string): VertexReport {
  return {
    kind: "vertex",
    vertex: digestOf(id),
    name: id,
    startedMs: 1000,
    completedMs: 1000,
    cached: true,
    error: "",
  };
}

const DONE = ["image", "mkdir", "copy"];

/** Failed at the second of the two triggers of line 8. */
function failed(size = { columns: 80, rows: 24 }): ScreenFixture {
  const screen = new ScreenFixture(TRIGGERS_TEXT, size);
  screen.launch();
  screen.opened(triggersProgram()).type("c");
  screen.report(...DONE.map(cached), { ...cached("test"), cached: false, error: "exit 1" });
  return screen.answer({
    kind: "solve-failed",
    token: screen.token,
    failure: failureOf("test"),
    completed: DONE.map(digestOf),
  });
}

const sourceRow = (screen: ScreenFixture, line: number): string =>
  screen.rows().find((row) => new RegExp(`^.. {1,3}${line} `).test(row)) ?? "";

test("failed at the second trigger of a FROM, that line, its marks and its states are those of the second", async () => {
  await using screen = failed();
  expect(screen.row(1)).toMatch(/FAILED step 4\/9 · exit code 1 · line 8\.2$/);
  expect(screen.row(2)).toMatch(/site · line 8\/12 · step 2 of 2 here ─$/);
  expect(sourceRow(screen, 8)).toMatch(/^ > {3}8 ✗ FROM parent AS site +2\/2 exit 1$/);
  const view = screen.controller.view();
  expect([view.selected?.id, view.side]).toEqual([3, "failed"]);
  screen.type("x");
  expect(screen.controller.view().side).toBe("base");
  screen.type("8");
  expect(screen.rows().join("\n")).toMatch(/step 4\/9/);
});

test("[ and ] go through the steps of a line, and what is looked at goes along", async () => {
  await using screen = failed();
  screen.type("[");
  expect(screen.row(2)).toMatch(/line 8\/12 · step 1 of 2 here ─$/);
  expect(sourceRow(screen, 8)).toMatch(/^ > {3}8 ✗ FROM parent AS site +1\/2 cached$/);
  expect(screen.controller.view().selected?.id).toBe(2);
  expect(screen.controller.view().side).toBe("after");
  screen.type("]");
  expect(screen.controller.view().selected?.id).toBe(3);
  screen.type("]");
  expect(screen.row(2)).toMatch(/site · line 9\/12 ─$/);
  // Coming from below, the last of the line is met first; moved to by line, the failed one is meant.
  screen.type("[[");
  expect(screen.controller.view().selected?.id).toBe(2);
  screen.type("jk");
  expect(screen.controller.view().selected?.id).toBe(3);
});

test("a line whose steps have all run has one mark, and its last step is meant", async () => {
  await using screen = new ScreenFixture(TRIGGERS_TEXT);
  screen.launch();
  screen.opened(triggersProgram()).type(":9\rt");
  screen.report(...[...DONE, "test"].map(cached)).solved();
  expect(screen.row(1)).toMatch(/PAUSED before step 5\/9 · line 9$/);
  expect(sourceRow(screen, 8)).toMatch(/^ {5}8 = FROM parent AS site +cached$/);
  screen.type("k");
  expect(sourceRow(screen, 8)).toMatch(/^ {5}8 = FROM parent AS site +2\/2 cached$/);
  expect(screen.controller.view().selected?.id).toBe(3);
});

test("a trigger of this file is marked at its own line too, and e opens the editor there", async () => {
  await using screen = failed({ columns: 120, rows: 40 });
  expect(sourceRow(screen, 4)).toMatch(/^ {5}4 · ONBUILD COPY --from=assets \/a \/w +1 of 2 done │/);
  expect(sourceRow(screen, 6)).toMatch(/^ > {3}6 ✗ ONBUILD RUN test -e \\ +1\/2 exit 1 │/);
  expect(sourceRow(screen, 7)).toMatch(/^ {5}7 {5}\/w\/x +│/);
  expect(sourceRow(screen, 8)).toMatch(/^ > {3}8 ✗ /);
  expect(screen.rows().join("\n")).toMatch(/e {2}edit line 6/);
  expect(screen.rows().join("\n")).toMatch(/line +8\.2 \(of 2\), ONBUILD in line 6/);
  await Promise.resolve(screen.type("e"));
  expect(screen.done).toContain("edit 6");
  screen.type(":6\r");
  expect(screen.controller.view().selected?.id).toBe(3);
  screen.type("e");
  expect(screen.done.at(-1)).toBe("edit 6");
});

test("b on a trigger's line stays there and stops in each stage; on one step of a line it is that one", async () => {
  await using screen = new ScreenFixture(TRIGGERS_TEXT);
  screen.launch();
  screen.opened(triggersProgram()).type(":6\rb");
  expect(screen.debug.state.breakpoints[0]).toMatchObject({
    spec: { kind: "line", line: 6 },
    bound: { kind: "verified", line: 6 },
  });
  expect(sourceRow(screen, 6)).toMatch(/^●/);
  screen.type("6");
  expect(screen.rows().join("\n")).toMatch(/Dockerfile:6 .*ONBUILD RUN.*in 2 stages/);
  screen.type("1:6\rb");
  expect(screen.debug.state.breakpoints).toEqual([]);
  screen.type(":8.2\rb");
  expect(screen.debug.state.breakpoints[0]?.spec).toEqual({ kind: "line", line: 8, nth: 2 });
  expect(screen.rows().join("\n")).toContain("breakpoint at line 8.2: ONBUILD RUN test -e /w/x");
  screen.type("c").solved();
  expect(screen.row(1)).toMatch(/PAUSED before step 4\/9 · line 8\.2$/);
  screen.type("b");
  expect(screen.debug.state.breakpoints).toEqual([]);
});

test("b on the first step of a line leaves the breakpoints of its other steps alone", async () => {
  await using screen = new ScreenFixture(TRIGGERS_TEXT);
  screen.launch();
  screen.opened(triggersProgram()).type(":8.2\rb:8.1\rb");
  const specs = (): unknown => screen.debug.state.breakpoints.map(({ spec }) => spec);
  expect(specs()).toEqual([
    { kind: "line", line: 8, nth: 2 },
    { kind: "line", line: 8 },
  ]);
  screen.type("b");
  expect(specs()).toEqual([{ kind: "line", line: 8, nth: 2 }]);
  // The line as such means all of them.
  screen.type("jkb");
  expect(specs()).toEqual([]);
});

test("t and b on a FROM whose image has triggers mean the first trigger, as to and break do", async () => {
  const text = "FROM busybox AS a\nRUN y\nFROM made\nCOPY --from=a / /\n";
  await using screen = new ScreenFixture(text);
  screen.launch();
  const program = makeProgram(text, [
    { id: "busybox", kind: "source", at: [1] },
    { id: "y", on: "busybox", at: [2] },
    { id: "made", kind: "source", at: [3] },
    { id: "first", on: "made", at: [3], name: "[stage-1 2/3] ONBUILD RUN first" },
    { id: "copy", kind: "file", on: "first", uses: ["y"], at: [4] },
  ]);
  screen.opened(program).type(":3\rb");
  expect(screen.debug.state.breakpoints[0]).toMatchObject({ spec: { line: 3 }, bound: { stops: [4] } });
  screen.type("bt").solved();
  expect(screen.debug.state.breakpoints).toEqual([]);
  expect(screen.row(1)).toMatch(/PAUSED before step 4\/5 · line 3\.2$/);
});

test("[ goes from the end of a stage to its last step", async () => {
  await using screen = new ScreenFixture(TRIGGERS_TEXT);
  screen.launch();
  screen.opened(triggersProgram()).type(":9\rj");
  const { document, ui } = screen.controller.view();
  expect(document.layout.rowAt(ui.source.cursor)).toMatchObject({ kind: "end", stage: "site" });
  screen.type("[");
  expect(screen.row(2)).toMatch(/ line 9\/12 ─$/);
});

test("the steps and the graph pane mean the very step under their cursor", async () => {
  await using screen = new ScreenFixture(TRIGGERS_TEXT, { columns: 120, rows: 40 });
  screen.launch();
  screen.opened(triggersProgram()).type("2gjjjjj");
  expect(screen.controller.view().selected?.text).toMatch(/^ONBUILD RUN/);
  screen.type("b");
  expect(screen.debug.state.breakpoints[0]?.spec).toEqual({ kind: "line", line: 8, nth: 2 });
  screen.type("t").solved();
  expect(screen.row(1)).toMatch(/PAUSED before step 4\/9 · line 8\.2$/);
  screen.type("7gjjj");
  const { graph, ui } = screen.controller.view();
  expect(graph?.outline.rows[ui.graph.cursor]).toMatchObject({ node: { step: { id: 2 } } });
  screen.type("\r");
  expect(screen.controller.view().selected?.id).toBe(2);
  expect(screen.row(2)).toMatch(/step 1 of 2 here/);
});
