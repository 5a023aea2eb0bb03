/** The last row: the keys that matter now. */
import { BktuiError } from "../../base/errors.ts";
import type { Look } from "./look.ts";

export interface Hint {
  readonly keys: string;
  readonly label: string;
}
export interface HintModel {
  /** Words before the hints, e.g. "SHELL: every key goes to the shell". */
  readonly lead: string | undefined;
  /** Most important first: whole hints are dropped from the right. */
  readonly hints: readonly Hint[];
  /** Stays when others are dropped, e.g. `? help`. */
  readonly last: Hint | undefined;
}

export function hintRow(model: HintModel, columns: number, look: Look): string {
  throw new BktuiError("internal", `not written: ${model.lead} ${columns} ${look.ascii}`);
}
