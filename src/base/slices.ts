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

const RUN = 256;
const MERGED = 2000;

/** A sorted copy, in pieces (`inSlices`); what compares as equal keeps its order. */
export function* sortedInPieces<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<undefined, T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += RUN) {
    runs.push(items.slice(from, from + RUN).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let index = 0; index < runs.length; index += 2)
      longer.push(yield* merged(runs[index] ?? [], runs[index + 1] ?? [], compare));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<undefined, T[]> {
  const both: T[] = [];
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    const [first, second] = [left[a], right[b]];
    if (b >= right.length || (a < left.length && compare(first as T, second as T) <= 0)) {
      both.push(first as T);
      a += 1;
    } else {
      both.push(second as T);
      b += 1;
    }
    if (both.length % MERGED === 0) yield;
  }
  return both;
}
