/** Questions, in a box over the panes. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Box } from "./box.ts";
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";

export interface DialogModel {
  /** E.g. "Quit?". */
  readonly title: string;
  /** Paragraphs; wrapped to the box. "" = an empty row. */
  readonly text: readonly string[];
  /** E.g. `y` "quit, the running step is cancelled", `n` "stay". */
  readonly answers: readonly Hint[];
  /** At the right end of the lower border, e.g. "attempt 2"; "" = nothing. */
  readonly footer: string;
}

export function dialogBox(model: DialogModel, screen: Size, look: Look): Box {
  throw new BktuiError("internal", `not written: ${model.title} ${screen.rows} ${look.ascii}`);
}
