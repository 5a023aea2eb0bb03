/** Comes back to an engine whose connection was lost: by itself a few times, then only when it is asked to. */
import type { DebugState } from "../debugger/debugger.ts";

/** An engine that is being restarted is there within these; later a person knows better when. */
const WAITS_MS: readonly number[] = [1000, 2000, 4000, 8000];

export interface ReconnectionOptions {
  /** Gives the command that opens the build again. */
  connect(): void;
}

/** The tries to reach one lost engine; disposing ends them. */
export class Reconnection implements Disposable {
  readonly #options: ReconnectionOptions;
  readonly #waitsMs: readonly number[];
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReconnectionOptions, waitsMs = WAITS_MS) {
    this.#options = options;
    this.#waitsMs = waitsMs;
  }

  /** Call after each change of state. */
  observe({ phase }: DebugState): void {
    if (phase.kind === "lost") {
      this.#plan();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Until then it is not known whether the engine is back.
    if (phase.kind !== "opening") this.#tries = 0;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    const waitMs = this.#waitsMs[this.#tries];
    if (this.#timer !== undefined || waitMs === undefined) return;
    this.#tries += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#options.connect();
    }, waitMs);
  }
}
