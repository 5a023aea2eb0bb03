/** Movement keys in the shell pane, and its selection, while the debugger has the keyboard. */
import { distanceOf } from "./motions.ts";
import { moveHead } from "./surfaces/selection.ts";
import type { ShellSurface } from "./surfaces/shell-surface.ts";

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
