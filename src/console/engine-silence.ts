/** Ends the waiting for an engine that does not answer, where nobody is there who decides how long to wait. */
import { BktuiError } from "../base/errors.ts";
import { roundTime } from "../base/words.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { engineInWords } from "./phrases/engine-words.ts";

/** What to do about an engine that is given up or lost. */
export const RUN_AGAIN =
  "what has run is in the engine's cache: run bktui again when it answers, which bktui doctor tells";

/** How an engine that stands at a breakpoint of its own is waited for. */
export const WAIT_LONGER = "--engine-patience=0 waits for ever";

/** More than a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Watches a debugger until it is disposed. */
export class EngineWatch implements Disposable {
  readonly #debug: Debugger;
  readonly #patienceMs: number;
  readonly #gaveUp = new AbortController();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param patienceMs how long a silence may last; 0 = for ever */
  constructor(debug: Debugger, patienceMs: number) {
    this.#debug = debug;
    this.#patienceMs = patienceMs;
    this.#unsubscribe = debug.subscribe(() => this.#look());
    this.#look();
  }

  /** Fires when a silence has lasted too long; the reason is BktuiError "engine-unreachable". */
  get gaveUp(): AbortSignal {
    return this.#gaveUp.signal;
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (!this.#debug.state.engineSilent) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (this.#patienceMs === 0) return;
    const waitMs = Math.min(this.#patienceMs, MAX_TIMER_MS);
    this.#timer ??= setTimeout(() => this.#gaveUp.abort(this.#reason()), waitMs);
  }

  #reason(): BktuiError {
    const silentFor = roundTime(this.#patienceMs);
    const what = `the engine has not answered for ${silentFor}: ${engineInWords(this.#debug)}`;
    return new BktuiError("engine-unreachable", what, { hint: `${RUN_AGAIN}; ${WAIT_LONGER}` });
  }
}
