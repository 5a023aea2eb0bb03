/** The first row: what is being debugged at the left, how it stands at the right. */
import { BktuiError } from "../../base/errors.ts";
import type { Look } from "./look.ts";

export interface StatusModel {
  /** E.g. "bktui Dockerfile:app". */
  readonly subject: string;
  /** E.g. "dockerd 28.5"; shown where it fits. */
  readonly engine: string | undefined;
  /** E.g. "file changed, r to rerun"; cut after the subject, before the state. */
  readonly notice: string | undefined;
  readonly state: StatusState;
}
export interface StatusState {
  /** E.g. "RUNNING"; never cut. */
  readonly word: string;
  /** E.g. "step 6/9 · 12s · line 11"; "" when there is nothing to add. */
  readonly detail: string;
  readonly tone: StatusTone;
}
export type StatusTone = "plain" | "running" | "paused" | "failed" | "good";

export function statusRow(model: StatusModel, columns: number, look: Look): string {
  throw new BktuiError("internal", `not written: ${model.subject} ${columns} ${look.ascii}`);
}
