/** The info pane: what is known about the selected step. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look } from "./look.ts";

export interface InfoEntry {
  /** E.g. "cwd"; at most 7 characters are shown in the narrow form. */
  readonly label: string;
  /** One value per row when there is room; the narrow form joins them. */
  readonly values: readonly string[];
}
export interface InfoModel {
  readonly entries: readonly InfoEntry[];
  /** `narrow`: one row per entry, in the right column; `wide`: every value on rows of its own, long ones wrapped. */
  readonly form: "narrow" | "wide";
  readonly top: number;
}

export function infoPane(model: InfoModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.top} ${size.rows} ${look.ascii}`);
}

/** Number of rows the pane would need, for scrolling. */
export function infoRowCount(
  model: Pick<InfoModel, "entries" | "form">,
  columns: number,
  look: Look,
): number {
  throw new BktuiError("internal", `not written: ${model.form} ${columns} ${look.ascii}`);
}
