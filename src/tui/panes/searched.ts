/** What is searched for, and where: the texts of a pane's rows and what shows the row that was found. */

import type { ListPane, PaneId } from "../commands/pane-words.ts";
import { centeredTop } from "../drawing/row-window.ts";
import type { Direction, Searchable } from "../drawing/search-hits.ts";
import type { UiAction } from "../state/ui-state.ts";
import type { PaneView } from "./pane-view.ts";

export interface PaneTexts {
  readonly rows: Searchable;
  /** The row that a search begins behind, in its direction; `includeHere`: the row of the cursor counts too. */
  from(direction: Direction, includeHere: boolean): number;
  /** Shows the row that was found. */
  show(hit: number): readonly UiAction[];
}

/** What is searched for in a pane; "" = nothing. */
export function searchIn({ ui }: Pick<PaneView, "ui">, pane: PaneId): string {
  return ui.search?.pane === pane ? ui.search.text : "";
}

/** Of a list. Panes without a cursor of their own are scrolled; the hit is remembered as their cursor. */
export function listTexts(
  pane: ListPane,
  texts: readonly string[],
  view: PaneView,
  { hasCursor }: { readonly hasCursor: boolean },
): PaneTexts {
  const { cursor } = view.ui[pane];
  return {
    rows: { first: 0, end: texts.length, textAt: (index) => texts[index] ?? "" },
    from: (_direction, includeHere) => cursor - (includeHere ? 1 : 0),
    show: (hit) => {
      const rows = view.layout.lower?.rows ?? 1;
      const top = centeredTop({ cursor: hit, rows, total: texts.length });
      return [
        { kind: "list", pane, view: hasCursor ? { cursor: hit, centered: false } : { cursor: hit, top } },
      ];
    },
  };
}
