/** The moves between phases that commands and outcomes share. Pure. */
import { type BktuiError, unreachable } from "../../base/errors.ts";
import { anchorOfStop } from "../../graph/compare.ts";
import type { Edge } from "../../graph/graph.ts";
import type { StepId, StopId } from "../../graph/program.ts";
import type { Breakpoint, RuleQuestion } from "../breakpoint.ts";
import { unbound } from "../breakpoints/breakpoints.ts";
import { decidedAt, questionsAt } from "../breakpoints/decide.ts";
import type { Known } from "../breakpoints/facts.ts";
import { asksForReports, breakpointsMet, hasRule } from "../breakpoints/triggers.ts";
import type {
  DebugState,
  Effect,
  Execution,
  Goal,
  PauseReason,
  Phase,
  ResumePoint,
  Token,
} from "../debugger.ts";
import { isDone, lastOfProgram, stepAt, stepOfStop, stopAt, undone } from "../state/reached.ts";
import { type Motion, onwardMotion } from "./motions.ts";

/** What one input does. */
export interface Change {
  readonly state: DebugState;
  readonly effects: readonly Effect[];
}

/** Runs towards a goal from a stop; arrives at once when everything on the way is done. */
export function setOut(
  state: DebugState,
  execution: Execution,
  from: StopId,
  { goal, caller }: Motion,
): Change {
  const bound = caller === undefined ? execution : { ...execution, callers: [...execution.callers, caller] };
  const edges = goal.edges.filter(
    (edge, index) =>
      !execution.done.has(edge.vertex) &&
      goal.edges.findIndex((each) => each.vertex === edge.vertex) === index,
  );
  if (edges.length === 0) return reach(state, bound, from, goal);
  const token = state.token + 1;
  const phase: Phase = {
    kind: "running",
    execution: bound,
    from,
    goal: { ...goal, edges },
    token,
    asked: "nothing",
  };
  return { state: { ...state, phase, token }, effects: [solving(state, token, edges)] };
}

/** A breakpoint that depends on the cache needs to know what came from it. */
export function solving({ breakpoints }: DebugState, token: Token, edges: readonly Edge[]): Effect {
  const asks = breakpoints.some((each) => each.enabled && asksForReports(each));
  return { kind: "solve", token, edges, ...(asks ? { awaitReports: true } : {}) };
}

/**
 * The goal's edges exist. Breakpoints that depend on the cache or have a rule are decided here, once all that they ask for
 * has been looked up: when none holds, the run goes on.
 */
export function reach(
  before: DebugState,
  execution: Execution,
  from: StopId,
  goal: Goal,
  known: readonly Known[] = [],
): Change {
  const { stop, unshortened } = goal;
  if (stop === undefined) return arrive(before, execution, stop);
  if (!isDecided(stop.reason)) return arrive(before, execution, stop);
  const questions = questionsAt(before, execution, stop.at, known);
  if (questions.length > 0) return asking(before, { execution, from, goal }, questions);
  const state = decidedAt(before, execution, stop.at, known);
  if (unshortened === undefined || isMet(state, execution, stop.at)) return arrive(state, execution, stop);
  return setOut(
    state,
    execution,
    from,
    onwardMotion({ execution, at: from, breakpoints: state.breakpoints }, unshortened),
  );
}

/** Who is led back to a failure does not meet breakpoints there. */
function isDecided({ kind }: PauseReason): boolean {
  return kind !== "exception" && kind !== "pause" && kind !== "cancelled";
}

function asking(
  state: DebugState,
  parts: Pick<Extract<Phase, { kind: "running" }>, "execution" | "from" | "goal">,
  questions: readonly RuleQuestion[],
): Change {
  const token = state.token + 1;
  const phase: Phase = { kind: "running", ...parts, token, asked: "nothing", asking: questions };
  return { state: { ...state, phase, token }, effects: [{ kind: "ask", token, questions }] };
}

export function isMet({ breakpoints }: DebugState, execution: Execution, at: StopId): boolean {
  return breakpointsMet(breakpoints, execution, at).length > 0;
}

/** The goal is reached: stop there, or make the outputs. */
export function arrive(state: DebugState, execution: Execution, stop: Goal["stop"]): Change {
  if (stop !== undefined) return { state: pausedAt(state, execution, stop.at, stop.reason), effects: [] };
  const token = state.token + 1;
  const phase: Phase = { kind: "finishing", execution: { ...execution, callers: [] }, token };
  return { state: { ...state, phase, token }, effects: [{ kind: "make-outputs", token }] };
}

export function pausedAt(
  state: DebugState,
  execution: Execution,
  at: StopId,
  reason: PauseReason,
): DebugState {
  const here = breakpointsMet(state.breakpoints, execution, at);
  const met = here[0];
  const named = reason.kind === "step" || reason.kind === "cursor" || reason.kind === "breakpoint";
  const counts = reason.kind !== "pause" && reason.kind !== "cancelled" && reason.kind !== "exception";
  const phase: Phase = {
    kind: "paused",
    execution: {
      ...execution,
      callers: waitingCallers(execution, at),
      failures: knownFailures(execution, at, reason),
    },
    at,
    reason: named && met !== undefined ? stoppedBy(met, at) : reason,
  };
  // A rule has counted when it was decided.
  const isCounted = (each: Breakpoint): boolean => counts && here.includes(each) && !hasRule(each);
  const breakpoints = here.some(isCounted)
    ? state.breakpoints.map((each) => (isCounted(each) ? { ...each, hits: each.hits + 1 } : each))
    : state.breakpoints;
  return { ...state, phase, breakpoints, stops: state.stops + 1 };
}

function stoppedBy({ id, decisions }: Breakpoint, at: StopId): PauseReason {
  const problem = decisions?.get(at)?.problem;
  return { kind: "breakpoint", id, ...(problem === undefined ? {} : { problem }) };
}

/** The build is of no use any more; what was set by the user stays. */
export function broken(state: DebugState, kind: "broken" | "lost", error: BktuiError): Change {
  const phase: Phase = { kind, error, resume: resumePoint(state) };
  return {
    state: {
      ...state,
      phase,
      breakpoints: unbound(state.breakpoints),
      engineSilent: false,
      stops: state.stops + 1,
    },
    effects: [{ kind: "close" }],
  };
}

function knownFailures(execution: Execution, at: StopId, reason: PauseReason): Execution["failures"] {
  if (reason.kind !== "exception") return execution.failures;
  return new Map(execution.failures).set(stopAt(execution.program, at).step, reason.failure);
}

/** Ends whatever the phase has under way, and the build. */
export function leaving({ phase }: DebugState): readonly Effect[] {
  const token =
    "token" in phase ? phase.token : phase.kind === "paused" ? phase.switchingTo?.token : undefined;
  return [...(token === undefined ? [] : [{ kind: "cancel" as const, token }]), { kind: "close" }];
}

/** Where a rerun comes back to; undefined = the entry. */
export function resumePoint({ phase }: DebugState): ResumePoint | undefined {
  switch (phase.kind) {
    case "idle":
    case "ended":
      return undefined;
    case "opening":
    case "broken":
    case "lost":
      return phase.resume;
    case "paused":
      return pointOf(phase.execution, phase.at);
    case "running":
      return pointOf(phase.execution, phase.from);
    case "built":
    case "finishing":
    case "finished":
      return pointOf(phase.execution, lastOfProgram(phase.execution.program)?.id);
    default:
      return unreachable(phase);
  }
}

function pointOf(execution: Execution, at: StopId | undefined): ResumePoint | undefined {
  if (at === undefined) return undefined;
  const anchor = anchorOfStop(execution.program, at);
  return anchor === undefined ? undefined : { ...anchor, stop: at };
}

/** Callers that still wait for the stage that is stopped in. */
function waitingCallers(execution: Execution, at: StopId): readonly StepId[] {
  if (execution.callers.length === 0) return execution.callers;
  const here = stepOfStop(execution.program, at);
  return execution.callers.filter((id) => {
    const caller = stepAt(execution.program, id);
    if (isDone(execution, caller) || caller.id === here.id) return false;
    return isDone(execution, here)
      ? caller.needs.includes(here.stage)
      : undone(execution, [caller.result]).has(here.vertex);
  });
}
