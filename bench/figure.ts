/** What a figure is, and how samples become one. */
import type { Bench } from "./bench.ts";

export type Unit = "ms" | "MB" | "/s" | "stops";

/** One line of the result: a measurement beside a peer of the same run. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  /** What was measured beside it; without samples there is no such thing. */
  readonly peer: { readonly what: string; readonly samples: readonly number[] };
  /** In words, e.g. "<= the peer + 2 ms"; undefined = the row explains another one. */
  readonly target: { readonly words: string; readonly allowed: number } | undefined;
  /** What the time is spent on, as profiles and traces have shown. */
  readonly limit: string;
}

export interface Figure {
  /** To run this one alone: `npm run bench -- NAME`. */
  readonly name: string;
  measure(bench: Bench): Promise<readonly Row[]>;
}

export const ROUNDS = 9;

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export async function times(
  rounds: number,
  measure: (round: number) => Promise<number>,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await measure(round));
  return found;
}

/** Both sides in turns, so that whatever else the machine does meets both. */
export async function inTurns(
  rounds: number,
  ours: (round: number) => Promise<number>,
  peer: (round: number) => Promise<number>,
): Promise<{ readonly ours: readonly number[]; readonly peer: readonly number[] }> {
  const found = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    found.ours.push(await ours(round));
    found.peer.push(await peer(round));
  }
  return found;
}

export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
