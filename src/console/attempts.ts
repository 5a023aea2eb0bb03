/** `:attempts`: how each build of this session went. */

import { totalTime } from "../base/words.ts";
import type { DebugState } from "../debugger/debugger.ts";

export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  /** As in the first row, e.g. "FAILED step 7/8 · exit code 1 · line 10". */
  readonly result: string;
  /** Milliseconds in which something ran. */
  readonly ranMs: number;
  /** First step that was not in the cache, e.g. "cache broke at step 5: COPY . ."; undefined = none, or not known. */
  readonly cacheBreak: string | undefined;
}

/** More attempts than anybody reads. */
const MAX_ATTEMPTS = 200;

export class Attempts {
  #list: readonly Attempt[] = [];

  /** The state changed; the last word about an attempt counts. */
  observe(state: DebugState, seen: Omit<Attempt, "number">): void {
    if (state.attempt === 0) return;
    const others = this.#list.filter(({ number }) => number !== state.attempt);
    const earlier = this.#list.find(({ number }) => number === state.attempt);
    const cacheBreak = seen.cacheBreak ?? earlier?.cacheBreak;
    this.#list = [...others, { ...seen, cacheBreak, number: state.attempt }].slice(-MAX_ATTEMPTS);
  }

  /** Newest first, one line each and one more where the cache broke. */
  lines(): readonly string[] {
    return [...this.#list]
      .reverse()
      .flatMap(({ number, result, ranMs, cacheBreak }) => [
        `${String(number).padStart(3)}  ${totalTime(ranMs).padStart(7)}  ${result}`,
        ...(cacheBreak === undefined ? [] : [`${" ".repeat(14)}${cacheBreak}`]),
      ]);
  }
}
