/** Movement keys in the shell pane, and its selection, while the debugger has the keyboard. */

import type { Emulator } from "../emulator/emulator.ts";
import { moveHead } from "../emulator/selection.ts";
import { distanceOf } from "./cursor-moves.ts";

type CursorMove = Parameters<typeof distanceOf>[0];

/** Moves the view, or the end of the selection while there is one. */
export function scrollShell(emulator: Emulator, move: CursorMove): void {
  const { selection } = emulator;
  if (selection !== undefined) {
    const columns = move === "left" ? -1 : move === "right" ? 1 : 0;
    const size = { lines: emulator.lineCount, columns: emulator.size.columns };
    emulator.select(moveHead(selection, { lines: distanceOf(move, emulator.size.rows), columns }, size));
    return;
  }
  if (move === "top") emulator.scrollToTop();
  else if (move === "bottom") emulator.scrollToEnd();
  else emulator.scrollBy(distanceOf(move, emulator.size.rows));
}
