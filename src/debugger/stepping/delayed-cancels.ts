/** Cancels that wait until another solve has taken over, so that the engine does not stop what both need. */
import type { Token } from "../debugger.ts";

/**
 * How long a solve that took over is given to reach the engine before the old one is cancelled; the engine
 * does not say when it has joined the running steps. Joining took below 20 ms on BuildKit 0.8 to 0.32.
 */
const CANCEL_DELAY_MS = 200;

interface DelayedCancel {
  readonly token: Token;
  readonly controller: AbortController;
  readonly timer: NodeJS.Timeout;
}

/** The cancels that wait, by the solve that takes over. */
export class DelayedCancels {
  /** By the token of the solve that takes over. */
  readonly #pending = new Map<Token, DelayedCancel>();

  /** The old solve is cancelled when the one that takes over has surely joined. */
  begin(token: Token, controller: AbortController, after: Token): void {
    const timer = setTimeout(() => {
      this.#pending.delete(after);
      controller.abort();
    }, CANCEL_DELAY_MS);
    this.#pending.set(after, { token, controller, timer });
  }

  /** What was to take over is cancelled: waiting would only keep the step alive. */
  endFor(after: Token): void {
    const delayed = this.#pending.get(after);
    if (delayed === undefined) return;
    this.#pending.delete(after);
    clearTimeout(delayed.timer);
    delayed.controller.abort();
    // A pause that was taken back within the time left a chain of them.
    this.endFor(delayed.token);
  }

  /** Nobody waits for any of them. */
  clear(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}
