/** Line <-> steps and stops. Lines count from 1 everywhere; only dockerfile-text.ts meets another base. */
import type { Digest, Line } from "./graph.ts";
import type { Instruction, Program, Stage, Step, Stop } from "./program.ts";

/** Where a line leads: the stop at it, the next one of its stage, or why there is none (in words). */
export type LineTarget =
  | { readonly kind: "exact"; readonly stop: Stop }
  | { readonly kind: "next"; readonly stop: Stop }
  | { readonly kind: "none"; readonly why: string };

/** Steps whose instruction covers the line, in the order they run; more than one at FROM with ONBUILD triggers. */
export function stepsAt(program: Program, line: Line): readonly Step[] {
  const found: Step[] = [];
  for (let index = firstFrom(program.steps, line) - 1; index >= 0; index--) {
    const step = program.steps[index];
    if (step === undefined || step.end < line) break;
    found.unshift(step);
  }
  return found;
}

/** The step that a vertex belongs to; undefined for contexts and other helpers. */
export function stepOfVertex(program: Program, vertex: Digest): Step | undefined {
  return program.steps.find((step) => step.vertices.includes(vertex));
}

/** The instruction that covers the line, or the next one below; undefined after the last. */
export function instructionFrom(program: Program, line: Line): Instruction | undefined {
  return program.instructions.find(({ end }) => end >= line);
}

export function stageNamed(program: Program, name: string): Stage | undefined {
  return program.stages.find((stage) => stage.name.toLowerCase() === name.toLowerCase());
}

/** Stop before a step of this program. */
export function stopBefore(program: Program, step: Step): Stop | undefined {
  return program.stops.find((stop) => stop.kind === "before" && stop.step === step.id);
}

export function stopAtEnd(program: Program, stage: string): Stop | undefined {
  return program.stops.find((stop) => stop.kind === "end" && stop.stage === stage);
}

/**
 * A line that runs nothing leads to the next stop of its stage. Lines between two stages belong to the second,
 * lines before the first FROM to the first.
 */
export function targetOfLine(program: Program, line: Line): LineTarget {
  const here = stepsAt(program, line)[0];
  const stop = here === undefined ? undefined : stopBefore(program, here);
  if (stop !== undefined) return { kind: "exact", stop };
  const twin = program.steps.find((step) => step.instruction !== "FROM" && step.alsoAt.includes(line));
  const twinStop = twin === undefined ? undefined : stopBefore(program, twin);
  if (twinStop !== undefined) return { kind: "next", stop: twinStop };
  return nextInStage(program, line);
}

function nextInStage(program: Program, line: Line): LineTarget {
  const instruction = instructionFrom(program, line);
  const place = instruction?.start ?? line;
  if (instruction === undefined && program.instructions.length > 0) {
    return { kind: "none", why: `nothing at or after line ${line} runs` };
  }
  const stage = program.stages.findLast(({ start }) => start <= place) ?? program.stages[0];
  if (stage === undefined) return { kind: "none", why: "this file has no steps" };
  if (stage.steps.length === 0)
    return { kind: "none", why: `stage ${stage.name} runs nothing for this target` };
  const stop = program.stops.find((each) => each.stage === stage.name && each.line >= place);
  if (stop === undefined) return { kind: "none", why: `nothing at or after line ${line} runs` };
  return { kind: "next", stop };
}

/** Index of the first step that starts below the line. */
function firstFrom(steps: readonly Step[], line: Line): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.start ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}
