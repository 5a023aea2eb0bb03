/** Movement keys in the shell pane, and its selection, while the debugger has the keyboard. */

import type { ShellSurface } from "../emulator/emulator.ts";
import { moveHead } from "../emulator/selection.ts";
import { distanceOf } from "./cursor-moves.ts";

type Motion = Parameters<typeof distanceOf>[0];

/** Moves the view, or the end of the selection while there is one. */
export function scrollShell(surface: ShellSurface, motion: Motion): void {
  const { selection } = surface;
  if (selection !== undefined) {
    const columns = motion === "left" ? -1 : motion === "right" ? 1 : 0;
    const size = { lines: surface.lineCount, columns: surface.size.columns };
    surface.select(moveHead(selection, { lines: distanceOf(motion, surface.size.rows), columns }, size));
    return;
  }
  if (motion === "top") surface.scrollToTop();
  else if (motion === "bottom") surface.scrollToEnd();
  else surface.scrollBy(distanceOf(motion, surface.size.rows));
}
