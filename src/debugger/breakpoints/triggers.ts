/** Where breakpoints stop: at which stop, for which step, and whether that is certain beforehand. Pure. */
import type { Digest } from "../../graph/graph.ts";
import type { Program, Step, Stop, StopId } from "../../graph/program.ts";
import type { Breakpoint, BreakpointId, BreakWhen } from "../breakpoint.ts";
import type { Execution } from "../debugger.ts";
import { isDone, stepAt, stopAt } from "../state/reached.ts";
import { whenOf } from "./break-spec.ts";
import { readRule } from "./rules.ts";

/** One breakpoint at one step. */
export interface Trigger {
  readonly breakpoint: Breakpoint;
  readonly step: Step;
  /** Where it stops: before the step, or at the stop behind it. */
  readonly at: StopId;
  /** "end": of a stage, so behind its last step. */
  readonly when: "before" | "end" | "after" | "miss" | "hit";
}

/** The stops that a breakpoint was bound to: before its steps, or the end of its stage. */
export function stopsOf({ bound }: Pick<Breakpoint, "bound">): readonly StopId[] {
  switch (bound.kind) {
    case "moved":
    case "verified":
    case "spread":
      return bound.stops;
    default:
      return [];
  }
}

/** Where the breakpoint stops, in reading order; the stop behind a step is the next one of its stage. */
export function triggersOf(program: Program, breakpoint: Breakpoint): readonly Trigger[] {
  return stopsOf(breakpoint).map((id) => triggerAt(program, breakpoint, id));
}

/**
 * The first place in reading order where an enabled breakpoint would stop: its step has not run, no rerun passes it,
 * it does not stop at one of `except`, and (when given) its step is among `scope`.
 */
export function nextTrigger(
  list: readonly Breakpoint[],
  execution: Execution,
  except: readonly (StopId | undefined)[],
  scope?: ReadonlySet<Digest>,
): Trigger | undefined {
  let next: Trigger | undefined;
  for (const breakpoint of list) {
    if (!breakpoint.enabled) continue;
    for (const id of stopsOf(breakpoint)) {
      if (next !== undefined && id > next.at) break;
      const trigger = triggerAt(execution.program, breakpoint, id);
      const { at, step } = trigger;
      if (isDone(execution, step) || except.includes(at) || isLeftOut(trigger)) continue;
      if (isSettled(breakpoint, at)) continue;
      if (scope !== undefined && !scope.has(step.vertex)) continue;
      if (next === undefined || at < next.at || (at === next.at && precedence(trigger) > precedence(next)))
        next = trigger;
    }
  }
  return next;
}

/** The breakpoints that stop at a stop, as far as is known now. */
export function breakpointsMet(
  list: readonly Breakpoint[],
  execution: Execution,
  at: StopId,
): readonly Breakpoint[] {
  return list.filter(
    (breakpoint) =>
      breakpoint.enabled &&
      triggersOf(execution.program, breakpoint).some((each) => each.at === at && stopsHere(execution, each)),
  );
}

/** Whether it is known beforehand that an enabled breakpoint stops there. */
export function isCertain(list: readonly Breakpoint[], execution: Execution, at: StopId): boolean {
  return list.some(
    (breakpoint) =>
      breakpoint.enabled &&
      triggersOf(execution.program, breakpoint).some(
        (each) => each.at === at && !isConditional(breakpoint) && !hasRule(breakpoint) && !wasPassed(each),
      ),
  );
}

/** The first breakpoint that may stop there. */
export function breakpointAt(
  list: readonly Breakpoint[],
  program: Program,
  at: StopId,
): BreakpointId | undefined {
  return list.find(
    (breakpoint) => breakpoint.enabled && triggersOf(program, breakpoint).some((each) => each.at === at),
  )?.id;
}

/** It stops only when a step was, or was not, in the cache. */
export function isConditional({ spec }: Breakpoint): boolean {
  const when = whenOf(spec);
  return when === "miss" || when === "hit";
}

/** Whether it stops is decided anew at each place. */
export function hasRule({ spec, rule }: Pick<Breakpoint, "spec" | "rule">): boolean {
  return rule !== undefined || spec.kind === "data" || spec.kind === "first-miss";
}

/** Its rule is decided with whether a step was in the cache. */
export function asksForReports(breakpoint: Breakpoint): boolean {
  const { rule } = breakpoint;
  return isConditional(breakpoint) || (rule !== undefined && readRule(rule).needs.cached);
}

/** When it stops at its steps, with what its rule can only know behind them. */
export function stopsWhen({ spec, rule }: Pick<Breakpoint, "spec" | "rule">): BreakWhen {
  const when = whenOf(spec);
  return when === "before" && rule !== undefined && readRule(rule).needs.behind ? "after" : when;
}

/** The step ran in this attempt; false also for one that has not been solved. */
export function didRun({ ran }: Execution, step: Step): boolean {
  return step.vertices.some((digest) => ran.has(digest));
}

function triggerAt(program: Program, breakpoint: Breakpoint, id: StopId): Trigger {
  const stop = stopAt(program, id);
  const step = stepAt(program, stop.step);
  if (stop.kind === "end") return { breakpoint, step, at: id, when: "end" };
  // The last step of a stage that shares all of its steps is of another one, which has its own end.
  const when = breakpoint.spec.kind === "stage-end" ? "after" : stopsWhen(breakpoint);
  return { breakpoint, step, at: when === "before" ? id : stopBehind(program, stop).id, when };
}

/** The stop where a step has just run: every stage ends with one. */
function stopBehind(program: Program, stop: Stop): Stop {
  for (let id = stop.id + 1; id < program.stops.length; id++) {
    const next = program.stops[id];
    if (next?.stage === stop.stage) return next;
  }
  return stop;
}

/** Before its rule: whether the step was, or was not, in the cache, where that is asked. */
export function isHit(execution: Execution, trigger: Trigger): boolean {
  const { step, when, breakpoint } = trigger;
  if (isOver(breakpoint)) return false;
  if (when !== "miss" && when !== "hit") return true;
  return isDone(execution, step) && didRun(execution, step) === (when === "miss");
}

/** As far as is known now. */
export function stopsHere(execution: Execution, trigger: Trigger): boolean {
  const { breakpoint, at } = trigger;
  if (hasRule(breakpoint)) return breakpoint.decisions?.get(at)?.stops === true;
  return isHit(execution, trigger);
}

/** It was decided there, or has done once what it does once. */
function isSettled(breakpoint: Breakpoint, at: StopId): boolean {
  const decision = breakpoint.decisions?.get(at);
  return decision === undefined ? isOver(breakpoint) : !decision.stops;
}

function isOver({ spec, hits }: Breakpoint): boolean {
  return spec.kind === "first-miss" && hits > 0;
}

/** A rerun goes past it without a stop. */
export function wasPassed({ breakpoint: { passedUntil }, at }: Trigger): boolean {
  return passedUntil !== undefined && at < passedUntil;
}

/** Hits that a rule counts are counted there too. */
function isLeftOut(trigger: Trigger): boolean {
  return wasPassed(trigger) && trigger.breakpoint.rule?.hits === undefined;
}

/** Where two stop at one place, the one before a step counts: for that one more must have run. */
function precedence({ when }: Trigger): number {
  return when === "before" ? 1 : 0;
}
