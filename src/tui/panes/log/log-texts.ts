/** The log as something to search in. */
import type { Direction, Searchable } from "../../drawing/search-hits.ts";
import type { UiAction } from "../../state/ui-state.ts";
import type { PaneView } from "../pane-view.ts";
import type { PaneTexts } from "../searched.ts";
import type { LogRow, LogRows } from "./log-rows.ts";

/** Rows looked at while typing, so that a key never waits for a log of a million lines. */
const AT_ONCE = 100_000;

/** The newest part of it; undefined while there is no log. */
export function newestTexts(view: PaneView): PaneTexts | undefined {
  const { logRows } = view;
  if (logRows === undefined) return undefined;
  return {
    rows: logSearchable(logRows, Math.max(logRows.first, logRows.end - AT_ONCE)),
    from: (direction) => searchFrom(view, logRows, direction),
    show: (hit) => [logAt(view, logRows, hit)],
  };
}

/** Is there more than the newest part? */
export function isLongLog({ first, end }: LogRows): boolean {
  return end - first > AT_ONCE;
}

/** The rows from `first` on. */
export function logSearchable(logRows: LogRows, first: number): Searchable {
  return { first, end: logRows.end, textAt: (index) => logRowText(logRows.row(index)) };
}

/** Where a search begins: at the last hit, or at what is on the screen. */
export function searchFrom({ ui, layout }: PaneView, logRows: LogRows, direction: Direction): number {
  const rows = layout.lower?.rows ?? 1;
  return ui.log.hit ?? (direction === "next" ? (ui.log.top ?? logRows.end - rows) - 1 : logRows.end);
}

/** The log with a hit in the middle. */
export function logAt({ layout }: PaneView, logRows: LogRows, hit: number): UiAction {
  const rows = layout.lower?.rows ?? 1;
  const top = Math.max(logRows.first, Math.min(hit - Math.floor(rows / 2), logRows.end - rows));
  return { kind: "log", view: { hit, top, full: true } };
}

export function logRowText(row: LogRow | undefined): string {
  return row?.kind === "line" || row?.kind === "note" ? row.text : "";
}
