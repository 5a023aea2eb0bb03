/** What was looked at in an attempt, so that nobody waits for it twice: environments of steps, directories of states. */
import { inTime } from "../../console/state-reads.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { ENVIRONMENT_MS } from "../../debugger/shells/environments.ts";
import type { FileEntry, StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Program, Step } from "../../graph/program.ts";

/** Each some megabytes at most. */
const MOST_DIRECTORIES = 50;

/** A state of a step as it is loaded now; `show` makes its thread the one that is asked about. */
export interface LookedAt {
  readonly debug: Debugger;
  readonly program: Program;
  readonly step: Step;
  readonly side: StateSide;
  show(): void;
}

/** One for each session. Programs are new in each attempt, so nothing old is ever found. */
export class Looked {
  readonly #environments = new WeakMap<Step, Map<StateSide, StepEnvironment>>();
  readonly #directories = new WeakMap<Program, Map<string, readonly FileEntry[]>>();

  /** @throws {BktuiError} "not-now" when the step has no such state. */
  async environment({ debug, step, side, show }: LookedAt, signal: AbortSignal): Promise<StepEnvironment> {
    const known = this.#environments.get(step)?.get(side);
    if (known !== undefined) return known;
    show();
    const late = AbortSignal.timeout(ENVIRONMENT_MS);
    const environment = await debug.environment(step.id, side, { signal: AbortSignal.any([signal, late]) });
    const sides = this.#environments.get(step) ?? new Map<StateSide, StepEnvironment>();
    this.#environments.set(step, sides.set(side, environment));
    return environment;
  }

  /** Sorted by name. @throws {BktuiError} "not-found", "not-now". */
  async directory(place: LookedAt, path: string, signal: AbortSignal): Promise<readonly FileEntry[]> {
    const { debug, program, step, side, show } = place;
    const kept = this.#directories.get(program) ?? new Map<string, readonly FileEntry[]>();
    this.#directories.set(program, kept);
    const key = `${step.id} ${side} ${path}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const name = `step ${step.id + 1}/${program.steps.length}`;
    const entries = await inTime({ name }, { signal }, (ending) => {
      show();
      return debug.files(step.id, side, { path, signal: ending });
    });
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= MOST_DIRECTORIES) kept.delete(oldest);
    kept.set(key, entries);
    return entries;
  }
}
