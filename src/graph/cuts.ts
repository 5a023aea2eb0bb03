/** Where a Dockerfile is cut off so that its end is the place before or after a step. */
import { type Digest, type Line, lineOf } from "./graph.ts";
import { linkedAt } from "./linked-parts.ts";
import type { Instruction, Program, Step } from "./program.ts";
import { placeAt, stepsAt } from "./source-map.ts";

/** The lines 1 to `keep`, without some: triggers that run later than the place. */
export interface Cut {
  readonly keep: number;
  readonly without: readonly { readonly start: Line; readonly end: Line }[];
}

export interface Cuts {
  readonly before: Cut;
  readonly after: Cut;
  /** Which Dockerfile is meant, as an index into `Graph.sources`; undefined = that of the vertex's first place. */
  readonly source?: number;
}

/** Of every vertex of a step; empty for what is no Dockerfile. */
export function cutsOf(program: Program): ReadonlyMap<Digest, Cuts> {
  const cuts = new Map<Digest, Cuts>();
  if (program.form !== "dockerfile") return cuts;
  for (const step of program.steps) {
    const own = inItsFile(program, step, cutsOfStep(program, step));
    for (const digest of step.vertices) cuts.set(digest, own);
  }
  return cuts;
}

/** Lines of a linked target's Dockerfile count from its own first one. */
function inItsFile(program: Program, { start }: Step, { before, after }: Cuts): Cuts {
  const part = linkedAt(program, start);
  if (part === undefined) return { before, after };
  const moved = (line: number): number => line - part.before;
  const inFile = ({ keep, without }: Cut): Cut => ({
    keep: moved(keep),
    without: without.map((each) => ({ start: lineOf(moved(each.start)), end: lineOf(moved(each.end)) })),
  });
  return { before: inFile(before), after: inFile(after), source: part.source };
}

function cutsOfStep(program: Program, step: Step): Cuts {
  const behind = { keep: lastIdleLine(program, step), without: [] };
  if (!step.onbuild) return { before: { keep: step.start - 1, without: [] }, after: behind };
  const written = step.alsoAt.find(({ kind }) => kind === "trigger");
  // What an image brings all runs at its FROM: the text has no place in between.
  if (written === undefined) return { before: behind, after: behind };
  const later = triggersFrom(program, written.start);
  const next = later.slice(1).findIndex(({ start }) => stepsAt(program, start).length > 0);
  const before = { keep: step.end, without: later };
  return { before, after: next < 0 ? behind : { keep: step.end, without: later.slice(next + 1) } };
}

/** ONBUILD instructions of the stage that a line stands in, from that line on. */
function triggersFrom({ instructions }: Program, line: Line): readonly Instruction[] {
  const stage = instructions.find(({ start }) => start === line)?.stage;
  return instructions.filter(
    ({ keyword, start, stage: other }) => keyword === "ONBUILD" && start >= line && other === stage,
  );
}

/** Instructions that run nothing (ENV, USER …) behind the step belong to its place, up to the next step or stage. */
function lastIdleLine(program: Program, step: Step): number {
  const { instructions, text } = program;
  const next = instructions.find(
    ({ keyword, start }) =>
      start > step.end && (keyword === "FROM" || (keyword !== "ONBUILD" && runsAt(program, start))),
  );
  return next === undefined ? text.split("\n").length : next.start - 1;
}

function runsAt(program: Program, line: Line): boolean {
  return stepsAt(program, line).some((step) => placeAt(step, line).start === line);
}
