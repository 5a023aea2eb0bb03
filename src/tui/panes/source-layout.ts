/** The rows of the source pane: lines, end-of-stage positions and messages, found by index without listing them. */
import { BktuiError } from "../../base/errors.ts";
import type { Line } from "../../graph/graph.ts";

export type SourceRow =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "end"; readonly stage: string }
  | {
      readonly kind: "message";
      readonly line: Line;
      readonly text: string;
      readonly column: number | undefined;
    };

export interface StageEnd {
  readonly stage: string;
  /** The row stands below this line. */
  readonly after: Line;
}
export interface SourceMessage {
  readonly line: Line;
  readonly text: string;
  /** Counts from 0; a row with `^` under it is added when known. */
  readonly column: number | undefined;
}

/** Immutable. Row indexes count from 0. */
export interface SourceLayout {
  readonly rows: number;
  readonly lines: number;
  rowAt(index: number): SourceRow | undefined;
  indexOfLine(line: Line): number;
  indexOfEnd(stage: string): number | undefined;
}

export function sourceLayout(
  lines: number,
  ends: readonly StageEnd[],
  messages: readonly SourceMessage[] = [],
): SourceLayout {
  throw new BktuiError("internal", `not written: ${lines} ${ends.length} ${messages.length}`);
}
