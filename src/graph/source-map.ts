/** Line <-> steps and stops. Lines count from 1 everywhere; only dockerfile-text.ts meets another base. */
import { type Digest, type Line, lineOf } from "./graph.ts";
import type { Instruction, Program, Stage, Step, Stop } from "./program.ts";

/** Why a line leads elsewhere. */
export const RUNS_NOTHING = "runs nothing";

/** Where a line leads: the stops at it, the next one of its stage, or why there is none (in words). */
export type LineTarget =
  /** In reading order, at least one; `line`: the first one of the instruction there. */
  | { readonly kind: "exact"; readonly stops: readonly Stop[]; readonly line: Line }
  /** As `exact`; `line`: where the next one stands; `why`: what the asked line does instead, e.g. "runs nothing". */
  | { readonly kind: "next"; readonly stops: readonly Stop[]; readonly line: Line; readonly why: string }
  | { readonly kind: "none"; readonly why: string };

/**
 * Steps that the line stands for, in reading order: those of its instruction (several at a FROM with triggers), twins of
 * another stage, and at an ONBUILD line the steps that it became.
 */
export function stepsAt(program: Program, line: Line): readonly Step[] {
  return stepsByLine(program).get(line) ?? [];
}

const indexes = new WeakMap<Program, ReadonlyMap<Line, readonly Step[]>>();

/** Every line that stands for a step. Made once per program. */
export function stepsByLine(program: Program): ReadonlyMap<Line, readonly Step[]> {
  const known = indexes.get(program);
  if (known !== undefined) return known;
  const index = new Map<Line, Step[]>();
  for (const step of program.steps) {
    for (const { start, end } of [step, ...step.alsoAt]) {
      for (let line = start; line <= end; line = lineOf(line + 1)) {
        const steps = index.get(line);
        if (steps === undefined) index.set(line, [step]);
        else if (!steps.includes(step)) steps.push(step);
      }
    }
  }
  indexes.set(program, index);
  return index;
}

/** The step that a vertex belongs to; undefined for contexts and other helpers. */
export function stepOfVertex(program: Program, vertex: Digest): Step | undefined {
  return program.steps.find((step) => step.vertices.includes(vertex));
}

/** The instruction that covers the line, or the next one below; undefined after the last. */
export function instructionFrom(program: Program, line: Line): Instruction | undefined {
  return program.instructions.find(({ end }) => end >= line);
}

/** By its name in any case, or by its number from 0, as `COPY --from` takes it. */
export function stageNamed(program: Program, name: string): Stage | undefined {
  if (/^\d+$/.test(name)) return program.stages[Number(name)];
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
 * @param nth which of the line's steps is meant, from 1; undefined: the first in each stage
 */
export function targetOfLine(program: Program, line: Line, nth?: number): LineTarget {
  const steps = stepsAt(program, line);
  if (nth !== undefined && steps[nth - 1] === undefined) {
    const count = steps.length === 1 ? "1 step" : `${steps.length} steps`;
    return { kind: "none", why: `line ${line} stands for ${count}` };
  }
  const meant = nth === undefined ? meantAt(program, line) : steps.slice(nth - 1, nth);
  const stops = meant.flatMap((step) => stopBefore(program, step) ?? []);
  const [first] = meant;
  if (first !== undefined && stops.length > 0)
    return { kind: "exact", stops, line: placeAt(first, line).start };
  const [image] = steps;
  return nextBelow(
    program,
    line,
    image === undefined ? RUNS_NOTHING : `has the image of line ${image.start}`,
  );
}

/** The steps that a line as such means: the first in each stage. At a FROM with triggers that is the first trigger. */
function meantAt(program: Program, line: Line): readonly Step[] {
  const steps = stepsAt(program, line).filter((step) => !isImageOf(step, line));
  const isTriggered = ({ stage }: Step): boolean =>
    steps.some((step) => step.onbuild && step.stage === stage);
  return firstPerStage(
    steps.filter((step) => step.onbuild || step.instruction !== "FROM" || !isTriggered(step)),
  );
}

/** An image that an earlier FROM names too is looked up there: nothing is to be stopped before at the later one. */
function isImageOf(step: Step, line: Line): boolean {
  return step.instruction === "FROM" && !step.onbuild && placeAt(step, line) !== step;
}

/** Of the places of a step that which covers the line. */
export function placeAt(step: Step, line: Line): Pick<Step, "start" | "end"> {
  return [step, ...step.alsoAt].find(({ start, end }) => start <= line && line <= end) ?? step;
}

function firstPerStage(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step, index) => steps.findIndex(({ stage }) => stage === step.stage) === index);
}

function nextBelow(program: Program, line: Line, why: string): LineTarget {
  const instruction = instructionFrom(program, line);
  const place = instruction?.start ?? line;
  const nothing = { kind: "none", why: `nothing at or after line ${line} runs` } as const;
  // Only what stands for a step is an instruction there.
  if (program.form !== "dockerfile" && instruction !== undefined) {
    const stops = meantAt(program, place).flatMap((step) => stopBefore(program, step) ?? []);
    return stops.length === 0 ? nothing : { kind: "next", stops, line: place, why };
  }
  if (instruction === undefined && program.instructions.length > 0) return nothing;
  const stage = program.stages.findLast(({ start }) => start <= place) ?? program.stages[0];
  if (stage === undefined) return { kind: "none", why: "this file has no steps" };
  const below = program.instructions.filter(({ start, end }) => start >= place && end <= stage.end);
  // What a trigger sets is for the next trigger.
  const trigger = below.find(
    ({ keyword, start }) => keyword === "ONBUILD" && stepsAt(program, start).length > 0,
  );
  const next =
    instruction?.keyword === "ONBUILD" && trigger !== undefined
      ? trigger
      : below.find(({ keyword, start }) => keyword !== "ONBUILD" && meantAt(program, start).length > 0);
  const steps = next === undefined ? [] : meantAt(program, next.start);
  const stops = steps.flatMap((step) => stopBefore(program, step) ?? []);
  if (next !== undefined && stops.length > 0) return { kind: "next", stops, line: next.start, why };
  if (stage.steps.length === 0 && stage.shared.length === 0)
    return { kind: "none", why: `stage ${stage.name} runs nothing for this target` };
  const stop = program.stops.find((each) => each.stage === stage.name && each.line >= place);
  return stop === undefined ? nothing : { kind: "next", stops: [stop], line: stop.line, why };
}
