/**
 * Moving the position over what has run: back, to any of it, and on again up to the live position, where the build really is.
 * Nothing is solved on the way and no hit is counted. Pure.
 */
import { BktuiError } from "../../base/errors.ts";
import type { Line } from "../../graph/graph.ts";
import type { Stop, StopId } from "../../graph/program.ts";
import { stepsAt, targetOfLine } from "../../graph/source-map.ts";
import type { Breakpoint, BreakpointId, RuleQuestion } from "../breakpoint.ts";
import { asDecided, decidedAt, questionsAt } from "../breakpoints/decide.ts";
import { type Known, knownOf } from "../breakpoints/facts.ts";
import { breakpointsMet, hasRule, isHit, stopsHere, triggersOf } from "../breakpoints/triggers.ts";
import type { Command, DebugState, Effect, Execution, Outcome, PauseReason, Phase } from "../debugger.ts";
import type { LivePosition } from "../live-position.ts";
import { Refused } from "../remedies.ts";
import { livePhase, liveStop } from "../state/live.ts";
import {
  edgesTo,
  isDone,
  isPassed,
  lastOfProgram,
  stopAt,
  stopBeforeStep,
  verticesOf,
  withDone,
} from "../state/reached.ts";
import { type Lead, leadOf, onwardMotion } from "./motions.ts";
import { arrive, type Change } from "./transitions.ts";

type Paused = Extract<Phase, { kind: "paused" }>;
/** The phases in which the position can move. */
type Standing = Extract<Phase, { kind: "paused" | "built" | "finished" }>;

/** To the step before this one in reading order, of those that have run. */
export function back(state: DebugState): Change {
  const phase = standing(state);
  const stop = stepBefore(phase);
  if (stop === undefined) throw new BktuiError("internal", "there is no step before this one");
  return standAt(state, phase, stop.id);
}

/** To the nearest place before this one where a breakpoint stops, else to the first step that has run. */
export function reverseContinue(state: DebugState, command: Command): Change {
  return settled(state, standing(state), command, []);
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
export function moveOn(state: DebugState, command: Command): Change {
  return settled(state, standing(state), command, []);
}

/** What was looked up on the way, or why nothing was: then the position stays. */
export function lookedUp(
  state: DebugState,
  { execution, asking = [], asked, travel }: Extract<Phase, { kind: "running" }>,
  outcome: Outcome,
): Change {
  const from = travel?.from;
  if (travel === undefined || from === undefined || !isStanding(from))
    throw new BktuiError("internal", "nothing was looked up on a way back");
  const before = { ...from, execution: { ...execution, callers: from.execution.callers } };
  switch (outcome.kind) {
    case "asked":
      if (asked !== "nothing") break;
      return settled(state, before, travel.command, knownOf(asking, outcome.answers));
    case "cancelled":
    case "solve-broken":
      break;
    default:
      return { state, effects: [] };
  }
  return { state: { ...state, phase: before, stops: state.stops + 1 }, effects: [] };
}

interface Destination {
  readonly place: StopId;
  /** The stop of the breakpoint that the position would stop for. */
  readonly at: StopId;
  readonly by: BreakpointId | undefined;
}

/**
 * To where the command leads. Rules that nobody decided there, since they were not there yet when it ran, are decided on the
 * way, once what they ask for has been looked up. Hits of before are unknown: a rule about them stops nowhere.
 */
function settled(before: DebugState, phase: Standing, command: Command, known: readonly Known[]): Change {
  let state = before;
  for (;;) {
    const found = destination(phase, asMetBefore(state.breakpoints, phase.execution), command);
    if (found === undefined) return toLive(state, phase);
    const execution = asItWas(phase.execution, found.at);
    const open = state.breakpoints.filter((each) => isOpen(each, execution, found.at));
    if (open.length === 0) return standAt(state, phase, found.place, found.by);
    const questions = questionsAt({ ...state, breakpoints: open }, execution, found.at, known);
    if (questions.length > 0) return lookUp(state, phase, { command, found, questions });
    const { breakpoints } = decidedAt({ ...state, breakpoints: open }, execution, found.at, known);
    state = { ...state, breakpoints: withDecisions(state.breakpoints, breakpoints) };
  }
}

function lookUp(
  state: DebugState,
  phase: Standing,
  {
    command,
    found,
    questions,
  }: {
    readonly command: Command;
    readonly found: Destination;
    readonly questions: readonly RuleQuestion[];
  },
): Change {
  const token = state.token + 1;
  const running: Phase = {
    kind: "running",
    execution: phase.execution,
    from: positionOf(phase) ?? found.place,
    goal: { edges: [], stop: { at: found.place, reason: { kind: "travel" } } },
    token,
    asked: "nothing",
    asking: questions,
    travel: { from: withoutSwitching(phase), command },
  };
  return {
    state: { ...state, phase: running, token },
    effects: [...givenUp(phase), { kind: "ask", token, questions }],
  };
}

/** Undefined: the live position. */
function destination(
  phase: Standing,
  breakpoints: readonly Breakpoint[],
  command: Command,
): Destination | undefined {
  if (command.kind === "reverse-continue") return placeBefore(phase, breakpoints);
  const lead = leadOf(command);
  if (phase.kind !== "paused" || lead === undefined)
    throw new BktuiError("internal", `${command.kind} while ${phase.kind}`);
  const at = placeBehind(phase, breakpoints, lead);
  const live = liveStop(phase);
  if (at === undefined || live === undefined) return undefined;
  // What has run beside it stands behind it in the file; a line that is named is gone to all the same.
  const isPassing = phase.at < live && live < at && command.kind !== "run-to";
  return isPassing ? undefined : { place: at, at, by: undefined };
}

/** Behind a step a breakpoint stops at the step itself, whose AFTER shows what it is about. */
function placeBefore(phase: Standing, breakpoints: readonly Breakpoint[]): Destination {
  const { execution } = phase;
  const { program } = execution;
  let nearest: Destination | undefined;
  for (const breakpoint of breakpoints) {
    if (!breakpoint.enabled) continue;
    for (const trigger of triggersOf(program, breakpoint)) {
      const { at, step, when } = trigger;
      const place = when === "before" || when === "end" ? at : stopBeforeStep(program, step).id;
      if (place >= (positionOf(phase) ?? 0) || !isDone(execution, step)) continue;
      if (nearest !== undefined && place <= nearest.place) continue;
      if (stopsHere(execution, trigger)) nearest = { place, at, by: breakpoint.id };
    }
  }
  const first = stopsBefore(phase).find(({ kind }) => kind === "before");
  if (nearest === undefined && first === undefined)
    throw new BktuiError("internal", "there is no step before this one");
  return nearest ?? { place: first?.id ?? program.entry, at: first?.id ?? program.entry, by: undefined };
}

/** Where a motion would have stopped; undefined when it would have gone to the live position, or further. */
function placeBehind(phase: Paused, breakpoints: readonly Breakpoint[], lead: Lead): StopId | undefined {
  const { at } = phase;
  let execution = asItWas(phase.execution, at);
  let { goal } = lead({ execution, at, breakpoints });
  for (;;) {
    const { stop, edges, unshortened } = goal;
    if (stop === undefined || stop.at === liveStop(phase)) return undefined;
    if (!edges.every(({ vertex }) => phase.execution.done.has(vertex))) return undefined;
    execution = withDone(execution, verticesOf(edges));
    if (unshortened === undefined || breakpointsMet(breakpoints, execution, stop.at).length > 0)
      return isPassed(phase.execution, stopAt(execution.program, stop.at)) ? stop.at : undefined;
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

/** What a rerun passed is met when it is gone over again; what nobody decided there may hold. */
function asMetBefore(list: readonly Breakpoint[], execution: Execution): readonly Breakpoint[] {
  return asDecided(
    list.map(({ passedUntil: _, ...rest }) => rest),
    execution.program,
    (trigger) => isDecidable(trigger.breakpoint) && isHit(execution, trigger),
  );
}

/** By what the states hold: what came before it in the run is not known any more. */
function isDecidable({ spec, rule }: Breakpoint): boolean {
  return spec.kind !== "first-miss" && rule?.hits === undefined && rule?.log === undefined;
}

/** It may stop there, and nobody has decided that. */
function isOpen(breakpoint: Breakpoint, execution: Execution, at: StopId): boolean {
  if (!breakpoint.enabled || !hasRule(breakpoint) || !isDecidable(breakpoint)) return false;
  if (breakpoint.decisions?.has(at) === true) return false;
  return triggersOf(execution.program, breakpoint).some((each) => each.at === at && isHit(execution, each));
}

/** Nothing is counted. */
function withDecisions(list: readonly Breakpoint[], decided: readonly Breakpoint[]): readonly Breakpoint[] {
  return list.map((each) => {
    const decisions = decided.find(({ id }) => id === each.id)?.decisions;
    return decisions === undefined ? each : { ...each, decisions };
  });
}

function standAt(state: DebugState, phase: Standing, at: StopId, by?: BreakpointId): Change {
  const id = by ?? breakpointsMet(state.breakpoints, phase.execution, at)[0]?.id;
  const reason: PauseReason = id === undefined ? { kind: "travel" } : { kind: "breakpoint", id };
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

function withoutSwitching(phase: Standing): Standing {
  if (phase.kind !== "paused") return phase;
  const { switchingTo: _, ...rest } = phase;
  return rest;
}

/** Another failure that the engine was asked for is not waited for any more. */
function givenUp(phase: Standing): readonly Effect[] {
  const asked = phase.kind === "paused" ? phase.switchingTo : undefined;
  return asked === undefined ? [] : [{ kind: "cancel", token: asked.token }];
}
