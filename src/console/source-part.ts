/** A part of the file that is built, line by line with what stands at each: the same in every front end without a screen. Pure. */
import type { Breakpoint } from "../debugger/breakpoint.ts";
import type { DebugState } from "../debugger/debugger.ts";
import type { Warning } from "../debugger/progress/progress-store.ts";
import { programOf, stopOf } from "../debugger/state/inspect.ts";
import { isLiveStep } from "../debugger/state/live.ts";
import { type Line, lineOf } from "../graph/graph.ts";
import type { Program, Step } from "../graph/program.ts";
import { stepsByLine } from "../graph/source-map.ts";

export interface SourceLine {
  readonly line: Line;
  /** Untrusted text. */
  readonly text: string;
  /** The build stands before it. */
  readonly here: boolean;
  /** While an earlier stop is stood at: the build really is here. */
  readonly live: boolean;
  readonly breakpoints: readonly Breakpoint[];
  readonly warnings: readonly Warning[];
  readonly steps: readonly Step[];
}

export interface SourcePart {
  readonly program: Program;
  /** Lines of the whole file. */
  readonly total: number;
  /** Empty when the line is behind the end. */
  readonly lines: readonly SourceLine[];
}

/**
 * Around a line, else around where the build stands; `around` undefined lines of it: the whole file. Undefined when nothing
 * is loaded.
 */
export function sourcePart(
  state: DebugState,
  at: Line | undefined,
  warnings: readonly Warning[],
  around: number,
): SourcePart | undefined {
  const program = programOf(state);
  if (program === undefined) return undefined;
  const stop = stopOf(state);
  const center = at ?? stop?.line ?? 1;
  const all = program.text.replace(/^\ufeff|\r?\n$/g, "").split(/\r?\n/);
  if (center > all.length) return { program, total: all.length, lines: [] };
  const first = Math.max(1, center - around);
  const step = stop?.kind === "before" ? program.steps[stop.step] : undefined;
  // A step that is one for two stages, or was written as a trigger, is stood before at each of its lines.
  const shown = step === undefined ? [] : linesOf(step);
  const steps = stepsByLine(program);
  const lines = all.slice(first - 1, center + around).map((text, index) => {
    const line = lineOf(first + index);
    return {
      line,
      text,
      live: (steps.get(line) ?? []).some(
        (each) => isLiveStep(state.phase, each) && linesOf(each).includes(line),
      ),
      here: shown.includes(line),
      breakpoints: state.breakpoints.filter(
        (breakpoint) => breakpoint.spec.kind === "line" && lineOfBreak(breakpoint) === line,
      ),
      warnings: warnings.filter(({ ranges }) => ranges[0]?.start === line),
      steps: steps.get(line) ?? [],
    };
  });
  return { program, total: all.length, lines };
}

/** Where a step begins, at each of its places. */
function linesOf(step: Step): readonly Line[] {
  return [step, ...step.alsoAt].map(({ start }) => start);
}

function lineOfBreak({ bound, spec }: Breakpoint): number | undefined {
  if (bound.kind === "verified" || bound.kind === "moved") return bound.line;
  return spec.kind === "line" ? spec.line : undefined;
}
