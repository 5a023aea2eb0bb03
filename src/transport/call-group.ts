/** Calls that end together. */
import { BktuiError } from "../base/errors.ts";

export type Cancellable = { cancel(): void };

/** What an AbortSignal could do too; to listen to one and to stop that takes a good part of a short call. */
export class CallGroup {
  readonly #calls = new Set<Cancellable>();
  #isOver = false;

  /** @throws {BktuiError} "cancelled" when it has been ended: no call begins any more. */
  admit(): void {
    if (this.#isOver) throw new BktuiError("cancelled", "cancelled");
  }

  add(call: Cancellable): void {
    this.#calls.add(call);
  }

  remove(call: Cancellable): void {
    this.#calls.delete(call);
  }

  /** Cancels the calls under way, and lets no other begin. */
  end(): void {
    this.#isOver = true;
    for (const call of this.#calls) call.cancel();
  }
}
