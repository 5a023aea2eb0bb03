/** `attempts`: how each build of this session went. */

import { totalTime } from "../base/words.ts";
import type { DebugState } from "../debugger/debugger.ts";
import { lineName } from "../debugger/state/line-steps.ts";
import { livePhase } from "../debugger/state/live.ts";
import { buildStatusOf } from "./build-status.ts";
import { failureReason, numberOf } from "./phrases/stop-words.ts";

export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  /** E.g. "FAILED step 7/8 · exit code 1 · line 10"; untrusted text. */
  readonly result: string;
  /** Milliseconds in which something ran. */
  readonly ranMs: number;
  /** First step that was not in the cache, e.g. "cache broke at step 5: COPY . ."; undefined = none, or not known. */
  readonly cacheBreak: string | undefined;
}

/** More attempts than anybody reads. */
const MAX_ATTEMPTS = 200;

type Known = Pick<Attempt, "ranMs" | "cacheBreak">;

/** How the attempts went that were seen so far. */
export class Attempts {
  /** Of those before the latest, oldest first. */
  #past: readonly Attempt[] = [];
  /** Put into words when somebody asks, or the next one begins: a build changes far more often than that. */
  #latest: (Known & { readonly state: DebugState }) | undefined;

  /** The state changed; the last word about an attempt counts. */
  observe(state: DebugState, known: Known): void {
    if (state.attempt === 0) return;
    const former = this.#latest;
    const isSame = former?.state.attempt === state.attempt;
    if (!isSame) this.#past = this.all;
    const cacheBreak = known.cacheBreak ?? (isSame ? former?.cacheBreak : undefined);
    this.#latest = { ranMs: known.ranMs, cacheBreak, state };
  }

  /** Oldest first. */
  get all(): readonly Attempt[] {
    if (this.#latest === undefined) return this.#past;
    const { state, ...known } = this.#latest;
    const latest = { ...known, number: state.attempt, result: resultOf(state) };
    return [...this.#past, latest].slice(-MAX_ATTEMPTS);
  }

  /** Newest first, one line each and one more where the cache broke. */
  lines(): readonly string[] {
    return [...this.all]
      .reverse()
      .flatMap(({ number, result, ranMs, cacheBreak }) => [
        `${String(number).padStart(3)}  ${totalTime(ranMs).padStart(7)}  ${result}`,
        ...(cacheBreak === undefined ? [] : [`${" ".repeat(14)}${cacheBreak}`]),
      ]);
  }
}

function resultOf(state: DebugState): string {
  // An earlier stop that is stood at again is no news about how it went.
  const phase = livePhase(state.phase);
  const status = buildStatusOf({ ...state, phase }).toUpperCase();
  if (phase.kind !== "paused") return status;
  const { program } = phase.execution;
  const stop = program.stops[phase.at];
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (stop === undefined || step === undefined || status === "LOADED") return status;
  const line = `line ${lineName(program, step)}`;
  if (phase.reason.kind === "exception")
    return `${status} ${numberOf(step, program)} · ${failureReason(phase.reason.failure)} · ${line}`;
  const place = stop.kind === "end" ? `end of stage ${stop.stage}` : `before ${numberOf(step, program)}`;
  return `${status} ${place} · ${line}`;
}
