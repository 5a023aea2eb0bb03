/** Movement keys in the shell pane while the debugger has the keyboard. */
import { distanceOf } from "./motions.ts";
import type { ShellSurface } from "./surfaces/shell-surface.ts";

export function scrollShell(surface: ShellSurface, motion: Parameters<typeof distanceOf>[0]): void {
  if (motion === "top") surface.scrollToTop();
  else if (motion === "bottom") surface.scrollToEnd();
  else surface.scrollBy(distanceOf(motion, surface.size.rows));
}
