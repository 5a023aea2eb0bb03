/** Solves that another one takes over: each is cancelled a little later, or at once when nothing is to run on. */

/**
 * How long a solve that took over is given to reach the engine before the old one is cancelled; the engine
 * does not say when it has joined the running steps. Joining took below 20 ms on BuildKit 0.8 to 0.32.
 */
const HANDOVER_MS = 200;

export class Handovers {
  readonly #timers = new Map<NodeJS.Timeout, AbortController>();

  /** Aborted when the solve that takes over has surely joined. */
  begin(old: AbortController): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      old.abort();
    }, HANDOVER_MS);
    this.#timers.set(timer, old);
  }

  /** What took over is cancelled too: waiting would only keep the step alive. */
  endNow(): void {
    for (const [timer, old] of this.#timers) {
      clearTimeout(timer);
      old.abort();
    }
    this.#timers.clear();
  }
}
