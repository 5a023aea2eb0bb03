/** Breakpoints: the list, binding places to stops, following edits. Pure. */
import { BktuiError, unreachable } from "../../base/errors.ts";
import { type Budget, compilePattern } from "../../base/pattern.ts";
import { anchorOfLine, findLine } from "../../graph/compare.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, Stage, Step, Stop, StopId } from "../../graph/program.ts";
import { stageNamed, stopAtEnd, stopBefore, targetOfLine } from "../../graph/source-map.ts";
import type {
  Breakpoint,
  BreakpointId,
  BreakpointOrder,
  BreakpointRule,
  BreakpointSpec,
} from "../breakpoint.ts";
import type { BreakpointAnchor } from "../breakpoint-anchor.ts";
import { stepOfStop } from "../state/reached.ts";
import { sameSpec } from "./break-spec.ts";
import { isConditional, triggersOf } from "./triggers.ts";

/** What one pattern may cost over a whole file: some 200 ms at the worst. */
const PATTERN_STEPS = 20_000_000;

/** Adds one; asking for the same place again switches the old one on, under the new rule. Returns the same list when nothing changes. */
export function withBreakpoint(
  list: readonly Breakpoint[],
  { spec, rule, on }: BreakpointOrder & { readonly on?: BreakpointAnchor },
  program: Program | undefined,
): readonly Breakpoint[] {
  const same = list.find((each) => sameSpec(each.spec, spec));
  if (same !== undefined) return withEnabled(withRule(list, same, rule), same.id, true);
  const id = list.reduce((highest, each) => Math.max(highest, each.id), 0) + 1;
  const fresh: Breakpoint = {
    id,
    spec,
    ...(rule === undefined ? {} : { rule }),
    enabled: true,
    bound: { kind: "pending" },
    hits: 0,
    anchor: on?.text,
    ...(on === undefined ? {} : { place: { stage: on.stage, ordinal: on.ordinal, offset: on.offset } }),
  };
  return [...list, program === undefined ? fresh : bindTo(program, fresh)];
}

/** What was decided under another rule counts no more. */
function withRule(
  list: readonly Breakpoint[],
  same: Breakpoint,
  rule: BreakpointRule | undefined,
): readonly Breakpoint[] {
  if (sameRule(same.rule, rule)) return list;
  const { rule: _, decisions: __, ...rest } = same;
  const changed: Breakpoint = { ...rest, hits: 0, ...(rule === undefined ? {} : { rule }) };
  return list.map((each) => (each === same ? changed : each));
}

function sameRule(a: BreakpointRule | undefined, b: BreakpointRule | undefined): boolean {
  return a?.condition === b?.condition && a?.hits === b?.hits && a?.log === b?.log;
}

/** @throws {BktuiError} "not-found". */
export function withoutBreakpoint(list: readonly Breakpoint[], id: BreakpointId): readonly Breakpoint[] {
  requireBreakpoint(list, id);
  return list.filter((each) => each.id !== id);
}

/** Returns the same list when nothing changes. @throws {BktuiError} "not-found". */
export function withEnabled(
  list: readonly Breakpoint[],
  id: BreakpointId,
  enabled: boolean,
): readonly Breakpoint[] {
  if (requireBreakpoint(list, id).enabled === enabled) return list;
  return list.map((each) => (each.id === id ? { ...each, enabled } : each));
}

/** For the time until the next program exists. */
export function unbound(list: readonly Breakpoint[]): readonly Breakpoint[] {
  return list.map((each) => ({ ...each, bound: { kind: "pending" } }));
}

/** A new attempt: bound anew, hits counted anew. What an earlier attempt stopped at before `back` is passed. */
export function rebound(
  list: readonly Breakpoint[],
  program: Program,
  back: StopId | undefined,
): readonly Breakpoint[] {
  return list.map((each) => {
    const { passedUntil, decisions: _, ...rest } = each;
    const bound = bindTo(program, { ...rest, hits: 0 });
    const met = hasStopped(each) || passedUntil !== undefined;
    if (!met || back === undefined) return bound;
    return triggersOf(program, bound).some(({ at }) => at < back) ? { ...bound, passedUntil: back } : bound;
  });
}

/** A log point never has: it says its text anew. */
function hasStopped({ hits, decisions }: Breakpoint): boolean {
  return decisions === undefined ? hits > 0 : [...decisions.values()].some(({ stops }) => stops);
}

/** One breakpoint by its place; undefined when there is none there. */
export function breakpointOf(list: readonly Breakpoint[], spec: BreakpointSpec): Breakpoint | undefined {
  return list.find((each) => sameSpec(each.spec, spec));
}

function bindTo(program: Program, breakpoint: Breakpoint): Breakpoint {
  const { spec } = breakpoint;
  switch (spec.kind) {
    case "line":
      return withoutSources(program, bindToLine(program, breakpoint, spec));
    case "stage-end":
      return { ...breakpoint, bound: bindStageEnd(program, spec.stage) };
    case "stage":
      return withoutSources(program, { ...breakpoint, bound: bindStage(program, spec.stage) });
    case "pattern":
      return withoutSources(program, { ...breakpoint, bound: bindPattern(program, spec.pattern) });
    case "instruction": {
      const { keyword } = spec;
      const steps = program.steps.filter(({ instruction }) => instruction === keyword);
      const bound = spread(program, steps, `no ${keyword} runs anything for this target`);
      return withoutSources(program, { ...breakpoint, bound });
    }
    case "any":
    case "first-miss":
    case "data": {
      const every = spread(program, program.steps, "this file has no steps");
      return withoutSources(program, { ...breakpoint, bound: every });
    }
    case "first": {
      const entry = program.stops[program.entry];
      if (entry === undefined)
        return { ...breakpoint, bound: { kind: "lost", why: "this file has no steps" } };
      return { ...breakpoint, bound: { kind: "verified", stops: [entry.id], line: entry.line } };
    }
    default:
      return unreachable(spec);
  }
}

/** An image or a context is looked up each time: its step is neither a miss nor a hit. */
function withoutSources(program: Program, breakpoint: Breakpoint): Breakpoint {
  if (!isConditional(breakpoint) && breakpoint.spec.kind !== "data") return breakpoint;
  const { bound } = breakpoint;
  const isSource = (stop: StopId): boolean =>
    program.graph.vertices.get(stepOfStop(program, stop).vertex)?.kind === "source";
  const why =
    breakpoint.spec.kind === "data"
      ? "this file has no step that changes files"
      : "an image is looked up each time, in the cache or not";
  switch (bound.kind) {
    case "verified":
    case "moved":
    case "spread": {
      const stops = bound.stops.filter((stop) => !isSource(stop));
      return { ...breakpoint, bound: stops.length === 0 ? { kind: "lost", why } : { ...bound, stops } };
    }
    default:
      return breakpoint;
  }
}

function bindToLine(
  program: Program,
  breakpoint: Breakpoint,
  spec: Extract<BreakpointSpec, { kind: "line" }>,
): Breakpoint {
  const { anchor, place } = breakpoint;
  const line =
    anchor === undefined || place === undefined
      ? spec.line
      : findLine(program, { text: anchor, ...place }, spec.line);
  if (line === undefined) {
    return { ...breakpoint, bound: { kind: "lost", why: `its instruction is gone: ${anchor}` } };
  }
  const found = anchorOfLine(program, line);
  const { place: _, ...rest } = breakpoint;
  const followed: Breakpoint = {
    ...rest,
    spec: { ...spec, line },
    anchor: found?.text,
    bound: bindLine(program, line, spec.nth),
  };
  if (found === undefined) return followed;
  const { stage, ordinal, offset } = found;
  return { ...followed, place: { stage, ordinal, offset } };
}

function bindLine(program: Program, line: Line, nth: number | undefined): Breakpoint["bound"] {
  const target = targetOfLine(program, line, nth);
  switch (target.kind) {
    case "exact":
      return { kind: "verified", stops: idsOf(target.stops), line: target.line };
    case "next":
      return { kind: "moved", stops: idsOf(target.stops), line: target.line, why: target.why };
    case "none":
      return { kind: "lost", why: target.why };
    default:
      return unreachable(target);
  }
}

function idsOf(stops: readonly Stop[]): readonly StopId[] {
  return stops.map(({ id }) => id);
}

function bindStageEnd(program: Program, name: string): Breakpoint["bound"] {
  const stage = stageNamed(program, name);
  if (stage === undefined) return { kind: "lost", why: `there is no stage ${name}` };
  const stop = stopAtEnd(program, stage.name) ?? stopOfLastShared(program, stage);
  if (stop === undefined) return { kind: "lost", why: `stage ${stage.name} runs nothing for this target` };
  return { kind: "verified", stops: [stop.id], line: stop.line };
}

function bindStage(program: Program, name: string): Breakpoint["bound"] {
  const stage = stageNamed(program, name);
  if (stage === undefined) return { kind: "lost", why: `there is no stage ${name}` };
  const shared = new Set(stage.shared);
  const isImage = (step: Step): boolean => program.graph.vertices.get(step.vertex)?.kind === "source";
  const steps = program.steps.filter(
    (step) => step.stage === stage.name || (shared.has(step.id) && !isImage(step)),
  );
  return spread(program, steps, `stage ${stage.name} runs nothing for this target`);
}

/** Of a stage all of whose steps are those of others: behind its last one, see `triggersOf`. */
function stopOfLastShared(program: Program, { shared }: Stage): Stop | undefined {
  const last = shared.at(-1);
  const step = last === undefined ? undefined : program.steps[last];
  return step === undefined ? undefined : stopBefore(program, step);
}

function bindPattern(program: Program, source: string): Breakpoint["bound"] {
  const budget: Budget = { left: PATTERN_STEPS };
  try {
    const pattern = compilePattern(source);
    const steps = program.steps.filter(({ text }) => pattern.isIn(text, budget));
    if (steps.length > 0) return spread(program, steps, "");
    const idle = program.instructions.find(({ text }) => pattern.isIn(text, budget));
    const why =
      idle === undefined
        ? `no instruction is like /${source}/`
        : `what is like /${source}/ runs nothing, e.g. line ${idle.start}`;
    return { kind: "lost", why };
  } catch (error) {
    if (!(error instanceof BktuiError) || error.code === "internal") throw error;
    return { kind: "lost", why: error.message };
  }
}

function spread(program: Program, steps: readonly Step[], whyNone: string): Breakpoint["bound"] {
  const wanted = new Set(steps.map(({ id }) => id));
  const stops = program.stops.filter(({ kind, step }) => kind === "before" && wanted.has(step));
  return stops.length === 0
    ? { kind: "lost", why: whyNone }
    : { kind: "spread", stops: stops.map(({ id }) => id) };
}

function requireBreakpoint(list: readonly Breakpoint[], id: BreakpointId): Breakpoint {
  const found = list.find((each) => each.id === id);
  if (found === undefined) throw new BktuiError("not-found", `there is no breakpoint ${id}`);
  return found;
}
