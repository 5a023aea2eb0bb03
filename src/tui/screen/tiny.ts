/** One line for terminals below 40 columns or 8 rows. */
import type { Size } from "../cells/rect.ts";
import type { Look } from "../drawing/look.ts";
import { fillRows, row } from "../drawing/row.ts";
import { type StatusState, stateSpans } from "./status-row.ts";

/** The state first, then what to do about the size; what does not fit is cut. */
export function tinyPane(state: StatusState, size: Size, look: Look): readonly string[] {
  const spans = [...stateSpans(state), { text: " · enlarge the terminal", role: "dim" as const }];
  return fillRows([row(spans, size.columns, look)], size);
}
