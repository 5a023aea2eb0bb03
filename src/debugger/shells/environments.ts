/** Environments of steps, asked for when a pane shows them and kept for the attempt. */

import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";
import type { Debugger } from "../debugger.ts";

/** How long an engine may take to tell the environment of a step; it may have to fetch an image first. */
export const ENVIRONMENT_MS = 30_000;

/** The environments of one attempt, by step and state. Disposing ends the questions under way. */
export class EnvironmentCache implements Disposable {
  readonly #debug: Debugger;
  readonly #onLoaded: () => void;
  readonly #known = new Map<string, StepEnvironment | undefined>();
  #attempt = 0;
  #stop = new AbortController();

  constructor(debug: Debugger, onLoaded: () => void) {
    this.#debug = debug;
    this.#onLoaded = onLoaded;
  }

  /** What is known; asks the engine the first time. undefined while it answers, and when it refuses. */
  get(step: StepId, side: StateSide): StepEnvironment | undefined {
    const { attempt, shown } = this.#debug.state;
    if (attempt !== this.#attempt) this.#forget(attempt);
    // Each thread has a program of its own.
    const key = `${shown}:${step}:${side}`;
    if (this.#known.has(key)) return this.#known.get(key);
    this.#known.set(key, undefined);
    void this.#load(key, step, side);
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** The pane shows less when the engine refuses; opening a shell there reports the reason. */
  async #load(key: string, step: StepId, side: StateSide): Promise<void> {
    const { signal } = this.#stop;
    try {
      const environment = await this.#debug.environment(step, side, { signal });
      if (signal.aborted) return;
      this.#known.set(key, environment);
      this.#onLoaded();
    } catch {
      // Kept as "not known" for this attempt.
    }
  }

  #forget(attempt: number): void {
    this.#attempt = attempt;
    this.#known.clear();
    this.#stop.abort();
    this.#stop = new AbortController();
  }
}
