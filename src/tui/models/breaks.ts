/** The breakpoints pane's rows, and the words said about breakpoints. */
import { basename } from "node:path";
import type { Breakpoint, DebugState } from "../../debugger/debugger.ts";
import type { Program, Stop } from "../../graph/program.ts";
import type { BreakRow } from "../panes/breaks-pane.ts";
import { programOf } from "./standing.ts";

export function breakRows(state: DebugState): readonly BreakRow[] {
  const program = programOf(state);
  return state.breakpoints.map((breakpoint) => rowOf(breakpoint, program, state));
}

function rowOf(breakpoint: Breakpoint, program: Program | undefined, state: DebugState): BreakRow {
  const { bound, enabled, hits } = breakpoint;
  const stop = stopOf(breakpoint, program);
  const here = stop !== undefined && state.phase.kind === "paused" && state.phase.at === stop.id;
  return {
    enabled,
    hits,
    place: placeOf(breakpoint, program, stop),
    text: bound.kind === "verified" && stop?.kind === "before" ? (program?.steps[stop.step]?.text ?? "") : "",
    when: enabled ? whenOf(breakpoint, stop) : "-",
    note: !enabled ? "(off)" : here ? "<- here" : noteOf(breakpoint, program),
  };
}

function stopOf({ bound }: Breakpoint, program: Program | undefined): Stop | undefined {
  return bound.kind === "verified" || bound.kind === "moved" ? program?.stops[bound.stop] : undefined;
}

function placeOf({ spec, bound }: Breakpoint, program: Program | undefined, stop: Stop | undefined): string {
  if (spec.kind === "stage-end") return `end of stage ${spec.stage}`;
  const file = program === undefined ? "" : basename(program.filename);
  const asked = file === "" ? `line ${spec.line}` : `${file}:${spec.line}`;
  if (bound.kind === "verified") return file === "" ? `line ${bound.line}` : `${file}:${bound.line}`;
  if (bound.kind !== "moved" || stop === undefined) return asked;
  return `${asked} -> ${stop.kind === "end" ? `end of stage ${stop.stage}` : `line ${bound.line}`}`;
}

function whenOf({ bound }: Breakpoint, stop: Stop | undefined): string {
  if (bound.kind !== "verified") return bound.kind;
  return stop?.kind === "end" ? "at the end" : "before";
}

function noteOf({ bound, spec }: Breakpoint, program: Program | undefined): string {
  if (bound.kind === "lost") return bound.why;
  if (bound.kind !== "moved" || spec.kind !== "line" || program === undefined) return "";
  const keyword = program.text.split("\n")[spec.line - 1]?.trim().split(/\s/)[0] ?? "";
  return /^[A-Za-z]+$/.test(keyword) ? `${keyword.toUpperCase()} runs nothing` : "the line runs nothing";
}

/** What is said right after a breakpoint was set; undefined when it is where it was asked for. */
export function boundWords(breakpoint: Breakpoint, program: Program | undefined): string | undefined {
  const { bound, spec } = breakpoint;
  const asked = spec.kind === "line" ? `line ${spec.line}` : `end of stage ${spec.stage}`;
  if (bound.kind === "lost") return `breakpoint at ${asked} cannot stop: ${bound.why}`;
  if (bound.kind !== "moved") return undefined;
  const stop = program?.stops[bound.stop];
  const place = stop?.kind === "end" ? `the end of stage ${stop.stage}` : `line ${bound.line}`;
  return `${asked} runs nothing: breakpoint moved to ${place}`;
}
