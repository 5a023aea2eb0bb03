/** Instructions and stages of a Dockerfile, by its text, corrected by what the definition says. */
import {
  escapeCharacter,
  foldLine,
  type NamedStage,
  nameStages,
  readInstructions,
  splitLines,
  type TextInstruction,
} from "./dockerfile-text.ts";
import { type Line, lineOf } from "./graph.ts";
import type { Group, Place } from "./places.ts";
import type { Instruction } from "./program.ts";

export interface TextStage extends NamedStage {
  readonly start: Line;
  /** Last line of its last instruction. */
  readonly end: Line;
}

export interface Outline {
  readonly lines: readonly string[];
  /** What the text says, corrected. */
  readonly read: readonly TextInstruction[];
  readonly instructions: readonly Instruction[];
  /** At least one; a text without FROM is one stage. */
  readonly stages: readonly TextStage[];
  fold(place: Place): string;
}

/**
 * @param read what the text alone says
 * @param groups where the definition has operations; an "instruction" inside such a place (a heredoc's body that
 *   the parser misread) is dropped
 */
export function outlineOf(text: string, read: readonly TextInstruction[], groups: readonly Group[]): Outline {
  const lines = splitLines(text);
  const mark = escapeCharacter(lines);
  const fold = (place: Place): string => foldLine(lines, place.start, place.end, mark);
  const kept = correct(read, groups, fold);
  const stages = stagesOf(kept, lines.length);
  const hasFrom = kept.some((instruction) => instruction.from !== undefined);
  let next = 0;
  let stage: string | undefined = hasFrom ? undefined : stages[0]?.name;
  const instructions = kept.map(({ keyword, start, end, from }): Instruction => {
    if (from !== undefined) stage = stages[next++]?.name;
    return { keyword, start, end, text: fold({ start, end }), stage };
  });
  return { lines, read: kept, instructions, stages, fold };
}

/** Text of a Dockerfile: everything; of another language: nothing, its instructions are unknown to us. */
export function readText(text: string, language: string): readonly TextInstruction[] {
  return language === "" || language.toLowerCase() === "dockerfile" ? readInstructions(text) : [];
}

function correct(
  read: readonly TextInstruction[],
  groups: readonly Group[],
  fold: (place: Place) => string,
): readonly TextInstruction[] {
  const kept = new Map<Line, TextInstruction>(read.map((instruction) => [instruction.start, instruction]));
  for (const { place, onbuild } of groups) {
    if (onbuild) continue;
    const known = kept.get(place.start);
    if (known?.from !== undefined) continue;
    for (let line = place.start + 1; line <= place.end; line++) kept.delete(lineOf(line));
    const keyword = known?.keyword ?? fold(place).split(/\s/, 1)[0]?.toUpperCase() ?? "";
    kept.set(place.start, { keyword, start: place.start, end: place.end, from: undefined });
  }
  return [...kept.values()].sort((a, b) => a.start - b.start);
}

function stagesOf(instructions: readonly TextInstruction[], lineCount: number): readonly TextStage[] {
  const named = nameStages(instructions.flatMap(({ from }) => (from === undefined ? [] : [from])));
  const stages: (NamedStage & { start: Line; end: Line })[] = [];
  for (const { start, end, from } of instructions) {
    const last = stages.at(-1);
    const next = from === undefined ? undefined : named[stages.length];
    if (next !== undefined) stages.push({ ...next, start, end });
    else if (last !== undefined && end > last.end) last.end = end;
  }
  if (stages.length > 0) return stages;
  const end = lineOf(Math.max(1, lineCount));
  return [{ name: "stage-0", isNamed: false, start: lineOf(1), end, from: "" }];
}
