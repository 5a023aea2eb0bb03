/** Where each motion leads: a command and an execution -> a goal. Pure; breakpoints on the way shorten it. */
import { BktuiError } from "../../base/errors.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, Step, StepId, Stop, StopId } from "../../graph/program.ts";
import { stepsAt, targetOfLine } from "../../graph/source-map.ts";
import type { Breakpoint } from "../breakpoint.ts";
import { breakpointAt, isCertain, nextTrigger, type Trigger } from "../breakpoints/triggers.ts";
import type { Command, Execution, Goal, PauseReason } from "../debugger.ts";
import { Refused } from "../remedies.ts";
import {
  edgesTo,
  firstUndone,
  isDone,
  isPassed,
  stepAt,
  stepOfStop,
  stopAt,
  stopBeforeStep,
  undone,
} from "../state/reached.ts";

/** Where a motion begins. */
export interface Standpoint {
  readonly execution: Execution;
  /** The stop stood at; undefined right after loading, when no stop has been shown yet. */
  readonly at: StopId | undefined;
  readonly breakpoints: readonly Breakpoint[];
}

/** A goal, and the step to come back to when the motion goes into what it needs. */
export interface Motion {
  readonly goal: Goal;
  readonly caller: StepId | undefined;
}

type Stopped = Standpoint & { readonly at: StopId };

/** Where a command leads from a stop that is stood at. */
export type Lead = (from: Stopped) => Motion;

/** Undefined for a command that is no motion. */
export function leadOf(command: Command): Lead | undefined {
  switch (command.kind) {
    case "next":
      return nextMotion;
    case "into":
      return intoMotion;
    case "finish":
      return finishMotion;
    case "continue":
      return continueMotion;
    case "run-to":
      return (from) => runToMotion(from, command.line, command.nth);
    default:
      return undefined;
  }
}

const STEP: PauseReason = { kind: "step" };

export function nextMotion(from: Stopped): Motion {
  const { program } = from.execution;
  const here = stopAt(program, from.at);
  if (here.kind === "end") return outOfStage(from, here);
  const step = stepAt(program, here.step);
  const after = followingStop(from.execution, here);
  return motion(shorten(from, goalTo(program, after.id, STEP, [step])));
}

/** Into the first needed stage that has steps not done; like next where there is none. */
export function intoMotion(from: Stopped): Motion {
  const { program } = from.execution;
  const here = stopAt(program, from.at);
  if (here.kind === "end") return nextMotion(from);
  const step = stepAt(program, here.step);
  const scope = undone(from.execution, [step.result]);
  for (const stage of step.needs) {
    const first = program.steps.find((each) => each.stage === stage && scope.has(each.vertex));
    if (first === undefined) continue;
    const stop = stopBeforeStep(program, first);
    return { goal: shorten(from, goalTo(program, stop.id, STEP, [])), caller: step.id };
  }
  return nextMotion(from);
}

/** To the end of the stage and on to the step that uses it; in the final stage, to its end. */
export function finishMotion(from: Stopped): Motion {
  const { program } = from.execution;
  const here = stopAt(program, from.at);
  const end = program.stops.find((stop) => stop.kind === "end" && stop.stage === here.stage) ?? here;
  const last = stepAt(program, end.step);
  const user = callerOf(from.execution, here.stage) ?? consumerOf(from.execution, here.stage);
  if (user !== undefined) {
    const stop = stopBeforeStep(program, user);
    return motion(shorten(from, goalTo(program, stop.id, STEP, [last])));
  }
  if (here.kind === "end") return outOfStage(from, here);
  return motion(shorten(from, goalTo(program, end.id, STEP, [])));
}

/** To the next breakpoint; the step stood before runs in any case. Without a breakpoint, to the end. */
export function continueMotion(from: Standpoint): Motion {
  const { execution, at, breakpoints } = from;
  const { program } = execution;
  const end: Goal = { edges: resultOf(program), stop: undefined };
  const here = at === undefined ? undefined : stepOfStop(program, at);
  if (here !== undefined && !isDone(execution, here)) {
    const within = shorten(from, { edges: [here.result], stop: undefined }, end);
    if (within.stop !== undefined) return motion(within);
  }
  const ahead = nextTrigger(breakpoints, execution, [at]);
  if (ahead === undefined) return motion(end);
  const goal = shorten(from, goalOf(from, ahead, end), end);
  return motion(here === undefined ? goal : { ...goal, edges: [...goal.edges, here.result] });
}

/** A stop whose condition does not hold is passed: further on the way to the goal that it was cut from. */
export function onwardMotion(from: Stopped, unshortened: Goal): Motion {
  return unshortened.stop === undefined ? continueMotion(from) : motion(shorten(from, unshortened));
}

/**
 * To a step at a line, or the next stop of its stage. Of a line with steps in several stages the first that has not run.
 * @param nth which of the line's steps, from 1
 * @throws {BktuiError} "not-now" when it has run already, is stood at, or cannot be stopped at.
 */
export function runToMotion(from: Stopped, line: Line, nth?: number): Motion {
  const { execution } = from;
  const { program } = execution;
  const target = targetOfLine(program, line, nth);
  if (target.kind === "none") throw new BktuiError("not-now", `cannot run to line ${line}: ${target.why}`);
  const { stops } = target;
  const there = target.kind === "exact" ? `${line}${nth === undefined ? "" : `.${nth}`}` : stops[0]?.line;
  const isAhead = (stop: Stop): boolean => stop.id !== from.at && !isPassed(execution, stop);
  // Left after its first step, a line with several still has the others.
  const all =
    target.kind === "exact" && nth === undefined
      ? stepsAt(program, line).map((step) => stopBeforeStep(program, step))
      : stops;
  const isThere = all.some(({ id }) => id === from.at);
  const stop = stops.find(isAhead) ?? (isThere ? undefined : all.find(isAhead));
  if (stop === undefined && isThere)
    throw new BktuiError("not-now", `the build already stands at line ${there}`);
  if (stop === undefined)
    throw new Refused("not-now", `line ${there} has already run`, {
      remedies: [
        { command: "goto", argument: String(there), does: "goes back to it" },
        { command: "rerun", does: "runs the build again" },
      ],
    });
  const here = stepOfStop(program, from.at);
  // Going down the file, the step stood before is left behind, so it runs.
  const first = from.at < stop.id ? [here] : [];
  return motion(shorten(from, goalTo(program, stop.id, { kind: "cursor" }, first)));
}

/** Runs what is above a step that failed before it had run, and back to the failure. */
export function baseMotion(from: Stopped, reason: PauseReason): Motion {
  return motion(shorten(from, goalTo(from.execution.program, from.at, reason, [])));
}

/** Back to a stop after a rerun. */
export function resumeMotion(from: Standpoint, at: StopId): Motion {
  return motion(shorten(from, goalTo(from.execution.program, at, { kind: "rerun" }, [])));
}

/** Runs `first`, then stands at the stop. */
function goalTo(program: Program, at: StopId, reason: PauseReason, first: readonly Step[]): Goal {
  return { edges: [...first.map((step) => step.result), ...edgesTo(program, at)], stop: { at, reason } };
}

/** A goal that no enabled breakpoint lies before; the stop stood at does not count. `unshortened`: the goal that it is cut from. */
function shorten(from: Standpoint, goal: Goal, unshortened: Goal = goal): Goal {
  const { execution, at, breakpoints } = from;
  let nearest = goal;
  for (;;) {
    const scope = undone(execution, nearest.edges);
    const trigger = nextTrigger(breakpoints, execution, [at, nearest.stop?.at], scope);
    if (trigger === undefined) return nearest;
    nearest = goalOf(from, trigger, unshortened);
  }
}

function goalOf({ execution, breakpoints }: Standpoint, trigger: Trigger, unshortened: Goal): Goal {
  const { program } = execution;
  const { at, step, when } = trigger;
  const id = breakpointAt(breakpoints, program, at) ?? trigger.breakpoint.id;
  const first = when === "before" ? [] : [step];
  const goal = goalTo(program, at, { kind: "breakpoint", id }, first);
  return isCertain(breakpoints, execution, at) ? goal : { ...goal, unshortened };
}

function outOfStage(from: Stopped, here: Stop): Motion {
  const { execution } = from;
  const { program } = execution;
  const step = callerOf(execution, here.stage) ?? firstUndone(execution);
  if (step === undefined) return motion({ edges: resultOf(program), stop: undefined });
  return motion(shorten(from, goalTo(program, stopBeforeStep(program, step).id, STEP, [])));
}

/** The next stop of the same stage that is not passed once the current step has run. */
function followingStop(execution: Execution, here: Stop): Stop {
  const { program } = execution;
  const ran = undone(execution, [stepAt(program, here.step).result]);
  const found = program.stops.find((stop) => {
    if (stop.stage !== here.stage || stop.id <= here.id) return false;
    const step = stepAt(program, stop.step);
    return stop.kind === "end" || (!isDone(execution, step) && !ran.has(step.vertex));
  });
  if (found === undefined) throw new BktuiError("internal", `stage ${here.stage} has no end`);
  return found;
}

function callerOf(execution: Execution, stage: string): Step | undefined {
  const caller = execution.callers.at(-1);
  const step = caller === undefined ? undefined : stepAt(execution.program, caller);
  return step === undefined || step.stage === stage || isDone(execution, step) ? undefined : step;
}

function consumerOf(execution: Execution, stage: string): Step | undefined {
  return execution.program.steps.find((step) => step.needs.includes(stage) && !isDone(execution, step));
}

function resultOf({ graph }: Program): Goal["edges"] {
  return graph.result === undefined ? [] : [graph.result];
}

function motion(goal: Goal): Motion {
  return { goal, caller: undefined };
}
