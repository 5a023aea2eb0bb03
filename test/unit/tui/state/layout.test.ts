import { describe, expect, test } from "vitest";
import type { Rect, Size } from "../../../../src/tui/cells/rect.ts";
import { type Layout, type LayoutInput, layout, type Slot } from "../../../../src/tui/state/layout.ts";

const base = { lower: { kind: "other" }, focus: "source", stepsRows: 12 } as const;

function rectangles(result: Layout): Rect[] {
  const { status, hint, source, lower, steps, info, log, rules } = result;
  const panes = [status, hint, source, lower, steps, info, log].filter((rect) => rect !== undefined);
  return [...panes, ...rules.map((rule) => rule.rect)].filter((rect) => rect.rows > 0 && rect.columns > 0);
}

function firstProblem(result: Layout, size: Size): string | undefined {
  const all = rectangles(result);
  for (const [index, a] of all.entries()) {
    if (a.x < 0 || a.y < 0 || a.x + a.columns > size.columns || a.y + a.rows > size.rows)
      return "outside the screen";
    for (const b of all.slice(index + 1)) {
      const apart =
        a.x + a.columns <= b.x || b.x + b.columns <= a.x || a.y + a.rows <= b.y || b.y + b.rows <= a.y;
      if (!apart) return "overlap";
    }
  }
  if (result.source !== undefined && result.lower !== undefined && !result.tiny) {
    if (result.source.rows < 4) return "source below 4 rows";
    if (result.lower.rows < 6) return "lower pane below 6 rows";
  }
  if (!result.tiny && result.source === undefined && result.lower === undefined) {
    if (result.steps === undefined && result.info === undefined && result.log === undefined)
      return "no pane at all";
  }
  return undefined;
}

function* allSizes(): Generator<Size> {
  for (let columns = 0; columns <= 300; columns += columns < 60 ? 3 : 7) {
    for (let rows = 0; rows <= 100; rows += rows < 20 ? 1 : 5) yield { columns, rows };
  }
}

describe("layout", () => {
  const zooms: readonly (Slot | undefined)[] = [undefined, "source", "lower", "steps", "info", "log"];
  const inputs: readonly Omit<LayoutInput, "size">[] = zooms.flatMap((zoom) => [
    { ...base, zoom },
    { ...base, zoom, focus: "lower", lower: { kind: "shell", hasKeyboard: true }, stepsRows: 0 },
    { ...base, zoom, stepsRows: 500, splits: { lowerRows: 40, sideColumns: 200 } },
    { ...base, zoom, splits: { lowerRows: -40, sideColumns: -200 } },
  ]);

  test("at every size, rectangles stay inside the screen, apart from each other and high enough", () => {
    for (const size of allSizes()) {
      for (const input of inputs) {
        const problem = firstProblem(layout({ ...input, size }), size);
        if (problem !== undefined) expect.fail(`${JSON.stringify({ size, input })}: ${problem}`);
      }
    }
  });

  test("80x24 has the rows of the mock-up, and the shell gets two more when it has the keyboard", () => {
    const size = { columns: 80, rows: 24 };
    const { source, lower, steps } = layout({ ...base, size });
    expect(source).toEqual({ x: 0, y: 2, columns: 80, rows: 9 });
    expect(lower).toEqual({ x: 0, y: 12, columns: 80, rows: 11 });
    expect(steps).toBeUndefined();
    const shell = layout({ ...base, size, lower: { kind: "shell", hasKeyboard: true } });
    expect(shell.lower).toEqual({ x: 0, y: 10, columns: 80, rows: 13 });
  });

  test("120x40 has a right column of 40 with Steps and Info, and none of it beside the lower pane", () => {
    const result = layout({ ...base, size: { columns: 120, rows: 40 } });
    expect(result.source).toEqual({ x: 0, y: 2, columns: 79, rows: 18 });
    expect(result.steps).toEqual({ x: 80, y: 2, columns: 40, rows: 12 });
    expect(result.info).toEqual({ x: 80, y: 15, columns: 40, rows: 5 });
    expect(result.lower).toEqual({ x: 0, y: 21, columns: 120, rows: 18 });
    expect(result.rules.find((rule) => rule.kind === "divider")?.rect).toEqual({
      x: 79,
      y: 1,
      columns: 1,
      rows: 19,
    });
  });

  test("a right column without 4 rows for Info is all Steps", () => {
    const { steps, info } = layout({ ...base, size: { columns: 120, rows: 40 }, stepsRows: 14 });
    expect(steps?.rows).toBe(18);
    expect(info).toBeUndefined();
  });

  test("200x60 has a right column of 64 over the full height", () => {
    const { log, lower } = layout({ ...base, size: { columns: 200, rows: 60 } });
    expect(log).toMatchObject({ x: 136, columns: 64, y: lower?.y, rows: lower?.rows });
  });

  test("a zoomed shell leaves one row, another zoomed pane two", () => {
    const size = { columns: 120, rows: 40 };
    const shell = layout({ ...base, size, zoom: "lower", lower: { kind: "shell", hasKeyboard: false } });
    expect(shell.lower).toEqual({ x: 0, y: 0, columns: 120, rows: 39 });
    expect(shell.status.rows).toBe(0);
    expect(layout({ ...base, size, zoom: "source" }).source).toEqual({ x: 0, y: 1, columns: 120, rows: 38 });
  });

  test("fewer than 14 rows keep only the focused of source and lower pane", () => {
    const size = { columns: 60, rows: 10 };
    expect(layout({ ...base, size }).lower).toBeUndefined();
    expect(layout({ ...base, size, focus: "lower" }).source).toBeUndefined();
  });

  test("below 40 columns or 8 rows there is one line", () => {
    const result = layout({ ...base, size: { columns: 20, rows: 5 } });
    expect(result).toMatchObject({ tiny: true, status: { rows: 1 }, hint: { rows: 0 }, rules: [] });
  });
});
