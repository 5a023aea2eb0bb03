/** What must hold of the position of a build, wherever it is and however it was moved. */
import { isDeepStrictEqual } from "node:util";
import type { Command, DebugState, Execution, Reduce } from "../../src/debugger/debugger.ts";
import { isInThePast, livePhase } from "../../src/debugger/state/live.ts";
import { isDone, stepOfStop, stopAt } from "../../src/debugger/state/reached.ts";
import { reduce } from "../../src/debugger/stepping/reduce.ts";
import type { StopId } from "../../src/graph/program.ts";

/** `early`: a step may fail before those above it have run. */
export function checkCursor(execution: Execution, at: StopId, early: boolean): void {
  const { program, done } = execution;
  const here = stepOfStop(program, at);
  const stop = stopAt(program, at);
  for (const step of program.steps) {
    if (step.stage !== here.stage || step.id > here.id) continue;
    const mustBeDone = step.id < here.id || stop.kind === "end";
    if (mustBeDone && !early && !done.has(step.vertex))
      throw new Error(`the cursor is past step ${step.id + 1}`);
    if (step.id === here.id && stop.kind === "before" && done.has(step.vertex)) {
      throw new Error("the cursor is before a step that has run");
    }
  }
}

/** An earlier stop is one of a step that has run, and none of a failure; the live position is no earlier stop itself. */
export function checkPast(phase: DebugState["phase"]): void {
  if (phase.kind !== "paused") throw new Error("the past is nothing to run in");
  if (!isDone(phase.execution, stepOfStop(phase.execution.program, phase.at)))
    throw new Error("an earlier stop is at a step that has not run");
  if (phase.reason.kind !== "travel" && phase.reason.kind !== "breakpoint")
    throw new Error(`an earlier stop is one of ${phase.reason.kind}`);
  const live = livePhase(phase);
  if (isInThePast(live)) throw new Error("the live position is an earlier stop");
  if (live.kind === "paused") checkCursor(live.execution, live.at, live.reason.kind === "exception");
}

/** Moving over what has run runs nothing and counts nothing, and going on ends where the build really is. */
export function checkTravel(
  before: DebugState,
  command: Command,
  { state: next, effects }: ReturnType<Reduce>,
): void {
  const isBack = command.kind === "back" || command.kind === "reverse-continue" || command.kind === "goto";
  const { phase } = before;
  if (!isBack && !(isInThePast(phase) && MOTIONS.has(command.kind))) return;
  if (effects.some(({ kind }) => kind !== "cancel" && kind !== "ask"))
    throw new Error(`${command.kind} has an effect`);
  if (!isDeepStrictEqual(next.breakpoints.map(hitsOf), before.breakpoints.map(hitsOf)))
    throw new Error(`${command.kind} counts hits`);
  if (next.stops !== before.stops + (next.phase.kind === "running" ? 0 : 1))
    throw new Error(`${command.kind} is no stop`);
  if ("execution" in phase && "execution" in next.phase && phase.execution.done !== next.phase.execution.done)
    throw new Error(`${command.kind} forgets what has run`);
  if (!isInThePast(next.phase)) return;
  const live = livePhase(next.phase);
  for (const kind of ["next", "into", "finish", "continue"] as const) checkReturn(next, live, kind);
}

const MOTIONS: ReadonlySet<Command["kind"]> = new Set<Command["kind"]>([
  "next",
  "into",
  "finish",
  "continue",
  "run-to",
]);

/** The same motion again and again. */
function checkReturn(
  past: DebugState,
  live: DebugState["phase"],
  kind: "next" | "into" | "finish" | "continue",
): void {
  let state = past;
  for (let motions = 0; isInThePast(state.phase); motions++) {
    if (motions > 20) throw new Error(`${kind} does not come to the live position`);
    state = withAnswers(reduce(state, { kind }));
  }
  if (JSON.stringify(bare(state.phase)) !== JSON.stringify(bare(live)))
    throw new Error(`${kind} comes to another position than the live one`);
  const { phase } = state;
  if (phase.kind === "paused" && live.kind === "paused" && phase.reason !== live.reason)
    throw new Error("the live position has another reason");
}

/** All that is asked on the way cannot be known. */
function withAnswers({ state, effects }: ReturnType<Reduce>): DebugState {
  const [effect, ...more] = effects;
  if (effect === undefined) return state;
  if (effect.kind !== "ask" || more.length > 0)
    throw new Error("going on from an earlier stop has an effect");
  const answers = effect.questions.map(() => ({ kind: "unknown", why: "odd" }) as const);
  return withAnswers(reduce(state, { kind: "asked", token: effect.token, answers }));
}

function hitsOf({ id, hits }: DebugState["breakpoints"][number]): readonly number[] {
  return [id, hits];
}

function bare(phase: DebugState["phase"]): unknown {
  return phase.kind === "paused" ? [phase.kind, phase.at, phase.execution.callers] : [phase.kind];
}
