/** The mouse on bktui's own panes, when the user has turned it on. */

import type { Rect } from "../cells/rect.ts";
import type { CommandId, PaneId } from "../commands/keymap.ts";
import type { MouseEvent } from "../input/events.ts";
import { infoTexts, messageTexts } from "../screen/draw.ts";
import type { View } from "../screen/view.ts";
import type { Desk } from "./app.ts";
import type { Session } from "./attached.ts";
import { filesHeights, movedBy, textMoved } from "./cursor-moves.ts";

const WHEEL_ROWS = 3;
/** Breakpoint and position stand in the first cells of the source. */
const GUTTER_CELLS = 2;

interface Place {
  readonly pane: PaneId;
  /** In cells from the pane's top left. */
  readonly x: number;
  readonly y: number;
}

export interface MouseControlOptions {
  readonly desk: Desk;
  session(): Session | undefined;
  /** The program that has the keyboard gives it back. */
  leave(): void;
  run(command: CommandId): void;
}

export class MouseControl {
  readonly #options: MouseControlOptions;

  constructor(options: MouseControlOptions) {
    this.#options = options;
  }

  on(event: MouseEvent): void {
    const { desk } = this.#options;
    if (desk.ui.overlay.kind !== "none") return;
    const view = desk.view();
    const place = placeAt(view, event.x, event.y);
    if (place === undefined) return;
    if (event.action === "wheel-up") this.#wheel(place.pane, -WHEEL_ROWS, view);
    else if (event.action === "wheel-down") this.#wheel(place.pane, WHEEL_ROWS, view);
    else if (event.action === "press" && event.button === "left") this.#press(place, view);
  }

  #press(place: Place, view: View): void {
    const { desk, run } = this.#options;
    if (desk.ui.keyboard !== place.pane) this.#options.leave();
    desk.act({
      kind: "focus",
      pane: place.pane,
      ...(place.pane === "steps" ? { lower: view.ui.lower } : {}),
    });
    const { pane, y } = place;
    switch (pane) {
      case "source": {
        const cursor = view.ui.source.top + y;
        if (view.document.layout.rowAt(cursor) === undefined) return;
        desk.act({ kind: "list", pane, view: { cursor, top: view.ui.source.top, centered: false } });
        if (place.x < GUTTER_CELLS) run("break-line");
        return;
      }
      case "steps":
        desk.act({ kind: "list", pane, view: { cursor: view.ui.steps.top + y } });
        return;
      case "files": {
        // The first row says what is listed.
        if (y > 0 && y <= filesHeights(view).list)
          desk.act({ kind: "list", pane, view: { cursor: view.ui.files.top + y - 1 } });
        return;
      }
      case "breaks":
        // The first row holds the names of the columns.
        if (y > 0) desk.act({ kind: "list", pane, view: { cursor: view.ui.breaks.top + y - 1 } });
        return;
      case "graph":
        if (view.graph?.outline.rows[view.ui.graph.top + y] !== undefined)
          desk.act({ kind: "list", pane, view: { cursor: view.ui.graph.top + y, centered: false } });
        return;
      case "log":
      case "shell":
      case "editor":
      case "info":
      case "messages":
        return;
    }
  }

  /** The pane under the pointer scrolls; the focus stays where it is. */
  #wheel(pane: PaneId, rows: number, view: View): void {
    const { desk } = this.#options;
    if (pane === "shell") {
      this.#options.session()?.shells.surface()?.scrollBy(rows);
      desk.changed();
      return;
    }
    const text = pane === "files" ? textMoved(rows, view) : undefined;
    if (text !== undefined) {
      desk.act(...text);
      return;
    }
    const lengths = { info: infoTexts(view).length, messages: messageTexts(view).length };
    desk.act(...movedBy(pane, rows, view, lengths));
  }
}

function placeAt(view: View, x: number, y: number): Place | undefined {
  const { layout, ui } = view;
  const panes: readonly (readonly [PaneId, Rect | undefined])[] = [
    ["source", layout.source],
    ["steps", layout.steps],
    ["info", ui.lower === "info" ? undefined : layout.info],
    [ui.lower, layout.lower],
  ];
  for (const [pane, rect] of panes) {
    if (rect === undefined) continue;
    const [left, top] = [x - rect.x, y - rect.y];
    if (left >= 0 && top >= 0 && left < rect.columns && top < rect.rows) return { pane, x: left, y: top };
  }
  return undefined;
}
