/** One call of a tool at a time, in the order they came. */
import { BktuiError } from "../base/errors.ts";

/** More of them wait for one that does not end. */
const MOST_WAITING = 100;

/** The calls that wait for their turn. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Begins when those before it have ended.
   * @throws the signal's reason when it was cancelled before its turn; {BktuiError} "not-now" when too many wait
   */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      throw new BktuiError("not-now", `${MOST_WAITING} calls wait for their turn already`, {
        hint: "Wait for their answers; pause and cancel act at once.",
      });
    this.#waiting++;
    const before = this.#last;
    const turn = before.then(async () => {
      this.#waiting--;
      signal.throwIfAborted();
      return await work();
    });
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
