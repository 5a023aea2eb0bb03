/** Whole lists of breakpoints in, how each is now out. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { BreakpointRule, BreakpointSpec } from "../../debugger/breakpoint.ts";
import { BREAK_PLACES, parseBreak } from "../../debugger/breakpoints/break-spec.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import { stepsByLine } from "../../graph/source-map.ts";
import { BREAKPOINT_MODES } from "../capabilities.ts";
import { fromClientLine, toClientColumn, toClientLine } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { Wish } from "../state/wishes.ts";
import type { ArgumentsOf, SourceArgument } from "./arguments.ts";
import type { Handlers } from "./handler.ts";

/** In one list; a Dockerfile has some thousand lines at most. */
const MOST = 10_000;
/** What is no other place: instructions are written in capitals. */
const STAGE_NAME = /^[a-z0-9][a-z0-9_.-]*$/;
const NO_STAGE = /^(miss|hit|first|first-miss|none|\d+(\.\d+)?)$/;
const HIGHEST_LINE = 999_999_999;

export const BREAKPOINTS: Handlers<
  "setBreakpoints" | "setFunctionBreakpoints" | "setExceptionBreakpoints" | "breakpointLocations"
> = {
  setBreakpoints: (args, session) => {
    const asked: readonly Asked[] = args.breakpoints ?? (args.lines ?? []).map((line) => ({ line }));
    bound(asked);
    const list = `source ${args.source.path ?? args.source.sourceReference ?? args.source.name ?? ""}`;
    return {
      breakpoints: session.breakpoints.set(
        list,
        asked.map((each) => lineWish(each, args.source, session)),
      ),
    };
  },
  setFunctionBreakpoints: ({ breakpoints }, session) => {
    bound(breakpoints);
    return { breakpoints: session.breakpoints.set("functions", breakpoints.map(functionWish)) };
  },
  setExceptionBreakpoints: ({ filters, filterOptions }, session) => {
    const asked = [...filters.map((filterId) => ({ filterId, condition: null })), ...(filterOptions ?? [])];
    bound(asked);
    return { breakpoints: session.exceptions.set(asked) };
  },
  breakpointLocations: (args, session) => ({ breakpoints: locations(args, session) }),
};

function bound(list: readonly unknown[]): void {
  if (list.length > MOST) throw new BktuiError("usage", `a list has ${MOST} breakpoints at most`);
}

interface Asked extends AskedRule {
  readonly line: number;
  readonly mode?: string | null | undefined;
}

interface AskedRule {
  readonly condition?: string | null | undefined;
  readonly hitCondition?: string | null | undefined;
  readonly logMessage?: string | null | undefined;
}

/** Clients send "" for a field that was left empty. */
export function ruleOf({ condition, hitCondition, logMessage }: AskedRule): {
  readonly rule?: BreakpointRule;
} {
  const given = (text: string | null | undefined): string | undefined =>
    text === null || text === undefined || text.trim() === "" ? undefined : text;
  const [when, hits, log] = [given(condition), given(hitCondition), given(logMessage)];
  if (when === undefined && hits === undefined && log === undefined) return {};
  return {
    rule: {
      ...(when === undefined ? {} : { condition: when }),
      ...(hits === undefined ? {} : { hits }),
      ...(log === undefined ? {} : { log }),
    },
  };
}

function lineWish(asked: Asked, source: SourceArgument, session: Session): Wish {
  const { line, mode } = asked;
  const own = fromClientLine(line, session.client);
  if (own < 1 || own > HIGHEST_LINE) return { why: `there is no line ${line}`, line };
  const when = BREAKPOINT_MODES.find((each) => each.mode === mode)?.mode;
  if (typeof mode === "string" && mode !== "" && when === undefined)
    return { why: `there is no mode ${visibleLine(mode).slice(0, 60)}`, line };
  // Before the launch it is not known which file is built.
  const text = session.hasBuild ? session.sources.find(source) : undefined;
  if (text === undefined && session.hasBuild) return { why: otherFile(session), line };
  const place = lineOf(own + (text?.before ?? 0));
  const spec: BreakpointSpec = {
    kind: "line",
    line: place,
    ...(when === undefined || when === "before" ? {} : { when }),
  };
  return { spec, line, ...ruleOf(asked) };
}

function otherFile(session: Session): string {
  const [own] = session.sources.all;
  const place = own?.source.path ?? own?.source.name ?? "another text";
  return `this file is not what is built: that is ${visibleLine(session.build.masked(place))}`;
}

/** A stage, or what is typed as a place in the console. */
function functionWish({ name, ...asked }: { readonly name: string } & AskedRule): Wish {
  const typed = name.trim();
  try {
    if (STAGE_NAME.test(typed) && !NO_STAGE.test(typed))
      return { spec: { kind: "stage", stage: typed }, ...ruleOf(asked) };
    const spec = parseBreak(typed);
    return spec.kind === "none"
      ? { why: `names are stages and ${BREAK_PLACES}` }
      : { spec, ...ruleOf(asked) };
  } catch (error) {
    const { message, hint } = toBktuiError(error);
    return { why: hint === undefined ? message : `${message}: ${hint}` };
  }
}

function locations(
  { source, line, endLine }: ArgumentsOf<"breakpointLocations">,
  session: Session,
): { line: number; column: number; endLine?: number }[] {
  const text = session.hasBuild ? session.sources.find(source) : undefined;
  const program = session.hasBuild ? programOf(session.debug.state) : undefined;
  if (text === undefined || program === undefined) return [];
  const from = fromClientLine(line, session.client) + text.before;
  const to = fromClientLine(endLine ?? line, session.client) + text.before;
  const starts = new Map<Line, Line>();
  for (const steps of stepsByLine(program).values())
    for (const step of steps)
      for (const place of [step, ...step.alsoAt])
        if (place.start >= from && place.start <= to) starts.set(place.start, place.end);
  return [...starts]
    .sort(([a], [b]) => a - b)
    .map(([start, end]) => ({
      line: toClientLine(start - text.before, session.client),
      column: toClientColumn(1, session.client),
      endLine: toClientLine(end - text.before, session.client),
    }));
}
