/** The breakpoints pane. */
import { orderText } from "../../../debugger/breakpoints/break-order.ts";
import { isCatchingAll } from "../../../debugger/breakpoints/catches.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { keepVisible } from "../../state/ui-state.ts";
import { listAt, movedList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { breakRows } from "./break-list.ts";
import { breaksPane, breaksSummary } from "./breaks-pane.ts";

/** The names of the columns. */
const HEADER_ROWS = 1;

export const BREAKS_PANE: Pane = {
  id: "breaks",
  ...PANE_WORDS.breaks,
  draw,
  summary: ({ debug }) => {
    if (debug === undefined) return "";
    const { catches } = debug.state;
    const kinds = catches.length === 0 ? "none" : catches.map(({ kind }) => kind).join(", ");
    const words = breaksSummary(breakRows(debug.state));
    return isCatchingAll(catches) ? words : `${words}, catch ${kinds}`;
  },
  height: ({ layout }) => (layout.lower?.rows ?? 1) - HEADER_ROWS,
  moved: (distance, view) => {
    const total = view.debug?.state.breakpoints.length ?? 0;
    return [listAt("breaks", movedList(view.ui.breaks, distance, total, BREAKS_PANE.height(view)))];
  },
  sideways: () => [],
  texts: (view) => {
    const rows = view.debug === undefined ? [] : breakRows(view.debug.state);
    const texts = rows.map(({ place, text }) => `${place} ${text}`);
    return listTexts("breaks", texts, view, { hasCursor: true });
  },
  copied: ({ debug, ui }) => {
    const selected = debug?.state.breakpoints[ui.breaks.cursor];
    return selected === undefined ? undefined : orderText(selected);
  },
  pressed: ({ y }, { ui }) =>
    y < HEADER_ROWS
      ? NOTHING_PRESSED
      : { actions: [listAt("breaks", { cursor: ui.breaks.top + y - HEADER_ROWS })] },
  hints: (_now, wide) => [
    "break-toggle",
    "break-go",
    "break-add",
    "break-rule",
    "break-delete",
    "back",
    ...(wide ? (["break-undo"] as const) : []),
  ],
  fitted: ({ breaks }, { debug, layout }) => {
    const total = debug?.state.breakpoints.length ?? 0;
    const rows = Math.max(1, (layout.lower?.rows ?? 2) - HEADER_ROWS);
    return { breaks: keepVisible(breaks, total, rows) };
  },
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { ui, debug } = view;
  if (debug === undefined) return [];
  const focused = ui.focus === "breaks";
  const search = searchIn(view, "breaks");
  const { cursor: selected, top } = ui.breaks;
  const model = { rows: breakRows(debug.state), selected, top, focused, search };
  return breaksPane(model, size, view.look, view.availability.keys);
}
