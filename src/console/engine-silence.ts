/** Says by lines what the screen shows in its first row: the engine no longer answers, and answers again. */
import { BktuiError } from "../base/errors.ts";
import { roundTime } from "../base/words.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { engineInWords } from "./phrases/engine-words.ts";

/** A machine that swaps may be silent for minutes; nobody sits before a pipeline that waits for hours. */
const PATIENCE_MS = 300_000;

/** What to do about an engine that is given up or lost. */
export const RUN_AGAIN =
  "what has run is in the engine's cache: run bktui again when it answers, which bktui doctor tells";

export interface EngineWatchOptions {
  /** Gets one harmless line. */
  readonly say: (line: string) => void;
  /** What can be done meanwhile, e.g. "Ctrl-C ends the build". */
  readonly help: string;
  /** Whether somebody is there who decides how long to wait. */
  readonly attended: boolean;
  readonly patienceMs?: number | undefined;
}

/** Watches a debugger until it is disposed. */
export class EngineWatch implements Disposable {
  readonly #debug: Debugger;
  readonly #options: EngineWatchOptions;
  readonly #gaveUp = new AbortController();
  readonly #unsubscribe: () => void;
  #silentSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(debug: Debugger, options: EngineWatchOptions) {
    this.#debug = debug;
    this.#options = options;
    this.#unsubscribe = debug.subscribe(() => this.#look());
    this.#look();
  }

  /** Fires when a silence has lasted too long and nobody attends; the reason is BktuiError "engine-unreachable". */
  get gaveUp(): AbortSignal {
    return this.#gaveUp.signal;
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { engineSilent, phase } = this.#debug.state;
    if (engineSilent === (this.#silentSinceMs !== undefined)) return;
    if (engineSilent) {
      this.#fallSilent();
      return;
    }
    const silentMs = performance.now() - (this.#silentSinceMs ?? 0);
    this.#silentSinceMs = undefined;
    clearTimeout(this.#timer);
    // A build that was given up, or is opened on a new connection, has not heard of the engine yet.
    if (phase.kind === "lost" || phase.kind === "ended" || phase.kind === "opening") return;
    this.#options.say(`the engine answers again after ${roundTime(silentMs)}`);
  }

  #fallSilent(): void {
    const { say, help, attended, patienceMs = PATIENCE_MS } = this.#options;
    this.#silentSinceMs = performance.now();
    say(`engine not answering: ${engineInWords(this.#debug)}`);
    say(`  it is waited for, and what runs may go on; ${help}`);
    if (attended) return;
    say(`  bktui gives up after ${roundTime(patienceMs)}`);
    this.#timer = setTimeout(() => this.#gaveUp.abort(this.#reason(patienceMs)), patienceMs);
  }

  #reason(patienceMs: number): BktuiError {
    const what = `the engine has not answered for ${roundTime(patienceMs)}: ${engineInWords(this.#debug)}`;
    return new BktuiError("engine-unreachable", what, { hint: RUN_AGAIN });
  }
}
