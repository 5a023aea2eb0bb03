/** The rows of the log: lines under step headers, found by index; nothing of the log is copied. */
import { BktuiError } from "../../base/errors.ts";
import type { ProgressStore } from "../../debugger/progress-store.ts";
import type { Digest } from "../../graph/graph.ts";

export type LogRow =
  | { readonly kind: "header"; readonly vertex: Digest }
  | { readonly kind: "line"; readonly vertex: Digest; readonly text: string; readonly sinceStartMs: number }
  | { readonly kind: "end"; readonly vertex: Digest }
  /** Lines that were dropped to stay within the store's limits. */
  | { readonly kind: "gap"; readonly lines: number }
  | { readonly kind: "note"; readonly text: string };

/** Row indexes count from `first`, which goes up when the store drops lines. */
export interface LogRows {
  readonly first: number;
  readonly end: number;
  row(index: number): LogRow | undefined;
}

/**
 * Follows a progress store; `update` after each of its notifications. Memory grows with the number of changes
 * between steps, not with the lines.
 */
export class LogIndex implements LogRows {
  readonly #store: ProgressStore;

  constructor(store: ProgressStore) {
    this.#store = store;
  }
  get first(): number {
    return this.#store.log.first;
  }
  get end(): number {
    return this.#store.log.end;
  }
  /** Takes in what the store got since the last call. */
  update(): void {
    throw new BktuiError("internal", "not written");
  }
  /** Adds a line of bktui's own, e.g. "paused before step 6/9 · Dockerfile:11 · RUN npm run build". */
  note(text: string): void {
    throw new BktuiError("internal", `not written ${text}`);
  }
  row(index: number): LogRow | undefined {
    throw new BktuiError("internal", `not written ${index}`);
  }
}

/** The rows of one step. */
export function stepLogRows(store: ProgressStore, vertex: Digest): LogRows {
  throw new BktuiError("internal", `not written ${store.version} ${vertex}`);
}
