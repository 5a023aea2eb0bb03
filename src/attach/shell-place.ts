/** Where an attached shell is to be, by what the build does: pure. All texts are untrusted. */
import { unreachable } from "../base/errors.ts";
import { numberOf } from "../console/phrases/stop-words.ts";
import type { ShellSide } from "../console/serving.ts";
import type { DebugState } from "../debugger/debugger.ts";
import { debugRootWords } from "../debugger/shells/debug-root-words.ts";
import { sideWord } from "../debugger/shells/shell-launch.ts";
import { isBusy } from "../debugger/state/at-rest.ts";
import { canMakeBase, isReproduced, programOf, statesOf, stopOf } from "../debugger/state/inspect.ts";
import type { StateSide } from "../engine/engine.ts";
import type { Program, Step } from "../graph/program.ts";

/** A state that the build stands at. */
export interface StoodAt {
  readonly kind: "at";
  /** The same as long as the same shell belongs there. */
  readonly key: string;
  readonly step: Step;
  readonly side: StateSide;
  readonly program: Program;
}

export type Standing =
  | StoodAt
  /** It stands at a step whose states are made first: `make-base` does that. */
  | { readonly kind: "unmade"; readonly words: string }
  /** There is nothing to be in. `words`: "step 4/9 runs". */
  | { readonly kind: "away"; readonly words: string };

/** Where a shell of a side belongs now. */
export function standingOf(state: DebugState, wanted: ShellSide): Standing {
  const stop = stopOf(state);
  const program = programOf(state);
  const step = stop === undefined ? undefined : program?.steps[stop.step];
  if (!isStood(state) || program === undefined || step === undefined)
    return { kind: "away", words: awayWords(state) };
  const states = statesOf(state, step.id);
  const side = wanted === "shown" ? states[0] : states.find((each) => each === wanted);
  if (side !== undefined) {
    const { attempt, shown } = state;
    return { kind: "at", key: `${attempt} ${shown} ${step.vertex} ${side}`, step, side, program };
  }
  const number = numberOf(step, program);
  if (canMakeBase(state, step.id) && wanted !== "after")
    return { kind: "unmade", words: `${number} failed before the steps above it had run` };
  if (states.length === 0 && isBaseLost(state))
    return {
      kind: "away",
      words: `${number} has no state: a step above it was interrupted; a rerun runs it again`,
    };
  const what = wanted === "shown" ? "state to open a shell in" : `state ${sideWord(wanted)}`;
  return { kind: "away", words: `${number} has no ${what}` };
}

/** "BASE of step 5/9: RUN make", "FAILED (reproduced) of step 7/8 · debug root · state at /: RUN make". */
export function headerWords(
  { step, side, program }: StoodAt,
  state: DebugState,
  { debugRoot }: { readonly debugRoot: boolean },
): string {
  const reproduced = isReproduced(state, step.id, side);
  const what = `${sideWord(side)}${reproduced ? " (reproduced)" : ""} of ${numberOf(step, program)}`;
  const root = debugRoot ? ` · ${debugRootWords(state, { isReproduced: reproduced })}` : "";
  return `${what}${root}: ${step.text}`;
}

function isStood(state: DebugState): boolean {
  const { kind } = state.phase;
  return kind === "paused" || kind === "finished" || (kind === "built" && !isBusy(state));
}

function isBaseLost({ phase }: DebugState): boolean {
  return phase.kind === "paused" && phase.reason.kind === "exception" && phase.reason.baseLost === true;
}

function awayWords(state: DebugState): string {
  const { phase } = state;
  switch (phase.kind) {
    case "idle":
    case "opening":
      return "the build is being loaded";
    case "broken":
      return `the build was refused: ${phase.error.message}`;
    case "running": {
      const { program } = phase.execution;
      const step = program.steps[program.stops[phase.from]?.step ?? -1];
      return step === undefined ? "the build runs" : `${numberOf(step, program)} runs`;
    }
    case "built":
      return "other platforms are still being built";
    case "finishing":
      return "the target is built, its outputs are being made";
    case "paused":
    case "finished":
      return "the build stands at no step";
    case "lost":
      return `the engine is gone: ${phase.error.message}`;
    case "ended":
      return "the build has ended";
    default:
      return unreachable(phase);
  }
}
