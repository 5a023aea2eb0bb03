/** A view as layers for the compositor: panes over the chrome, boxes over the panes. */

import type { Rect, RowSource, Size } from "../cells/rect.ts";
import { dialogBox } from "../drawing/dialog.ts";
import { helpModel } from "../overlays/help.ts";
import { helpBox } from "../overlays/help-box.ts";
import { paletteBox, promptCursor, promptRow } from "../overlays/palette.ts";
import { paneIn } from "../panes/all-panes.ts";
import type { Slot } from "../state/layout.ts";
import type { Frame, Layer } from "../terminal/compositor.ts";
import { tinyPane } from "./tiny.ts";
import type { View } from "./view.ts";

/** Rows that are made when the compositor asks for them, and once per view. */
class PaneRows implements RowSource {
  readonly #draw: (size: Size) => readonly string[];
  #drawn: { readonly size: Size; readonly rows: readonly string[] } | undefined;

  constructor(draw: (size: Size) => readonly string[]) {
    this.#draw = draw;
  }

  rows(size: Size): readonly string[] {
    const known = this.#drawn;
    if (known !== undefined && known.size.columns === size.columns && known.size.rows === size.rows)
      return known.rows;
    const rows = this.#draw(size);
    this.#drawn = { size, rows };
    return rows;
  }
}

const UPPER_SLOTS: readonly Slot[] = ["source", "steps", "info", "log"];

/** `menu`: the box that Ink draws while a menu is open. */
export function frameOf(view: View, base: readonly string[], menu: Layer | undefined): Frame {
  const { layout } = view;
  const layers: Layer[] = [];
  const add = (rect: Rect | undefined, draw: (size: Size) => readonly string[]): void => {
    if (rect !== undefined && rect.rows > 0) layers.push({ rect, content: new PaneRows(draw) });
  };
  if (layout.tiny && layout.lower === undefined) {
    const rect = { x: 0, y: 0, columns: view.size.columns, rows: view.size.rows };
    add(rect, (size) => tinyPane(view.status.state, size, view.look));
    return withOverlay(view, { base: [], layers }, menu);
  }
  const addPane = (slot: Slot): void => {
    const pane = paneIn(slot, view.ui.lower);
    add(layout[slot], (size) => pane.draw(view, size, slot));
  };
  for (const slot of UPPER_SLOTS) addPane(slot);
  const shell = emulatorIn(view);
  if (shell !== undefined && layout.lower !== undefined) layers.push({ rect: layout.lower, content: shell });
  else addPane("lower");
  const cursor = view.ui.keyboard === "debugger" ? undefined : shell;
  return withOverlay(view, { base, layers, cursor }, menu);
}

/** The emulator itself is a layer, so that its output is painted without making a new view. */
function emulatorIn(view: View): RowSource | undefined {
  if (view.ui.lower === "editor") return view.editor;
  if (view.ui.lower !== "shell") return undefined;
  const phase = view.shell?.phase;
  return phase?.kind === "alive" || phase?.kind === "ended" ? phase.content : undefined;
}

function withOverlay(view: View, frame: Frame, menu: Layer | undefined): Frame {
  const { overlay } = view.ui;
  const { size, look } = view;
  const box = (
    made: { readonly rect: Rect; readonly rows: readonly string[] } | undefined,
  ): readonly Layer[] =>
    made === undefined ? [] : [{ rect: made.rect, content: { rows: () => made.rows } }];
  switch (overlay.kind) {
    case "none":
      return frame;
    case "help":
      return over(frame, box(helpBox(helpModel(view.availability, overlay), size, look)));
    case "question": {
      const answers = [
        { keys: "y", label: "yes" },
        { keys: "n", label: "no (also Enter, Esc)" },
      ];
      const model = { title: overlay.title, text: overlay.lines, answers, footer: "" };
      return over(frame, box(dialogBox(model, size, look)));
    }
    case "text": {
      const model = { title: overlay.title, text: overlay.lines.slice(overlay.top), answers: [], footer: "" };
      return over(frame, box(dialogBox(model, size, look)));
    }
    case "menu":
      return over(frame, menu === undefined ? [] : [menu]);
    case "prompt": {
      const rect = { x: 0, y: size.rows - 1, columns: size.columns, rows: 1 };
      const line: Layer = { rect, content: { rows: () => [promptRow(overlay, size.columns, look)] } };
      const cursor = { x: promptCursor(overlay, size.columns), y: size.rows - 1 };
      return {
        ...over(frame, [...box(paletteBox(overlay, view.availability.keys, size, look)), line]),
        cursor,
      };
    }
  }
}

function over(frame: Frame, layers: readonly Layer[]): Frame {
  return { base: frame.base, layers: [...frame.layers, ...layers] };
}
