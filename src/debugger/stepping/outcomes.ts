/** What the outside world reported -> next state. Pure; an outcome with an old token changes nothing. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { SolveFailed } from "../../engine/failures.ts";
import { findStop } from "../../graph/compare.ts";
import type { Edge } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import { stepsAt } from "../../graph/source-map.ts";
import { rebound } from "../breakpoints/breakpoints.ts";
import { whyUncaught } from "../breakpoints/catches.ts";
import { decidedAtFailure } from "../breakpoints/decide.ts";
import { knownOf } from "../breakpoints/facts.ts";
import type { DebugState, Execution, Goal, Outcome, PauseReason, Phase } from "../debugger.ts";
import { stepOfFailure } from "../failures/failures.ts";
import { searchedEdge } from "../failures/missing-source.ts";
import { isStuck, reasonOf } from "../failures/reasons.ts";
import {
  firstUndone,
  lastOfProgram,
  stepAt,
  stopBeforeStep,
  undone,
  verticesOf,
  withDone,
  withRan,
} from "../state/reached.ts";
import { giveUp, goOnWithout } from "./keep-going.ts";
import { continueMotion, resumeMotion } from "./motions.ts";
import {
  arrive,
  broken,
  type Change,
  isMet,
  leaving,
  pausedAt,
  reach,
  setOut,
  solving,
} from "./transitions.ts";
import { lookedUp } from "./travel.ts";

type Running = Extract<Phase, { kind: "running" }>;
type Opening = Extract<Phase, { kind: "opening" }>;
type Paused = Extract<Phase, { kind: "paused" }>;

export function applyOutcome(state: DebugState, outcome: Outcome): Change {
  const { phase } = state;
  const same: Change = { state, effects: [] };
  if (outcome.kind === "lost") {
    const live = phase.kind !== "idle" && phase.kind !== "ended" && phase.kind !== "lost";
    return live ? { ...broken(state, "lost", outcome.error), effects: leaving(state) } : same;
  }
  if (outcome.kind === "answering") {
    const engineSilent = !outcome.answering;
    return engineSilent === state.engineSilent ? same : { state: { ...state, engineSilent }, effects: [] };
  }
  if (phase.kind === "paused") return switched(state, phase, outcome);
  if (!("token" in phase) || phase.token !== outcome.token) return same;
  if (phase.kind === "running" && phase.travel !== undefined) {
    const isLost = outcome.kind === "solve-broken" && isGone(outcome.error);
    return isLost ? failed(state, outcome.error) : lookedUp(state, phase, outcome);
  }
  switch (outcome.kind) {
    case "opened":
      return phase.kind === "opening" ? opened(state, phase, outcome.program) : same;
    case "open-failed":
      return phase.kind === "opening" ? failed(state, outcome.error) : same;
    case "solved":
      return phase.kind === "running" ? solved(state, phase, outcome) : same;
    case "solve-failed":
      if (phase.kind === "finishing") return unmade(state, phase.execution, outcome.failure);
      return phase.kind === "running" ? stepFailed(state, phase, outcome) : same;
    case "cancelled":
      if (phase.kind === "running") return cancelled(state, phase, outcome);
      return phase.kind === "finishing" ? outputsCancelled(state, phase.execution) : same;
    case "solve-broken":
      if (phase.kind === "finishing" && !isGone(outcome.error))
        return unmade(state, phase.execution, outcome.error);
      return phase.kind === "running" || phase.kind === "finishing" ? failed(state, outcome.error) : same;
    case "asked":
      return phase.kind === "running" ? asked(state, phase, outcome) : same;
    case "outputs-made": {
      if (phase.kind !== "finishing") return same;
      const { imageId, outputs = [] } = outcome;
      const finished: Phase = { kind: "finished", execution: phase.execution, imageId, outputs };
      return { state: { ...state, phase: finished, stops: state.stops + 1 }, effects: [] };
    }
    default:
      return unreachable(outcome);
  }
}

/** The answer while another failure is asked for. When it is not that failure, the build stands where it stood. */
function switched(state: DebugState, phase: Paused, outcome: Outcome): Change {
  const { switchingTo, at, reason } = phase;
  if (switchingTo === undefined || !("token" in outcome) || switchingTo.token !== outcome.token) {
    return { state, effects: [] };
  }
  switch (outcome.kind) {
    case "solve-failed":
      return otherFailure(state, phase, stepAt(phase.execution.program, switchingTo.step), outcome);
    case "solve-broken":
      if (isGone(outcome.error)) return failed(state, outcome.error);
      return { state: pausedAt(state, phase.execution, at, reason), effects: [] };
    default:
      return { state: pausedAt(state, phase.execution, at, reason), effects: [] };
  }
}

function otherFailure(
  state: DebugState,
  { execution, at, reason }: Paused,
  step: Step,
  { failure, completed = [] }: Extract<Outcome, { kind: "solve-failed" }>,
): Change {
  const known = withDone(execution, completed);
  const scope = undone(known, [step.result]);
  const isOther = failedStep(known, [step.result], failure) !== step && failure.vertex !== undefined;
  if (isStuck(failure) || isOther || !scope.has(step.vertex)) {
    return { state: pausedAt(state, known, at, reason), effects: [] };
  }
  const reached = withDone(known, existing(failure, known));
  const stop = stopBeforeStep(execution.program, step).id;
  const other: PauseReason = { kind: "exception", failure: blamed(failure, step, reached) };
  return { state: pausedAt(state, reached, stop, other), effects: [] };
}

function opened(before: DebugState, phase: Opening, program: Program): Change {
  const execution: Execution = { program, done: new Set(), ran: new Set(), callers: [], failures: new Map() };
  const back = phase.resume === undefined ? undefined : (findStop(program, phase.resume) ?? program.entry);
  const breakpoints = rebound(before.breakpoints, program, back);
  const state = { ...before, breakpoints };
  const { entry } = program;
  if (program.stops.length === 0) return arrive(state, execution, undefined);
  const start = { execution, at: undefined, breakpoints };
  if (back !== undefined) return setOut(state, execution, entry, resumeMotion(start, back));
  if (phase.thenRun === true) return setOut(state, execution, entry, continueMotion(start));
  return reach(state, execution, entry, { edges: [], stop: { at: entry, reason: { kind: "entry" } } });
}

function failed(state: DebugState, error: BktuiError): Change {
  return broken(state, isGone(error) ? "lost" : "broken", error);
}

function isGone({ code }: BktuiError): boolean {
  return code === "engine-unreachable" || code === "no-engine";
}

function solved(
  state: DebugState,
  phase: Running,
  { completed = [], ran }: Extract<Outcome, { kind: "solved" }>,
): Change {
  const edges = phase.holding ?? phase.goal.edges;
  const known = withRan(phase.execution, ran);
  const execution = withDone(known, [...verticesOf(edges), ...completed]);
  if (phase.asked !== "nothing") return pauseWhereItRan(state, execution, phase.goal, askedReason(phase));
  if (phase.holding === undefined) return reach(state, execution, phase.from, phase.goal);
  return (
    searchFurther(state, phase, execution) ??
    setOut(state, execution, phase.from, { goal: phase.goal, caller: undefined })
  );
}

/** What was looked up, and what a breakpoint asks for that was set meanwhile. */
function asked(
  state: DebugState,
  { execution, from, goal, asking = [], asked: wanted }: Running,
  { answers }: Extract<Outcome, { kind: "asked" }>,
): Change {
  if (wanted !== "nothing") return pauseWhereItRan(state, execution, goal, askedReason({ asked: wanted }));
  return reach(state, execution, from, goal, knownOf(asking, answers));
}

function cancelled(
  state: DebugState,
  phase: Running,
  { completed, ran }: Extract<Outcome, { kind: "cancelled" }>,
): Change {
  const execution = withDone(withRan(phase.execution, ran), completed);
  return pauseWhereItRan(state, execution, phase.goal, askedReason(phase));
}

function askedReason({ asked }: Pick<Running, "asked">): PauseReason {
  return { kind: asked === "pause" ? "pause" : "cancelled" };
}

/** Before the first step of the run that is not done; where the run was to stop when it got there after all. */
function pauseWhereItRan(state: DebugState, execution: Execution, goal: Goal, reason: PauseReason): Change {
  // What was to be looked at is there still.
  if (goal.stop?.reason.kind === "exception") return arrive(state, execution, goal.stop);
  const left = undone(execution, goal.edges);
  const step = firstUndone(execution, left);
  if (step === undefined && left.size === 0 && goal.stop !== undefined) {
    const { at } = goal.stop;
    const isThere = goal.unshortened === undefined || isMet(state, execution, at);
    return isThere
      ? arrive(state, execution, goal.stop)
      : { state: pausedAt(state, execution, at, reason), effects: [] };
  }
  // Without a step only helpers (contexts, downloads) are left, or outputs that were not wanted any more.
  const at =
    step === undefined
      ? (goal.stop?.at ?? lastOfProgram(execution.program)?.id)
      : stopBeforeStep(execution.program, step).id;
  if (at === undefined) return arrive(state, execution, undefined);
  return { state: pausedAt(state, execution, at, reason), effects: [] };
}

/** The target is built, and what there is of it stays to be looked at. */
function unmade(state: DebugState, execution: Execution, problem: BktuiError): Change {
  const finished: Phase = { kind: "finished", execution, imageId: undefined, outputs: [], problem };
  return { state: { ...state, phase: finished, stops: state.stops + 1 }, effects: [] };
}

function outputsCancelled(state: DebugState, execution: Execution): Change {
  const at = lastOfProgram(execution.program)?.id;
  if (at === undefined) return { state, effects: [] };
  return { state: pausedAt(state, execution, at, { kind: "cancelled" }), effects: [] };
}

function stepFailed(
  state: DebugState,
  phase: Running,
  { failure, completed = [], ran }: Extract<Outcome, { kind: "solve-failed" }>,
): Change {
  const known = withDone(withRan(phase.execution, ran), completed);
  const { stop, keepsGoing } = phase.goal;
  if (isStuck(failure) && keepsGoing !== undefined) return giveStuckUp(state, phase, known, failure);
  // The failure on show is the one that interrupted it, and a rerun helps against both.
  if (isStuck(failure) && stop?.reason.kind === "exception") {
    return { state: pausedAt(state, known, stop.at, { ...stop.reason, baseLost: true }), effects: [] };
  }
  const execution = withDone(known, existing(failure, known));
  const step = failedStep(execution, phase.holding ?? phase.goal.edges, failure);
  if (step !== undefined) return stopAtFailure(state, phase, execution, step, failure);
  if (phase.asked !== "nothing") return pauseWhereItRan(state, execution, phase.goal, askedReason(phase));
  // Found when it was run alone, or when there is no other step.
  const suspect = firstUndone(execution, undone(execution, phase.goal.edges));
  if (suspect === undefined && keepsGoing !== undefined) return arrive(state, execution, stop);
  // Nothing of the file can be blamed: the engine itself went wrong.
  if (suspect === undefined) return broken(state, "broken", failure);
  const alone = phase.holding !== undefined || isOnlyStep(execution, phase.goal, suspect);
  const search = alone ? undefined : searchFurther(state, phase, execution);
  return search ?? stopAtFailure(state, phase, execution, suspect, failure);
}

/**
 * The engine did not name a vertex of this definition: BuildKit (0.8 to 0.32) joins equal steps of several open
 * builds and then reports the other build's vertex. The steps of the run are solved one by one: what exists
 * already takes no time, and the first one to fail is the one.
 */
function searchFurther(state: DebugState, phase: Running, execution: Execution): Change | undefined {
  const step = firstUndone(execution, undone(execution, phase.goal.edges));
  if (step === undefined) return undefined;
  const token = state.token + 1;
  const edges = [step.result];
  return {
    state: { ...state, phase: { ...phase, execution, token, holding: edges }, token },
    effects: [solving(state, token, edges)],
  };
}

function isOnlyStep(execution: Execution, goal: Goal, step: Step): boolean {
  const left = undone(execution, goal.edges);
  return !execution.program.steps.some((each) => each !== step && left.has(each.vertex));
}

function stopAtFailure(
  state: DebugState,
  phase: Running,
  execution: Execution,
  step: Step,
  failure: SolveFailed,
): Change {
  const at = stopBeforeStep(execution.program, step).id;
  const { stop: wanted, keepsGoing } = phase.goal;
  if (keepsGoing !== undefined)
    return goOnWithout(state, phase, execution, { step, failure: blamed(failure, step, execution) });
  // It is the base itself that cannot be made (a context, an image).
  const isLost = wanted?.at === at && wanted.reason.kind === "exception";
  const edges = step.base === undefined ? [] : [step.base];
  if (!isLost && phase.asked !== "nothing" && undone(execution, edges).size > 0) {
    return pauseWhereItRan(state, execution, phase.goal, askedReason(phase));
  }
  // A source that is missing is noticed before the steps above have run: they run when somebody wants to look (ADR 22).
  const failed = blamed(failure, step, execution);
  const { state: next, stops } = decidedAtFailure(state, execution, step, failed);
  const uncaught = stops ? undefined : whyUncaught(state, execution, step, failed);
  const reason: PauseReason = {
    kind: "exception",
    failure: failed,
    ...(isLost ? { baseLost: true } : {}),
    ...(uncaught === undefined ? {} : { uncaught }),
  };
  return { state: pausedAt(next, execution, at, reason), effects: [] };
}

/** BuildKit 0.8 cannot run what it has interrupted once more in the same build. */
function giveStuckUp(state: DebugState, phase: Running, execution: Execution, failure: SolveFailed): Change {
  const solving = phase.holding ?? phase.goal.edges;
  const step = failedStep(execution, solving, failure) ?? firstUndone(execution, undone(execution, solving));
  return step === undefined
    ? arrive(state, execution, phase.goal.stop)
    : giveUp(state, phase, execution, step.vertex);
}

/** The failure as one of this definition: an unknown vertex is replaced by the step's. */
function blamed(failure: SolveFailed, step: Step, { program }: Execution): SolveFailed {
  const { vertex, exitCode, ranges, states } = failure;
  if (vertex !== undefined && program.graph.vertices.has(vertex)) return failure;
  return new SolveFailed(failure.message, { vertex: step.vertex, exitCode, ranges, states, cause: failure });
}

/** The command itself failed, so everything it started from exists. */
function hasRun({ exitCode, states }: SolveFailed): boolean {
  return exitCode !== undefined || states?.subject === "exec" || states?.subject === "file";
}

/** What must exist for a failure to come about: all that a command began with, or where a source was searched for. */
function existing(failure: SolveFailed, { program }: Execution): readonly string[] {
  const { vertex } = failure;
  const found = vertex === undefined ? undefined : program.graph.vertices.get(vertex);
  if (vertex === undefined || found === undefined) return [];
  if (hasRun(failure)) return found.inputs.map((input) => input.vertex);
  const reason = reasonOf(failure, [], found);
  const searched =
    reason.kind === "source-missing" ? searchedEdge({ failure, program, vertex }, reason.path) : undefined;
  return searched === undefined ? [] : [searched.vertex];
}

/** The step of the vertex; for a helper, the first step not done that needs it; else what the lines say. */
function failedStep(
  execution: Execution,
  solving: readonly Edge[],
  { vertex, ranges }: SolveFailed,
): Step | undefined {
  const { program } = execution;
  // What was not asked for did not fail: BuildKit 0.8 leaves it to the client to guess the vertex.
  const scope = undone(execution, solving);
  if (vertex === undefined) {
    return ranges.flatMap(({ start }) => stepsAt(program, start)).find((step) => scope.has(step.vertex));
  }
  if (!scope.has(vertex)) return undefined;
  return stepOfFailure(program, execution.done, vertex);
}
