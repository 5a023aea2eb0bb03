/** Where the position is and where the build, on the screen: with and without Unicode. */
import { expect, test } from "vitest";
import { lineOf } from "../../../src/graph/graph.ts";
import { sourcePane } from "../../../src/tui/panes/source/source-pane.ts";
import { stepsPane } from "../../../src/tui/panes/steps/steps-pane.ts";
import { failureOf } from "../../support/debug-driver.ts";
import { FX_TEXT, fxProgram } from "../../support/graphs.ts";
import { ScreenFixture } from "../../support/screen-fixture.ts";
import { ascii, failed as failedMoment, seen, sourceModel } from "./panes/picture.ts";

/** Stopped at the failure of line 10. */
function failed(): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT);
  screen.launch();
  screen.opened(fxProgram()).type("c");
  return screen.answer({ kind: "solve-failed", token: screen.token, failure: failureOf("two") });
}

function gutters(screen: ScreenFixture): readonly string[] {
  return screen.rows().flatMap((row) => /^.[>@] +\d+ \S/.exec(row)?.[0] ?? []);
}

test("back marks position and build in the gutter, and says both in the first row", async () => {
  await using screen = failed();
  screen.type("1<");
  expect(screen.row(1)).toMatch(/BACK at step 6\/8 · line 9 · from step 7, which failed$/);
  expect(gutters(screen)).toEqual([" >   9 =", " @  10 ✗"]);
  expect(screen.row(24)).toBe(
    " < back  n next  ( reverse  c continue  J go to  ! shell  x base/after  ? help",
  );
  screen.type("(");
  expect(screen.row(1)).toMatch(/BACK at step 1\/8 · line 2 · from step 7, which failed$/);
  screen.type("<");
  expect(screen.rows().join("\n")).toContain("<: this is the first step");
  screen.type("c");
  expect(screen.row(1)).toMatch(/FAILED step 7\/8 · exit code 1 · line 10$/);
  expect(gutters(screen)).toEqual([" >  10 ✗"]);
});

test("the two marks are ASCII, in the Steps pane too", () => {
  const { layout } = sourceModel(failedMoment, 18);
  const [live, current] = [11, 5].map((line) => layout.indexOfLine(lineOf(line)));
  const model = sourceModel(failedMoment, 18, { current: [current ?? 0], live: [live ?? 0], top: 0 });
  const rows = seen(sourcePane(model, { columns: 80, rows: 18 }, ascii));
  expect(rows.flatMap((row) => /^.[>@] +\d+ \S/.exec(row)?.[0] ?? [])).toEqual([" >   5 +", " @  11 x"]);
  const step = (number: number, mark: "done" | "failed", place: "here" | "live") =>
    ({ kind: "step", number, mark, current: place === "here", place, text: "RUN", right: "" }) as const;
  const steps = { rows: [step(5, "done", "here"), step(6, "failed", "live")], total: 9, top: 0 };
  expect(
    seen(stepsPane({ ...steps, selected: undefined, focused: false }, { columns: 30, rows: 2 }, ascii)),
  ).toEqual([" >+ 5/9 RUN", " @x 6/9 RUN"]);
});
