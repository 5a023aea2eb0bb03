/** The help overlay: every key that means something here, with the reason where it cannot be used now. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Box } from "./box.ts";
import type { Look } from "./look.ts";

export interface HelpEntry {
  readonly group: string;
  readonly key: string;
  readonly alias: string;
  readonly label: string;
  /** Why it cannot be used now; such entries are dimmed. */
  readonly whyNot: string | undefined;
}
export interface HelpModel {
  /** E.g. "PAUSED, Source pane". */
  readonly title: string;
  readonly filter: string;
  /** Already filtered, in order of groups. */
  readonly entries: readonly HelpEntry[];
  /** Index into `entries`. */
  readonly selected: number;
}

export function helpBox(model: HelpModel, screen: Size, look: Look): Box {
  throw new BktuiError("internal", `not written: ${model.title} ${screen.rows} ${look.ascii}`);
}
