/** Watches a debugger and tells what happens to its build, each thing once. */
import type { Debugger } from "../debugger/debugger.ts";
import { cacheWait } from "../debugger/shells/caches.ts";
import { isBusy } from "../debugger/state/at-rest.ts";
import { cacheBrokeAt, programOf } from "../debugger/state/inspect.ts";
import type { BuildEvent } from "./phrases/build-events.ts";
import { eventsBetween } from "./phrases/events-between.ts";
import { type BuildFacts, type KnownBuild, knownAfter } from "./phrases/known-build.ts";
import { RunClock } from "./run-clock.ts";

type Watched = Pick<Debugger, "state" | "engine" | "progress" | "masked">;

/** What only the passing of time tells is looked for so often: a step that waits for a cache reports nothing. */
const TICK_MS = 1000;

/** Compares one debugger's states and reports, and gives each event on once. */
export class BuildWatch implements Disposable {
  readonly clock = new RunClock();
  readonly #debug: Watched;
  readonly #onEvents: (events: readonly BuildEvent[]) => void;
  #known: KnownBuild;
  #timer: NodeJS.Timeout | undefined;

  /** @param onEvents called by `observe`, and while something runs by a timer; never with none. */
  constructor(debug: Watched, onEvents: (events: readonly BuildEvent[]) => void) {
    this.#debug = debug;
    this.#onEvents = onEvents;
    this.#known = knownAfter(undefined, this.#facts());
  }

  /** Call after each change of state or progress. */
  observe(): void {
    const previous = this.#known;
    this.#known = knownAfter(previous, this.#facts());
    const events = eventsBetween(previous, this.#known);
    if (events.length > 0) this.#onEvents(events);
    const { phase, engineSilent } = this.#debug.state;
    if (phase.kind === "running" || engineSilent) this.#timer ??= this.#tick();
  }

  /** How long the engine has not answered, in milliseconds; undefined = it does. */
  get silentMs(): number | undefined {
    const { silentSinceMs } = this.#known;
    return silentSinceMs === undefined ? undefined : performance.now() - silentSinceMs;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #tick(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.observe();
    }, TICK_MS);
    return timer.unref();
  }

  #facts(): BuildFacts {
    const { state, engine, progress } = this.#debug;
    this.clock.observe(state, progress);
    const program = state.attempt < 2 || isBusy(state) ? undefined : programOf(state);
    return {
      state,
      engine,
      masked: this.#debug.masked,
      log: progress.log,
      warnings: progress.warnings,
      // Of a rerun that has come to rest.
      brokeAt: program === undefined ? undefined : cacheBrokeAt(program, progress),
      wait: cacheWait(state, progress, (vertex) => this.clock.elapsedMs(vertex)),
      nowMs: performance.now(),
    };
  }
}
