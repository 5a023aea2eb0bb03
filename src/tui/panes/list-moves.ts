/** Where a movement leads in a list. Pure. */
import type { ListPane } from "../commands/pane-words.ts";
import { keepVisible, type ListView, type UiAction } from "../state/ui-state.ts";

export function listAt(pane: ListPane, view: Partial<ListView>): UiAction {
  return { kind: "list", pane, view };
}

/** The cursor goes `distance` rows among `total`, of which `rows` are shown. */
export function movedList(view: ListView, distance: number, total: number, rows: number): ListView {
  const cursor = Math.max(0, Math.min(total - 1, view.cursor + distance));
  return keepVisible({ ...view, cursor, centered: false }, total, rows);
}

/** A pane without a cursor: the top moves. */
export function scrolledList(view: ListView, distance: number, total: number, rows: number): ListView {
  const last = Math.max(0, total - rows);
  return { ...view, top: Math.max(0, Math.min(last, Math.min(last, view.top) + distance)) };
}
