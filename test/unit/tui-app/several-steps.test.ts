/** A line that stands for several steps: which of them the screen shows, marks and opens. */
import { expect, test } from "vitest";
import type { Progress } from "../../../src/engine/engine.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { digestOf, TRIGGERS_TEXT, triggersProgram } from "../../support/graphs.ts";
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
