/**
 * Moving the position over what has run: back, to any of it, and on again up to the live position, where the build really is.
 * Nothing is solved on the way and no hit is counted. Pure.
 */
import { BktuiError } from "../../base/errors.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, Stop, StopId } from "../../graph/program.ts";
import { stepsAt, targetOfLine } from "../../graph/source-map.ts";
import type { Breakpoint } from "../breakpoint.ts";
import { asDecided } from "../breakpoints/decide.ts";
import { breakpointsMet } from "../breakpoints/triggers.ts";
import type { DebugState, Effect, Execution, PauseReason, Phase } from "../debugger.ts";
import type { LivePosition } from "../live-position.ts";
import { Refused } from "../remedies.ts";
import { livePhase, liveStop } from "../state/live.ts";
import {
  edgesTo,
  isPassed,
  lastOfProgram,
  stopAt,
  stopBeforeStep,
  verticesOf,
  withDone,
} from "../state/reached.ts";
import { type Motion, onwardMotion, type Standpoint } from "./motions.ts";
import { arrive, type Change } from "./transitions.ts";

type Paused = Extract<Phase, { kind: "paused" }>;
/** The phases in which the position can move. */
type Standing = Extract<Phase, { kind: "paused" | "built" | "finished" }>;

/** Where a motion leads from a stop that is stood at. */
export type Lead = (from: Standpoint & { readonly at: StopId }) => Motion;

/** To the step before this one in reading order, of those that have run. */
export function back(state: DebugState): Change {
  const phase = standing(state);
  const stop = stepBefore(phase);
  if (stop === undefined) throw new BktuiError("internal", "there is no step before this one");
  return standAt(state, phase, stop.id);
}

/** To the nearest place before this one where a breakpoint stops, else to the first step that has run. */
export function reverseContinue(state: DebugState): Change {
  const phase = standing(state);
  const { execution } = phase;
  const breakpoints = asMetBefore(state.breakpoints, phase.execution.program);
  const earlier = stopsBefore(phase);
  const stop =
    earlier.findLast(({ id }) => breakpointsMet(breakpoints, execution, id).length > 0) ??
    earlier.find(({ kind }) => kind === "before");
  if (stop === undefined) throw new BktuiError("internal", "there is no step before this one");
  return standAt(state, phase, stop.id);
}

/**
 * To a step at a line that has run, or to the live position.
 * @param nth which of the line's steps, from 1
 * @throws {BktuiError} "not-now" when it has not run, is stood at, or there is none.
 */
export function goTo(state: DebugState, line: Line, nth?: number): Change {
  const phase = standing(state);
  const { program } = phase.execution;
  const target = targetOfLine(program, line, nth);
  if (target.kind === "none") throw new BktuiError("not-now", `cannot go to line ${line}: ${target.why}`);
  const there = target.kind === "exact" ? `${line}${nth === undefined ? "" : `.${nth}`}` : target.line;
  // Of a line with several steps each can be gone to; the first of each stage is meant first.
  const steps = target.kind === "exact" && nth === undefined ? stepsAt(program, line) : [];
  const stops = [...target.stops, ...steps.map((step) => stopBeforeStep(program, step))];
  const live = liveStop(phase);
  const others = stops.filter(({ id }) => id !== positionOf(phase));
  const stop = others.find((each) => each.id === live || isPassed(phase.execution, each));
  if (stop !== undefined) return stop.id === live ? toLive(state, phase) : standAt(state, phase, stop.id);
  if (others.length < stops.length)
    throw new BktuiError("not-now", `the position is already at line ${there}`);
  const runsOn = livePhase(phase);
  const canRun = runsOn.kind === "paused" && runsOn.reason.kind !== "exception";
  throw new Refused("not-now", `line ${there} has not run yet: it has no state`, {
    remedies: canRun ? [{ command: "run-to", argument: String(there), does: "runs the build up to it" }] : [],
  });
}

/** A motion from an earlier stop: over what has run, to where it would have stopped, at most to the live position. */
export function moveOn(state: DebugState, lead: Lead): Change {
  const phase = standing(state);
  if (phase.kind !== "paused") throw new BktuiError("internal", `a motion while ${phase.kind}`);
  const breakpoints = asMetBefore(state.breakpoints, phase.execution.program);
  const { at } = phase;
  let execution = asItWas(phase.execution, at);
  let { goal } = lead({ execution, at, breakpoints });
  for (;;) {
    const { stop, edges, unshortened } = goal;
    if (stop === undefined || stop.at === liveStop(phase)) return toLive(state, phase);
    const isOver = edges.every(({ vertex }) => phase.execution.done.has(vertex));
    if (!isOver) return toLive(state, phase);
    execution = withDone(execution, verticesOf(edges));
    const isMet = breakpointsMet(breakpoints, execution, stop.at).length > 0;
    if (unshortened === undefined || isMet) {
      const isThere = isPassed(phase.execution, stopAt(execution.program, stop.at));
      return isThere ? standAt(state, phase, stop.at) : toLive(state, phase);
    }
    goal = onwardMotion({ execution, at, breakpoints }, unshortened).goal;
  }
}

/** The step before the position in reading order, of those that have run. */
export function stepBefore(phase: Standing): Stop | undefined {
  return stopsBefore(phase).findLast(({ kind }) => kind === "before");
}

/** Where one can stand before the position: at steps that have run, and at ends of stages. In reading order. */
function stopsBefore(phase: Standing): readonly Stop[] {
  const { execution } = phase;
  const position = positionOf(phase) ?? 0;
  return execution.program.stops.filter((stop) => stop.id < position && isPassed(execution, stop));
}

function positionOf(phase: Standing): StopId | undefined {
  return phase.kind === "paused" ? phase.at : lastOfProgram(phase.execution.program)?.id;
}

/** The position can move. */
export function isStanding(phase: Phase): phase is Standing {
  return phase.kind === "paused" || phase.kind === "built" || phase.kind === "finished";
}

function standing({ phase }: DebugState): Standing {
  if (isStanding(phase)) return phase;
  throw new BktuiError("internal", `the position moves while ${phase.kind}`);
}

/** The build as it stood before a stop: all above in reading order has run, and what is needed to stand there. */
function asItWas(execution: Execution, at: StopId): Execution {
  const { program } = execution;
  const { kind, step: here } = stopAt(program, at);
  const above = program.steps.filter(({ id }) => (kind === "end" ? id <= here : id < here));
  const needed = [...above.map(({ result }) => result), ...edgesTo(program, at)];
  return withDone({ ...execution, done: new Set(), callers: [] }, verticesOf(needed));
}

/** What a rerun passed without stopping is met when it is gone over again; rules are what they came to. */
function asMetBefore(list: readonly Breakpoint[], program: Program): readonly Breakpoint[] {
  return asDecided(
    list.map(({ passedUntil: _, ...rest }) => rest),
    program,
  );
}

function standAt(state: DebugState, phase: Standing, at: StopId): Change {
  const [met] = breakpointsMet(state.breakpoints, phase.execution, at);
  const reason: PauseReason = met === undefined ? { kind: "travel" } : { kind: "breakpoint", id: met.id };
  const execution: Execution = { ...phase.execution, callers: [] };
  const earlier: Paused = { kind: "paused", execution, at, reason, live: liveOf(phase) };
  return { state: { ...state, phase: earlier, stops: state.stops + 1 }, effects: givenUp(phase) };
}

/** The live position, as it was left; where the target is built the outputs may be due. */
function toLive(state: DebugState, phase: Standing): Change {
  const live = livePhase(phase);
  if (live.kind === "built") return arrive(state, live.execution, undefined);
  return { state: { ...state, phase: live, stops: state.stops + 1 }, effects: [] };
}

function liveOf(phase: Standing): LivePosition<PauseReason> {
  if (phase.kind === "paused") {
    const { execution, at, reason, live } = phase;
    return live ?? { kind: "paused", at, reason, callers: execution.callers };
  }
  if (phase.kind === "built") return { kind: phase.kind };
  const { execution: _, ...finished } = phase;
  return finished;
}

/** Another failure that the engine was asked for is not waited for any more. */
function givenUp(phase: Standing): readonly Effect[] {
  const asked = phase.kind === "paused" ? phase.switchingTo : undefined;
  return asked === undefined ? [] : [{ kind: "cancel", token: asked.token }];
}
