/** Solves that another one takes over: each is cancelled a little later, or at once when nothing is to run on. */
import type { Token } from "../debugger.ts";

/**
 * How long a solve that took over is given to reach the engine before the old one is cancelled; the engine
 * does not say when it has joined the running steps. Joining took below 20 ms on BuildKit 0.8 to 0.32.
 */
const HANDOVER_MS = 200;

interface Handover {
  readonly token: Token;
  readonly controller: AbortController;
  readonly timer: NodeJS.Timeout;
}

export class Handovers {
  /** By the token of the solve that takes over. */
  readonly #pending = new Map<Token, Handover>();

  /** The old solve is cancelled when the one that takes over has surely joined. */
  begin(token: Token, controller: AbortController, after: Token): void {
    const timer = setTimeout(() => {
      this.#pending.delete(after);
      controller.abort();
    }, HANDOVER_MS);
    this.#pending.set(after, { token, controller, timer });
  }

  /** What was to take over is cancelled: waiting would only keep the step alive. */
  endFor(after: Token): void {
    const handover = this.#pending.get(after);
    if (handover === undefined) return;
    this.#pending.delete(after);
    clearTimeout(handover.timer);
    handover.controller.abort();
    // A pause that was taken back within the time left a chain of them.
    this.endFor(handover.token);
  }

  /** Nobody waits for any of them. */
  clear(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}
