/** What every pane promises to the screen and its controls, for each row of all-panes.ts. */
import { describe, expect, test } from "vitest";
import { lineOf } from "../../../../src/graph/graph.ts";
import { textWidth } from "../../../../src/tui/cells/width.ts";
import { defaultKeys, keysWith } from "../../../../src/tui/commands/key-bindings.ts";
import { FOCUS_COMMANDS, PANE_WORDS } from "../../../../src/tui/commands/pane-words.ts";
import { findHit } from "../../../../src/tui/drawing/search-hits.ts";
import { ALL_PANES, PANES } from "../../../../src/tui/panes/all-panes.ts";
import type { Pane } from "../../../../src/tui/panes/pane.ts";
import { chromeRows } from "../../../../src/tui/screen/chrome.ts";
import type { Slot } from "../../../../src/tui/state/layout.ts";
import { reduceUi, type UiAction, type UiState } from "../../../../src/tui/state/ui-state.ts";
import { FX_TEXT, fxProgram } from "../../../support/graphs.ts";
import { ScreenFixture, withoutStyle } from "../../../support/screen-fixture.ts";

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 180, rows: 50 },
] as const;

/** A build in which every pane has something to show, with this one in front. */
function showing(pane: Pane, size: { readonly columns: number; readonly rows: number }): ScreenFixture {
  const screen = new ScreenFixture(FX_TEXT, size);
  screen.launch();
  screen.opened(fxProgram()).type(":break 3\r:break 10\r:break end lib\r");
  for (const line of [2, 5, 9])
    screen.report({
      kind: "warning",
      vertex: undefined,
      text: `Rule${line}: wrong (line ${line})`,
      detail: ["asked"],
      ranges: [{ source: 0, start: lineOf(line), end: lineOf(line) }],
    });
  for (let index = 0; index < 30; index += 1) screen.controller.say(`message ${index}`);
  screen.controller.act({ kind: "focus", pane: pane.id });
  return screen;
}

function after(ui: UiState, actions: readonly UiAction[]): UiState {
  return actions.reduce(reduceUi, ui);
}

test("every pane is listed under its own name, with words that no other pane has", () => {
  for (const [id, pane] of Object.entries(PANES)) expect(pane.id).toBe(id);
  expect(ALL_PANES.map(({ id }) => id)).toEqual(Object.keys(PANE_WORDS));
  for (const word of ["title", "command"] as const)
    expect(new Set(ALL_PANES.map((pane) => pane[word])).size).toBe(ALL_PANES.length);
  const lists = ALL_PANES.flatMap(({ list }) => list ?? []);
  expect(new Set(lists).size).toBe(lists.length);
});

test("each pane's command is in the key table, and a key of its own goes to it", async () => {
  for (const { command } of ALL_PANES) expect(defaultKeys.bindingOf(command)).toBeDefined();
  for (const { key, command } of FOCUS_COMMANDS) {
    const pane = ALL_PANES.find((each) => each.command === command);
    await using screen = showing(PANES.source, SIZES[1]);
    screen.type(key);
    expect(screen.controller.ui.focus).toBe(pane?.id);
  }
});

test("a tab shows the key that goes to its pane, also another one", async () => {
  const { keys } = keysWith([{ command: "graph", keys: ["F7"], from: "test" }]);
  await using screen = showing(PANES.log, SIZES[1]);
  const view = screen.controller.view();
  const rows = chromeRows({ ...view, availability: { ...view.availability, keys } }).map(withoutStyle);
  expect(rows.join("\n")).toMatch(/\[ 3 Log \]─ 4 Shell ─.*─ F7 Graph ─/);
});

describe.each(ALL_PANES)("the pane $title", (pane) => {
  test.each(SIZES)("fills its place on a screen of $columns by $rows, however small", async (size) => {
    await using screen = showing(pane, size);
    const view = screen.controller.view();
    const slot: Slot =
      pane.id === "source" || (pane.id === "steps" && size.columns > 100) ? pane.id : "lower";
    for (const place of [view.layout[slot], { columns: 1, rows: 1 }, { columns: 20, rows: 3 }]) {
      if (place === undefined) throw new Error("it has no place");
      const rows = pane.draw(view, place, slot);
      expect(rows).toHaveLength(place.rows);
      for (const row of rows) expect(textWidth(withoutStyle(row))).toBe(place.columns);
    }
    expect(pane.summary(view, slot)).not.toContain("\n");
    expect(pane.height(view)).toBeGreaterThan(0);
  });

  test.each(SIZES)(
    "ends where it ends at $columns by $rows, and comes back to where it began",
    async (size) => {
      await using screen = showing(pane, size);
      const { controller } = screen;
      controller.act(...pane.moved(Number.NEGATIVE_INFINITY, controller.view()));
      const first = controller.view().ui;
      controller.act(...pane.moved(Number.POSITIVE_INFINITY, controller.view()));
      const last = controller.view().ui;
      expect(after(last, pane.moved(1, controller.view()))).toEqual(last);
      controller.act(...pane.moved(Number.NEGATIVE_INFINITY, controller.view()));
      expect(controller.view().ui).toEqual(first);
      controller.act(...pane.sideways(-8, controller.view()));
      expect(controller.view().ui).toEqual(first);
    },
  );

  test("each of its texts is found where it is, and shown then", async () => {
    await using screen = showing(pane, SIZES[0]);
    const { controller } = screen;
    const { rows: total = 0, columns = 0 } = controller.view().layout.lower ?? {};
    const texts = pane.texts(controller.view());
    for (let row = texts?.rows.first ?? 0; row < (texts?.rows.end ?? 0); row += 1) {
      const text = texts?.rows.textAt(row) ?? "";
      if (text.trim() === "" || texts === undefined) continue;
      controller.act(...texts.show(row));
      const view = controller.view();
      const shown = pane.texts(view);
      if (shown === undefined) throw new Error("it had texts before");
      expect(findHit(shown.rows, text.toLowerCase(), shown.from("next", true), "next")).toBe(row);
      const place = pane.id === "source" ? view.layout.source : { rows: total, columns };
      const slot = pane.id === "source" ? "source" : "lower";
      const drawn = pane
        .draw(view, place ?? { rows: total, columns }, slot)
        .map(withoutStyle)
        .join("\n");
      const [word = ""] = text
        .trim()
        .split(/[^\w]+/)
        .filter((each) => each !== "");
      expect(drawn).toContain(word);
    }
  });

  test("what it copies is not empty, and a click anywhere keeps the cursor on something", async () => {
    await using screen = showing(pane, SIZES[0]);
    const { controller } = screen;
    expect(pane.copied(controller.view())).not.toBe("");
    const place = controller.view().layout[pane.id === "source" ? "source" : "lower"];
    for (let y = 0; y < (place?.rows ?? 0); y += 1) {
      const { actions } = pane.pressed({ x: 30, y }, controller.view());
      controller.act(...actions);
      expect(pane.copied(controller.view())).not.toBe("");
      const { ui } = controller.view();
      if (pane.list !== undefined && actions.length > 0)
        expect(ui[pane.list].cursor).toBeGreaterThanOrEqual(ui[pane.list].top);
    }
    expect(controller.ui.focus).toBe(pane.id);
  });

  test("the keys that it offers are commands, in words", async () => {
    await using screen = showing(pane, SIZES[0]);
    const { availability } = screen.controller.view();
    for (const command of pane.hints?.(availability, true) ?? []) {
      expect(defaultKeys.bindingOf(command)?.panes ?? [pane.id]).toContain(pane.id);
      const hint = { keys: defaultKeys.keyOf(command), label: "as usual" };
      expect(pane.spelled?.(command, hint, availability, false).label).not.toBe("");
    }
    expect((pane.leads === undefined) === (pane.leadsTo === undefined)).toBe(true);
  });
});
