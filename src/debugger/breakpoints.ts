/** Breakpoints: binding lines to stops, following edits, and which of them lie on a way. Pure. */
import { BktuiError, unreachable } from "../base/errors.ts";
import { anchorOfLine, findLine } from "../graph/compare.ts";
import type { Digest, Line } from "../graph/graph.ts";
import type { Program, Stop, StopId } from "../graph/program.ts";
import { stageNamed, stopAtEnd, targetOfLine } from "../graph/source-map.ts";
import type { Breakpoint, BreakpointId, BreakpointSpec, Session } from "./debugger.ts";
import { isPassed, stepAt } from "./reached.ts";

/** Adds one; asking for the same place again switches the old one on. Returns the same list when nothing changes. */
export function withBreakpoint(
  list: readonly Breakpoint[],
  spec: BreakpointSpec,
  program: Program | undefined,
): readonly Breakpoint[] {
  const same = list.find((each) => sameSpec(each.spec, spec));
  if (same !== undefined) return withEnabled(list, same.id, true);
  const id = list.reduce((highest, each) => Math.max(highest, each.id), 0) + 1;
  const fresh: Breakpoint = {
    id,
    spec,
    enabled: true,
    bound: { kind: "pending" },
    hits: 0,
    anchor: undefined,
  };
  return [...list, program === undefined ? fresh : bindTo(program, fresh)];
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

/** A new attempt: bound anew, hits counted anew; what an earlier attempt stopped at is marked as flown past. */
export function rebound(
  list: readonly Breakpoint[],
  program: Program,
  flyPast: (breakpoint: Breakpoint) => boolean,
): readonly Breakpoint[] {
  return list.map((each) => {
    const { flown, ...rest } = each;
    const bound = bindTo(program, { ...rest, hits: 0 });
    const met = each.hits > 0 || flown === true;
    return met && flyPast(bound) ? { ...bound, flown: true } : bound;
  });
}

export function stopOfBreakpoint({ bound }: Breakpoint): StopId | undefined {
  return bound.kind === "verified" || bound.kind === "moved" ? bound.stop : undefined;
}

/** Enabled breakpoints at a stop. */
export function breakpointsAt(list: readonly Breakpoint[], at: StopId): readonly Breakpoint[] {
  return list.filter((each) => each.enabled && stopOfBreakpoint(each) === at);
}

/**
 * The first stop in reading order where an enabled breakpoint would stop: not passed, not flown past, none of
 * `except`, and (when given) with a step that is among `scope`.
 */
export function nextBreakpointStop(
  list: readonly Breakpoint[],
  session: Session,
  except: readonly (StopId | undefined)[],
  scope?: ReadonlySet<Digest>,
): Stop | undefined {
  const wanted = new Set(
    list.filter((each) => each.enabled && each.flown !== true).map((each) => stopOfBreakpoint(each)),
  );
  return session.program.stops.find(
    (stop) =>
      wanted.has(stop.id) &&
      !except.includes(stop.id) &&
      !isPassed(session, stop) &&
      (scope === undefined || scope.has(stepAt(session.program, stop.step).vertex)),
  );
}

function bindTo(program: Program, breakpoint: Breakpoint): Breakpoint {
  const { spec } = breakpoint;
  if (spec.kind === "stage-end") return { ...breakpoint, bound: bindStageEnd(program, spec.stage) };
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
    spec: { kind: "line", line },
    anchor: found?.text,
    bound: bindLine(program, line),
  };
  if (found === undefined) return followed;
  const { stage, ordinal, offset } = found;
  return { ...followed, place: { stage, ordinal, offset } };
}

function bindLine(program: Program, line: Line): Breakpoint["bound"] {
  const target = targetOfLine(program, line);
  switch (target.kind) {
    case "exact":
      return { kind: "verified", stop: target.stop.id, line: target.stop.line };
    case "next":
      return { kind: "moved", stop: target.stop.id, line: target.stop.line };
    case "none":
      return { kind: "lost", why: target.why };
    default:
      return unreachable(target);
  }
}

function bindStageEnd(program: Program, name: string): Breakpoint["bound"] {
  const stage = stageNamed(program, name);
  if (stage === undefined) return { kind: "lost", why: `there is no stage ${name}` };
  const stop = stopAtEnd(program, stage.name);
  if (stop === undefined) return { kind: "lost", why: `stage ${stage.name} runs nothing for this target` };
  return { kind: "verified", stop: stop.id, line: stop.line };
}

function requireBreakpoint(list: readonly Breakpoint[], id: BreakpointId): Breakpoint {
  const found = list.find((each) => each.id === id);
  if (found === undefined) throw new BktuiError("not-found", `there is no breakpoint ${id}`);
  return found;
}

function sameSpec(a: BreakpointSpec, b: BreakpointSpec): boolean {
  if (a.kind === "line") return b.kind === "line" && a.line === b.line;
  return b.kind === "stage-end" && a.stage.toLowerCase() === b.stage.toLowerCase();
}
