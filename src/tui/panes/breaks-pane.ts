/** The breakpoints pane. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look } from "./look.ts";

export interface BreakRow {
  readonly enabled: boolean;
  /** E.g. "Dockerfile:11", "end of stage app", "any error", "Dockerfile:17 -> end of stage app". */
  readonly place: string;
  /** The instruction there, e.g. "RUN npm run build"; "" = none. */
  readonly text: string;
  /** E.g. "before", "moved", "lost", "pending", "on error", "-" when off. */
  readonly when: string;
  readonly hits: number;
  /** E.g. "<- here", "(off)", "(always)", "EXPOSE runs nothing". */
  readonly note: string;
}
export interface BreaksModel {
  readonly rows: readonly BreakRow[];
  readonly selected: number;
  readonly top: number;
  readonly focused: boolean;
}

export function breaksPane(model: BreaksModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.top} ${size.rows} ${look.ascii}`);
}

/** For the rule above the pane: "6 breakpoints, 1 moved". */
export function breaksSummary(rows: readonly BreakRow[]): string {
  throw new BktuiError("internal", `not written: ${rows.length}`);
}
