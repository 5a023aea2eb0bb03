/** Breakpoints and the commands about them, as data. */
import { type BreakCommand, type BreakOutcome, performBreak } from "../console/typed-breakpoints.ts";
import type { Breakpoint } from "../debugger/breakpoint.ts";
import { specText } from "../debugger/breakpoints/break-spec.ts";
import { stopsOf, stopsWhen } from "../debugger/breakpoints/triggers.ts";
import { programOf } from "../debugger/state/inspect.ts";
import type { Program } from "../graph/program.ts";
import type { BreakpointAnswer, ResultOf } from "./answers.ts";
import type { Handlers, Parts } from "./parts.ts";

export function breakpointAnswer(breakpoint: Breakpoint, program: Program | undefined): BreakpointAnswer {
  const { id, spec, rule, enabled, hits, bound } = breakpoint;
  const stops = stopsOf({ bound }).flatMap((stop) => program?.stops[stop] ?? []);
  return {
    number: id,
    place: specText(spec),
    rule,
    behind: stopsWhen(breakpoint) !== "before",
    enabled,
    hits,
    bound: bound.kind,
    verified: bound.kind === "verified" || bound.kind === "moved" || bound.kind === "spread",
    why: bound.kind === "moved" || bound.kind === "lost" ? bound.why : undefined,
    line: bound.kind === "verified" || bound.kind === "moved" ? bound.line : undefined,
    steps: [...new Set(stops.map(({ step }) => step + 1))],
    atEnd: stops.some(({ kind }) => kind === "end"),
  };
}

function perform(command: BreakCommand, { console: own, debug }: Parts): ResultOf<"breakpoint"> {
  return changeOf(performBreak(own.breakpoints, debug, command), programOf(debug.state));
}

function changeOf(outcome: BreakOutcome, program: Program | undefined): ResultOf<"breakpoint"> {
  switch (outcome.kind) {
    case "all-deleted":
      return { kind: "breakpoint", change: outcome.kind, deleted: outcome.count };
    case "nothing":
      return { kind: "breakpoint", change: outcome.kind };
    case "why": {
      const breakpoint = breakpointAnswer(outcome.breakpoint, program);
      return { kind: "breakpoint", change: outcome.kind, breakpoint, why: [...outcome.why] };
    }
    case "catch":
      return { kind: "breakpoint", change: outcome.kind, catches: [...outcome.filters] };
    case "set":
    case "deleted":
    case "on":
    case "off": {
      const breakpoint = breakpointAnswer(outcome.breakpoint, program);
      return { kind: "breakpoint", change: outcome.kind, breakpoint };
    }
  }
}

/** Each is done at once. */
export const BREAKS: Handlers<BreakCommand["id"]> = {
  "break-line": perform,
  "log-point": perform,
  "break-rule": perform,
  "break-why": perform,
  catch: perform,
  "break-stage-end": perform,
  "break-delete": perform,
  "break-on": perform,
  "break-off": perform,
  "break-undo": perform,
};
