/** Boxes over the panes: a border with a title above and words below. */
import type { Rect } from "../surface.ts";

/** Finished rows and where they belong on the screen; every row is `rect.columns` cells wide. */
export interface Box {
  readonly rect: Rect;
  readonly rows: readonly string[];
}
