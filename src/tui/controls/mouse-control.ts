/** The mouse on bktui's own panes, when the user has turned it on. */

import type { CommandId } from "../../console/command-table.ts";
import type { Rect } from "../cells/rect.ts";
import type { PaneId } from "../commands/pane-words.ts";
import type { MouseEvent } from "../input/events.ts";
import { PANES } from "../panes/all-panes.ts";
import type { CellInPane } from "../panes/pane.ts";
import type { View } from "../screen/view.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";

const WHEEL_ROWS = 3;

interface Place extends CellInPane {
  readonly pane: PaneId;
}

export interface MouseControlOptions {
  readonly app: App;
  attached(): Attached | undefined;
  /** The program that has the keyboard gives it back. */
  leave(): void;
  run(command: CommandId): void;
}

/** Turns clicks and the wheel into commands and cursor moves. */
export class MouseControl {
  readonly #options: MouseControlOptions;

  constructor(options: MouseControlOptions) {
    this.#options = options;
  }

  on(event: MouseEvent): void {
    const { app } = this.#options;
    if (app.ui.overlay.kind !== "none") return;
    const view = app.view();
    const place = placeAt(view, event.x, event.y);
    if (place === undefined) return;
    if (event.action === "wheel-up") this.#wheel(place.pane, -WHEEL_ROWS, view);
    else if (event.action === "wheel-down") this.#wheel(place.pane, WHEEL_ROWS, view);
    else if (event.action === "press" && event.button === "left") this.#press(place, view);
  }

  #press(place: Place, view: View): void {
    const { app, run } = this.#options;
    if (app.ui.keyboard !== place.pane) this.#options.leave();
    app.act({
      kind: "focus",
      pane: place.pane,
      ...(place.pane === "steps" ? { lower: view.ui.lower } : {}),
    });
    const { actions, command } = PANES[place.pane].pressed(place, view);
    app.act(...actions);
    if (command !== undefined) run(command);
  }

  /** The pane under the pointer scrolls; the focus stays where it is. */
  #wheel(pane: PaneId, rows: number, view: View): void {
    const { app } = this.#options;
    if (pane === "shell") {
      this.#options.attached()?.shells.emulator()?.scrollBy(rows);
      app.changed();
      return;
    }
    const scrolling = PANES[pane].scrolling?.(view);
    app.act(...(scrolling === undefined ? PANES[pane].moved(rows, view) : scrolling.by(rows)));
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
