/** Long computing in short pieces: no key waits for it. */
import { throwIfCancelled } from "./errors.ts";

/** A slice that ends here leaves room for one step of the work within the 10 ms that a key may wait. */
const SLICE_MS = 6;

/**
 * Runs a generator to its end, a few milliseconds at a time. Between its yields it should take about a millisecond.
 * @throws {BktuiError} "cancelled" when the signal fires.
 */
export async function inSlices<T>(
  work: Generator<undefined, T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  for (;;) {
    throwIfCancelled(signal);
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
