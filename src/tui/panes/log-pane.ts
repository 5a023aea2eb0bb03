/** The log pane: all steps' output in order of arrival, or one step's. */
import { BktuiError } from "../../base/errors.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Size } from "../surface.ts";
import type { LogRows } from "./log-rows.ts";
import type { Look } from "./look.ts";

export interface LogModel {
  readonly rows: LogRows;
  /** First visible row index, or "end" to follow. */
  readonly top: number | "end";
  readonly left: number;
  readonly wrap: boolean;
  readonly search: string;
  /** Row under the cursor (a search hit); undefined = none. */
  readonly cursor: number | undefined;
  /** How a vertex is called: "#4" and "[deps 4/4] RUN npm ci"; how it ended: "done 31.2s", "cached", "ERROR: exit code 2". */
  label(vertex: Digest): LogLabel;
}
export interface LogLabel {
  /** E.g. "#4"; "" for vertices that belong to no step. */
  readonly number: string;
  readonly name: string;
  /** "" while it runs. */
  readonly ended: string;
  readonly failed: boolean;
}

export function logPane(model: LogModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.left} ${size.rows} ${look.ascii}`);
}

/** For the rule above the pane: "following", "214 new lines below", "". */
export function logSummary(model: Pick<LogModel, "rows" | "top">, size: Size): string {
  throw new BktuiError("internal", `not written: ${model.top} ${size.rows}`);
}
