/** One line for terminals below 40 columns or 8 rows. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look } from "./look.ts";
import type { StatusState } from "./status-row.ts";

export function tinyPane(state: StatusState, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${state.word} ${size.rows} ${look.ascii}`);
}
