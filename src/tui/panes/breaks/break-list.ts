/** The breakpoints pane's rows. */

import { basename } from "node:path";
import { isBehindByRule } from "../../../console/phrases/breakpoint-why.ts";
import { movedTo } from "../../../console/phrases/breakpoint-words.ts";
import type { Breakpoint } from "../../../debugger/breakpoint.ts";
import { ruleText } from "../../../debugger/breakpoints/break-order.ts";
import { placeWords, specialWords, whenWords } from "../../../debugger/breakpoints/break-spec.ts";
import { breakpointsMet, isConditional, stopsOf, stopsWhen } from "../../../debugger/breakpoints/triggers.ts";
import type { DebugState } from "../../../debugger/debugger.ts";
import { programOf } from "../../../debugger/state/inspect.ts";
import type { Program, Stop } from "../../../graph/program.ts";
import { RUNS_NOTHING } from "../../../graph/source-map.ts";
import type { BreakRow } from "./breaks-pane.ts";

export function breakRows(state: DebugState): readonly BreakRow[] {
  const program = programOf(state);
  return state.breakpoints.map((breakpoint) => rowOf(breakpoint, program, state));
}

function rowOf(breakpoint: Breakpoint, program: Program | undefined, state: DebugState): BreakRow {
  const { bound, enabled, hits } = breakpoint;
  const stop = stopOf(breakpoint, program);
  return {
    enabled,
    hits,
    place: underRule(breakpoint, breakPlace(breakpoint, program, stop)),
    text: bound.kind === "verified" && stop?.kind === "before" ? (program?.steps[stop.step]?.text ?? "") : "",
    when: enabled ? whenOfRow(breakpoint, stop) : "-",
    note: !enabled ? "(off)" : isHere(breakpoint, state) ? "<- here" : noteOf(breakpoint, program),
  };
}

function underRule({ rule }: Breakpoint, place: string): string {
  return rule === undefined ? place : `${place} ${ruleText(rule)}`;
}

function isHere(breakpoint: Breakpoint, { phase }: DebugState): boolean {
  return phase.kind === "paused" && breakpointsMet([breakpoint], phase.execution, phase.at).length > 0;
}

/** The first of a place; undefined for one on any step of a kind. */
function stopOf({ bound }: Breakpoint, program: Program | undefined): Stop | undefined {
  const [id] = bound.kind === "spread" ? [] : stopsOf({ bound });
  return id === undefined ? undefined : program?.stops[id];
}

function breakPlace(
  { spec, bound }: Breakpoint,
  program: Program | undefined,
  stop: Stop | undefined,
): string {
  if (spec.kind !== "line") return specialWords(spec) ?? placeWords(spec);
  const file = program === undefined ? "" : basename(program.filename);
  const inFile = (line: number): string =>
    `${file === "" ? "line " : `${file}:`}${line}${spec.nth === undefined ? "" : `.${spec.nth}`}`;
  const asked = inFile(spec.line);
  if (bound.kind === "verified") return inFile(bound.line);
  if (bound.kind !== "moved" || stop === undefined) return asked;
  return `${asked} -> ${movedTo(bound, program).replace(/^the /, "")}`;
}

function whenOfRow(breakpoint: Breakpoint, stop: Stop | undefined): string {
  const { bound, rule } = breakpoint;
  if (bound.kind !== "verified" && bound.kind !== "spread") return bound.kind;
  const when = stop?.kind === "end" ? "at the end" : whenWords(stopsWhen(breakpoint));
  return rule?.log === undefined ? when : `log ${when}`;
}

function noteOf(breakpoint: Breakpoint, program: Program | undefined): string {
  const { bound, spec } = breakpoint;
  if (bound.kind === "lost") return bound.why;
  if (isConditional(breakpoint) || isBehindByRule(breakpoint)) return "known behind the step";
  if (bound.kind === "spread") return bound.stops.length === 1 ? "1 step" : `${bound.stops.length} steps`;
  if (bound.kind === "verified") return bound.stops.length === 1 ? "" : `in ${bound.stops.length} stages`;
  if (bound.kind !== "moved" || spec.kind !== "line" || program === undefined) return "";
  if (bound.why !== RUNS_NOTHING) return bound.why;
  const keyword = program.text.split("\n")[spec.line - 1]?.trim().split(/\s/)[0] ?? "";
  return /^[A-Za-z]+$/.test(keyword) ? `${keyword.toUpperCase()} runs nothing` : "the line runs nothing";
}
