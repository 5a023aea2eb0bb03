/** Old program -> new program after an edit: where a stop or a line has gone. */
import { type Line, lineOf } from "./graph.ts";
import type { Instruction, Program, Stop, StopId } from "./program.ts";
import { instructionFrom } from "./source-map.ts";

/** How to find a stop again. */
export interface StopAnchor {
  /** Text of its step; "" for the end of a stage. */
  readonly text: string;
  readonly line: Line;
  readonly stage: string;
  /** Counts from 0 among the stops of its stage. */
  readonly ordinal: number;
  /** Counts from 0 among the stops of the same line and text: triggers may repeat each other. */
  readonly repeat: number;
}

/** How to find a line again. */
export interface LineAnchor {
  /** Of the instruction at the line, or of the next one below. */
  readonly text: string;
  readonly stage: string | undefined;
  /** Counts from 0 among the instructions of the stage. */
  readonly ordinal: number;
  /** Lines below the first one of the instruction; negative for a comment above it. */
  readonly offset: number;
}

export function anchorOfStop(program: Program, id: StopId): StopAnchor | undefined {
  const stop = program.stops[id];
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (stop === undefined || step === undefined) return undefined;
  return {
    text: stop.kind === "before" ? step.text : "",
    line: stop.line,
    stage: stop.stage,
    ordinal: program.stops.filter((each) => each.stage === stop.stage && each.id < id).length,
    repeat: sameText(program, step.text).filter((each) => each.line === stop.line && each.id < id).length,
  };
}

/** Same text nearest to the old line; else the same ordinal in the stage; else undefined. */
export function findStop(program: Program, anchor: StopAnchor): StopId | undefined {
  const inStage = program.stops.filter((stop) => stop.stage === anchor.stage);
  if (anchor.text === "") return inStage.find((stop) => stop.kind === "end")?.id;
  const same = sameText(program, anchor.text);
  const near = nearest(same, anchor.line, (stop) => stop.line);
  if (near === undefined) return inStage[anchor.ordinal]?.id;
  return (same.filter(({ line }) => line === near.line)[anchor.repeat] ?? near).id;
}

function sameText({ stops, steps }: Program, text: string): readonly Stop[] {
  return stops.filter(({ kind, step }) => kind === "before" && steps[step]?.text === text);
}

/** Undefined when nothing but comments follows. */
export function anchorOfLine(program: Program, line: Line): LineAnchor | undefined {
  const instruction = instructionFrom(program, line);
  if (instruction === undefined) return undefined;
  return {
    text: instruction.text,
    stage: instruction.stage,
    ordinal: instructionsOf(program, instruction.stage).indexOf(instruction),
    offset: line - instruction.start,
  };
}

/** The line's new number; undefined when its instruction is gone. */
export function findLine(program: Program, anchor: LineAnchor, oldLine: Line): Line | undefined {
  const same = program.instructions.filter(({ text }) => text === anchor.text);
  const start = lineOf(oldLine - anchor.offset);
  const found =
    nearest(same, start, (instruction) => instruction.start) ??
    instructionsOf(program, anchor.stage)[anchor.ordinal];
  if (found === undefined) return undefined;
  return lineOf(Math.max(1, Math.min(found.start + anchor.offset, found.end)));
}

function instructionsOf(program: Program, stage: string | undefined): readonly Instruction[] {
  return program.instructions.filter((instruction) => instruction.stage === stage);
}

function nearest<T>(items: readonly T[], line: Line, lineOfItem: (item: T) => Line): T | undefined {
  let best: T | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const away = Math.abs(lineOfItem(item) - line);
    if (away >= distance) continue;
    best = item;
    distance = away;
  }
  return best;
}
