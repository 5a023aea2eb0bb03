/** Which step and which of its states a person means who names none: the same in every front end without a screen. */
import { BktuiError } from "../base/errors.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { programOf, stopOf } from "../debugger/state/inspect.ts";
import type { StateSide } from "../engine/engine.ts";
import type { Digest } from "../graph/graph.ts";
import type { Step } from "../graph/program.ts";
import { namedStep, type StepName } from "./step-names.ts";

/** A state that can be looked at. */
export interface StatePlace {
  readonly step: Step;
  /** How many there are. */
  readonly steps: number;
  readonly side: StateSide;
}

/** What `swap` did; `side` undefined = the step has no state. */
export interface Swapped {
  readonly step: Step;
  readonly side: StateSide | undefined;
  /** False: it has no other state. */
  readonly isOther: boolean;
}

/** Remembers the state that was chosen with `swap`, until the build stands elsewhere. */
export class ShownState {
  readonly #debug: Debugger;
  #chosen: { readonly vertex: Digest; readonly stops: number; readonly side: StateSide } | undefined;

  constructor(debug: Debugger) {
    this.#debug = debug;
  }

  /** The step of a name, or the one stood at. @throws {BktuiError} "not-now", "not-found". */
  step(name: StepName | undefined): Step {
    if (name !== undefined) return namedStep(this.#debug, name);
    const stop = stopOf(this.#debug.state);
    const step = stop === undefined ? undefined : programOf(this.#debug.state)?.steps[stop.step];
    if (step === undefined) throw new BktuiError("not-now", "nothing is loaded");
    return step;
  }

  /** The state of a step that is shown; undefined = it has none yet. */
  side(step: Step): StateSide | undefined {
    const states = this.#debug.states(step.id);
    const chosen = this.#chosen;
    const holds = chosen?.vertex === step.vertex && chosen.stops === this.#debug.state.stops;
    return holds && states.includes(chosen.side) ? chosen.side : states[0];
  }

  /** @throws {BktuiError} as `step`, "not-now" when the step has no state yet. */
  place(name: StepName | undefined): StatePlace {
    const step = this.step(name);
    const side = this.side(step);
    const steps = programOf(this.#debug.state)?.steps.length ?? 0;
    if (side !== undefined) return { step, side, steps };
    throw new BktuiError(
      "not-now",
      `step ${step.id + 1}/${steps} has not been reached: it has no state yet`,
      {
        hint: `to ${step.start} runs the build up to it; steps says which have run.`,
      },
    );
  }

  /** Shows the other state of the step stood at. */
  swap(): Swapped {
    const step = this.step(undefined);
    const states = this.#debug.states(step.id);
    const now = this.side(step);
    const next = now === undefined ? undefined : states[(states.indexOf(now) + 1) % states.length];
    if (next === undefined || next === now) return { step, side: next, isOther: false };
    this.#chosen = { vertex: step.vertex, stops: this.#debug.state.stops, side: next };
    return { step, side: next, isOther: true };
  }
}
