/** Where breakpoints really stop, in words that all front ends share. Untrusted text: the front end makes it harmless. */

import type { Breakpoint } from "../../debugger/breakpoint.ts";
import { placeWords } from "../../debugger/breakpoints/break-spec.ts";
import type { Program } from "../../graph/program.ts";

/** "line 4 runs nothing: breakpoint moved to line 5"; undefined when it is where it was asked for. */
export function boundWords(breakpoint: Breakpoint, program: Program | undefined): string | undefined {
  const { bound, spec } = breakpoint;
  const asked = placeWords(spec);
  if (bound.kind === "lost") return `breakpoint at ${asked} cannot stop: ${bound.why}`;
  if (bound.kind !== "moved") return undefined;
  return `${asked} ${bound.why}: breakpoint moved to ${movedTo(bound, program)}`;
}

/** "line 5", "the end of stage app". */
export function movedTo(
  { stops, line }: Extract<Breakpoint["bound"], { kind: "moved" }>,
  program: Program | undefined,
): string {
  const stop = program?.stops[stops[0] ?? -1];
  return stop?.kind === "end" ? `the end of stage ${stop.stage}` : `line ${line}`;
}
