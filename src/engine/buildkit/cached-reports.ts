/**
 * What the engine says to be cached, as far as it knows it. BuildKit's status stream (0.8 and 0.25) calls all inputs of a
 * vertex cached in the moment in which that one starts, and with them theirs. A vertex whose cache key cannot be computed
 * (COPY of a missing file) is told as started too: then nothing above it has run, and nothing of it need be in the cache.
 */
import type { Progress } from "../engine.ts";

type Report = Extract<Progress, { kind: "vertex" }>;

/** A vertex that fails before it begins has ended at once; one that goes on for so long has begun. */
const BEGUN_MS = 100;

/** Passes the reports of a build on, each once it is known to be true. */
export class CachedReports {
  readonly #emit: (report: Report) => void;
  /** What follows from the start of one vertex, by that moment: they carry it as their own start and end. */
  readonly #guesses = new Map<number, Report[]>();

  constructor(emit: (report: Report) => void) {
    this.#emit = emit;
  }

  /** Passes on what is known to be true, now or as soon as it is. */
  push(report: Report): void {
    const { startedMs, completedMs, cached } = report;
    if (startedMs !== undefined && cached && startedMs === completedMs) {
      const guesses = this.#guesses.get(startedMs);
      if (guesses === undefined) this.#guesses.set(startedMs, [report]);
      else guesses.push(report);
      return;
    }
    const isCause = startedMs !== undefined && this.#guesses.has(startedMs);
    if (isCause && completedMs !== undefined) {
      if (hasBegun(report)) this.#confirm(startedMs);
      else this.#guesses.delete(startedMs);
    } else if (isCause) setTimeout(() => this.#confirm(startedMs), BEGUN_MS).unref();
    this.#emit(report);
  }

  #confirm(moment: number): void {
    const guesses = this.#guesses.get(moment) ?? [];
    this.#guesses.delete(moment);
    for (const guess of guesses) this.#emit(guess);
  }
}

/** Everything that it needs existed. */
function hasBegun({ startedMs = 0, completedMs = 0, error }: Report): boolean {
  return error === "" || /exit code: \d/.test(error) || completedMs - startedMs >= BEGUN_MS;
}
