/** How long things have been running, by this machine's monotonic clock (the engine's may be another). */
import type { DebugState } from "../debugger/debugger.ts";
import type { ProgressStore } from "../debugger/progress/progress-store.ts";
import { isActive } from "../debugger/state/threads.ts";
import type { Digest } from "../graph/graph.ts";

/** When each run and each vertex began on this machine. */
export class RunClock {
  readonly #nowMs: () => number;
  readonly #since = new Map<Digest, number>();
  #attempt = 0;
  /** Sum of the finished stretches of running in this attempt. */
  #ranMs = 0;
  #runningSince: number | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Call after each change of state or progress. */
  observe(state: DebugState, { running }: Pick<ProgressStore, "running">): void {
    if (state.attempt !== this.#attempt) {
      this.#attempt = state.attempt;
      this.#since.clear();
      this.#ranMs = 0;
      this.#runningSince = undefined;
    }
    this.#observePhase(isActive(state));
    if (this.#runningSince === undefined) return;
    for (const vertex of this.#since.keys()) if (!running.has(vertex)) this.#since.delete(vertex);
    for (const vertex of running) if (!this.#since.has(vertex)) this.#since.set(vertex, this.#nowMs());
  }

  /** Milliseconds since the vertex was first seen running; 0 when it is not. */
  elapsedMs(vertex: Digest): number {
    const since = this.#since.get(vertex);
    return since === undefined ? 0 : this.#nowMs() - since;
  }

  /** Milliseconds of this attempt in which something ran. */
  get ranMs(): number {
    return this.#ranMs + (this.#runningSince === undefined ? 0 : this.#nowMs() - this.#runningSince);
  }

  #observePhase(running: boolean): void {
    if (running && this.#runningSince === undefined) this.#runningSince = this.#nowMs();
    if (running || this.#runningSince === undefined) return;
    this.#ranMs += this.#nowMs() - this.#runningSince;
    this.#runningSince = undefined;
  }
}
