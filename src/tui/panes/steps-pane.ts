/** The steps pane: every step, grouped by stage. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look, StepMark } from "./look.ts";

export type StepsRow =
  | { readonly kind: "stage"; readonly name: string }
  | {
      readonly kind: "step";
      /** Counts from 1. */
      readonly number: number;
      readonly mark: StepMark;
      /** The build stands before it. */
      readonly current: boolean;
      readonly text: string;
      /** E.g. "31.2s", "cached", "exit 2", "next"; "" = nothing. */
      readonly right: string;
    };
export interface StepsModel {
  readonly rows: readonly StepsRow[];
  /** Number of steps, for "3/9". */
  readonly total: number;
  /** Index into `rows`. */
  readonly selected: number | undefined;
  readonly top: number;
  readonly focused: boolean;
}
export interface StepCounts {
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly left: number;
}

export function stepsPane(model: StepsModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.total} ${size.rows} ${look.ascii}`);
}

/** For the rule above the pane: "5 done  1 running  3 left". */
export function stepsSummary(counts: StepCounts): string {
  throw new BktuiError("internal", `not written: ${counts.done}`);
}
