/** A step of a thread that stands: all that is known of it without asking an engine, and how the rest is asked for. */
import { BktuiError } from "../../base/errors.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import { canMakeBase, failureOfStep, programOf, statesOf, stopOf } from "../../debugger/state/inspect.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Vertex } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import type { Session } from "../state/session.ts";
import { threadViews } from "../state/threads.ts";
import type { StepPlace } from "./branch.ts";
import type { LookedAt } from "./looked.ts";

export interface StepView {
  readonly session: Session;
  readonly place: StepPlace;
  readonly state: DebugState;
  readonly program: Program;
  readonly step: Step;
  readonly vertex: Vertex | undefined;
  readonly request: BuildRequest;
  readonly failure: SolveFailed | undefined;
  /** Those that can be looked at, the most interesting first. */
  readonly sides: readonly StateSide[];
}

/** Of a frame; without one the step that the shown thread stands at. @throws {BktuiError} "not-found", "not-now". */
export function placeOf(session: Session, frameId: number | null | undefined): StepPlace {
  if (typeof frameId === "number") return session.frame(frameId);
  const { state } = session.debug;
  const shown = threadViews(state).find(({ id }) => id === state.shown) ?? threadViews(state)[0];
  const stop = shown === undefined ? undefined : stopOf(shown.state);
  if (shown === undefined || stop === undefined) throw new BktuiError("not-now", "no build is loaded now");
  return { thread: shown.number, step: stop.step };
}

/** @throws {BktuiError} "not-now" while its thread runs or has nothing loaded. */
export function viewOf(session: Session, place: StepPlace): StepView {
  const { state } = session.thread(place.thread);
  refuseRunning(state);
  const program = programOf(state);
  const step = program?.steps[place.step];
  if (program === undefined || step === undefined) throw new BktuiError("not-now", "no build is loaded now");
  return {
    session,
    place,
    state,
    program,
    step,
    vertex: program.graph.vertices.get(step.vertex),
    request: state.request ?? session.build.request,
    failure: failureOfStep(state, step.id),
    sides: statesOf(state, step.id),
  };
}

/** @throws {BktuiError} "not-now". */
export function refuseRunning({ phase }: Pick<DebugState, "phase">): void {
  if (phase.kind !== "running" && phase.kind !== "opening" && phase.kind !== "finishing") return;
  throw new BktuiError("not-now", "the build is running: nothing of it can be looked at", {
    hint: "pause stops it before its next step.",
  });
}

/** A state of the step, for what has to be asked. @throws {BktuiError} "not-now" when it has none. */
export function lookedAt({ session, place, program, step, state }: StepView, side: StateSide): LookedAt {
  const states = statesOf(state, step.id);
  const isMade = states.includes(side) || (side === "base" && canMakeBase(state, step.id));
  if (!isMade)
    throw new BktuiError(
      "not-now",
      states.length === 0
        ? `step ${step.id + 1}/${program.steps.length} has not been reached: it has no state yet`
        : `step ${step.id + 1}/${program.steps.length} has no ${side.toUpperCase()} state now, only ${states.join(" and ").toUpperCase()}`,
    );
  return { debug: session.debug, program, step, side, show: () => session.show(place.thread) };
}

/** The state that is meant by who names none. @throws {BktuiError} "not-now". */
export function shownSide({ sides, step, program }: StepView): StateSide {
  const [side] = sides;
  if (side !== undefined) return side;
  throw new BktuiError(
    "not-now",
    `step ${step.id + 1}/${program.steps.length} has not been reached: it has no state yet`,
    { hint: `to ${step.start} runs the build up to it.` },
  );
}

/** What a command of the step has by itself; undefined where it has to be asked for. */
export function ownEnvironment({ vertex }: StepView): Omit<StepEnvironment, "shell"> | undefined {
  return vertex?.exec;
}

/** @throws {BktuiError} "not-now" when the step has no state. */
export async function environmentOf(
  view: StepView,
  signal: AbortSignal,
): Promise<Omit<StepEnvironment, "shell">> {
  const own = ownEnvironment(view);
  if (own !== undefined) return own;
  const side = canMakeBase(view.state, view.step.id) ? "base" : shownSide(view);
  return await view.session.looked.environment(lookedAt(view, side), signal);
}

/** `NAME=value` as pairs. */
export function pairsOf(env: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    env.map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? ([entry, ""] as const) : ([entry.slice(0, at), entry.slice(at + 1)] as const);
    }),
  );
}
