/** Ends the waiting for an engine that does not answer, where nobody is there who decides how long to wait. */
import { BktuiError } from "../base/errors.ts";
import { roundTime } from "../base/words.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { engineInWords } from "./phrases/engine-words.ts";

/** A machine that swaps may be silent for minutes; nobody sits before a pipeline that waits for hours. */
export const PATIENCE_MS = 300_000;

/** What to do about an engine that is given up or lost. */
export const RUN_AGAIN =
  "what has run is in the engine's cache: run bktui again when it answers, which bktui doctor tells";

/** Watches a debugger until it is disposed. */
export class EngineWatch implements Disposable {
  readonly #debug: Debugger;
  readonly #patienceMs: number;
  readonly #gaveUp = new AbortController();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(debug: Debugger, patienceMs = PATIENCE_MS) {
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
    } else this.#timer ??= setTimeout(() => this.#gaveUp.abort(this.#reason()), this.#patienceMs);
  }

  #reason(): BktuiError {
    const silentFor = roundTime(this.#patienceMs);
    const what = `the engine has not answered for ${silentFor}: ${engineInWords(this.#debug)}`;
    return new BktuiError("engine-unreachable", what, { hint: RUN_AGAIN });
  }
}
