/** Whole lists of breakpoints in, how each is now out. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import { BREAK_PLACES, parseBreak } from "../../debugger/breakpoints/break-spec.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import { stepsByLine } from "../../graph/source-map.ts";
import { fromClientLine, toClientColumn, toClientLine } from "../state/client.ts";
import type { Session } from "../state/session.ts";
import type { Wish } from "../state/wishes.ts";
import type { ArgumentsOf, SourceArgument } from "./arguments.ts";
import type { Handlers } from "./handler.ts";

/** In one list; a Dockerfile has some thousand lines at most. */
const MOST = 10_000;
const HIGHEST_LINE = 999_999_999;

export const BREAKPOINTS: Handlers<
  "setBreakpoints" | "setFunctionBreakpoints" | "setExceptionBreakpoints" | "breakpointLocations"
> = {
  setBreakpoints: (args, session) => {
    const asked: readonly { readonly line: number }[] =
      args.breakpoints ?? (args.lines ?? []).map((line) => ({ line }));
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
  setExceptionBreakpoints: ({ filters, filterOptions }) => ({
    breakpoints: [...filters, ...(filterOptions ?? [])].map(() => ({ verified: true })),
  }),
  breakpointLocations: (args, session) => ({ breakpoints: locations(args, session) }),
};

function bound(list: readonly unknown[]): void {
  if (list.length > MOST) throw new BktuiError("usage", `a list has ${MOST} breakpoints at most`);
}

function lineWish({ line }: { readonly line: number }, source: SourceArgument, session: Session): Wish {
  const own = fromClientLine(line, session.client);
  if (own < 1 || own > HIGHEST_LINE) return { why: `there is no line ${line}`, line };
  // Before the launch it is not known which file is built.
  if (!session.hasBuild) return { spec: { kind: "line", line: lineOf(own) }, line };
  const text = session.sources.find(source);
  if (text === undefined) return { why: otherFile(session), line };
  return { spec: { kind: "line", line: lineOf(own + text.before) }, line };
}

function otherFile(session: Session): string {
  const [own] = session.sources.all;
  const place = own?.source.path ?? own?.source.name ?? "another text";
  return `this file is not what is built: that is ${visibleLine(session.build.masked(place))}`;
}

/** A stage, or what is typed as a place in the console. */
function functionWish({ name }: { readonly name: string }): Wish {
  const typed = name.trim();
  try {
    if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(typed) && !/^(miss|hit|first|none|\d+(\.\d+)?)$/.test(typed))
      return { spec: { kind: "stage", stage: typed } };
    const spec = parseBreak(typed);
    return spec.kind === "none" ? { why: `names are stages and ${BREAK_PLACES}` } : { spec };
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
