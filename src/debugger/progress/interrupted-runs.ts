/**
 * Vertices that were interrupted and run again. BuildKit 0.8 reports the end of such a run with the error of the first
 * one, however it ended (0.25 without one when it ended well): only the answer to the solve tells.
 */
import type { Progress } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";

type Report = Extract<Progress, { kind: "vertex" }>;

/** Decides which reports about cancelled runs count. */
export class InterruptedRuns {
  /** The first cancelled run of each. */
  readonly #first = new Map<Digest, Report>();
  /** Ends of later runs that say the same. */
  readonly #unsure = new Map<Digest, Report>();
  /** Made in spite of what is reported. */
  readonly #made = new Set<Digest>();

  /** The report as it counts; undefined while it cannot be told how the run ended. */
  read(report: Report): Report | undefined {
    const { vertex, startedMs, completedMs, error } = report;
    if (completedMs === undefined || !isCancel(error)) return report;
    if (this.#made.has(vertex)) return { ...report, error: "" };
    const first = this.#first.get(vertex);
    if (first === undefined) this.#first.set(vertex, report);
    if (first === undefined || first.startedMs === startedMs || first.error !== error) return report;
    this.#unsure.set(vertex, report);
    return undefined;
  }

  /** What is known of them now. */
  made(vertices: Iterable<Digest>): readonly Report[] {
    const reports: Report[] = [];
    for (const vertex of vertices) {
      if (!this.#first.has(vertex)) continue;
      this.#made.add(vertex);
      const report = this.#unsure.get(vertex);
      if (report !== undefined) reports.push({ ...report, error: "" });
      this.#unsure.delete(vertex);
    }
    return reports;
  }

  /** Nothing runs any more: they were cancelled again. */
  settled(): readonly Report[] {
    const reports = [...this.#unsure.values()];
    this.#unsure.clear();
    return reports;
  }

  reset(): void {
    this.#first.clear();
    this.#unsure.clear();
    this.#made.clear();
  }
}

/** BuildKit (0.8 to 0.32) tells a cancelled vertex from a failed one by this text only. */
export function isCancel(error: string): boolean {
  return error.includes("context canceled");
}
