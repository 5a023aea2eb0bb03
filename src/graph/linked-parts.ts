/**
 * A build that is made from linked targets of a bake file has several Dockerfiles. To a reader they are one text: the
 * build's own file, and behind it each of the others below a line that names its target. Steps of linked targets come first,
 * as they must run first.
 */
import type { Graph, Line } from "./graph.ts";
import { lineOf } from "./graph.ts";
import type { Group, Place } from "./places.ts";
import type { Instruction, LinkedPart, OtherPlace, Program, Stage } from "./program.ts";
import type { Outline, TextStage } from "./stages.ts";

/** One Dockerfile of a definition, read by itself. */
export interface ReadFile {
  /** Index into `Graph.sources`. */
  readonly source: number;
  readonly outline: Outline;
  readonly groups: readonly Group[];
  /** Name or number of the stage that it was asked for; undefined = the last one. */
  readonly asked: string | undefined;
}

/** All of them as one. */
export interface Joined {
  readonly text: string;
  readonly groups: readonly Group[];
  readonly outline: Pick<Outline, "instructions" | "stages" | "fold">;
  readonly linked: readonly LinkedPart[];
}

/** Sources of linked targets in which something stands, those first that others are made from. */
export function linkedSources({ sources, vertices }: Graph): readonly number[] {
  const used = new Set([...vertices.values()].flatMap(({ ranges }) => ranges.map(({ source }) => source)));
  return sources.flatMap(({ target }, index) => (target !== undefined && used.has(index) ? [index] : []));
}

/** @param own the build's own file @param others in the order in which they run */
export function joinFiles({ sources }: Graph, own: ReadFile, others: readonly ReadFile[]): Joined {
  const taken = new Set(own.outline.stages.map(({ name }) => name));
  const text = [others.length === 0 ? (sources[own.source]?.text ?? "") : ended(sources[own.source]?.text)];
  const linked: LinkedPart[] = [];
  const moved: Moved[] = [];
  let before = lineCount(text[0] ?? "");
  for (const file of others) {
    const { target = "", filename = "", text: lines = "" } = sources[file.source] ?? {};
    text.push(`\n# Target ${target}: ${filename}\n${ended(lines)}`);
    // The empty line and the one that names it.
    before += 2;
    moved.push(movedBy(before, file, stageNames(target, file, taken)));
    const part = { target, filename, source: file.source, before };
    before += lineCount(lines);
    linked.push({ ...part, end: lineOf(before) });
  }
  const all = [{ ...own.outline, groups: own.groups, before: 0 }, ...moved];
  return {
    text: text.join(""),
    groups: onceEach([...moved, { groups: own.groups }].map(({ groups }) => groups)),
    outline: {
      instructions: all.flatMap(({ instructions }) => instructions),
      stages: all.flatMap(({ stages }) => stages),
      fold: (place) => {
        const part = all.findLast((each) => each.before < place.start);
        return part === undefined ? "" : part.fold(shifted(place, -part.before));
      },
    },
    linked,
  };
}

interface Moved {
  readonly before: number;
  readonly groups: readonly Group[];
  readonly instructions: readonly Instruction[];
  readonly stages: readonly TextStage[];
  fold(place: Place): string;
}

function movedBy(before: number, { outline, groups }: ReadFile, nameOf: (stage: string) => string): Moved {
  return {
    before,
    groups: groups.map((group) => ({
      ...group,
      place: shifted(group.place, before),
      others: group.others.map((place) => shifted(place, before)),
    })),
    instructions: outline.instructions.map((each) => ({
      ...shifted(each, before),
      stage: each.stage === undefined ? undefined : nameOf(each.stage),
    })),
    stages: outline.stages.map((stage) => ({
      ...shifted(stage, before),
      name: nameOf(stage.name),
      isNamed: false,
    })),
    fold: outline.fold,
  };
}

/** The stage that the target is has its name, any other one of it "TARGET.STAGE". */
function stageNames(
  target: string,
  { outline, asked }: ReadFile,
  taken: Set<string>,
): (stage: string) => string {
  const { stages } = outline;
  const result =
    asked === undefined
      ? stages.at(-1)
      : (stages.find(({ name }) => name === asked.toLowerCase()) ?? stages[Number(asked)]);
  const names = new Map<string, string>();
  for (const stage of stages) {
    const short = target.toLowerCase();
    const wanted = stage === result && !taken.has(short) ? short : `${short}.${stage.name}`;
    names.set(stage.name, wanted);
    taken.add(wanted);
  }
  return (stage) => names.get(stage) ?? stage;
}

/** An operation that two files have in common is a step where it comes first, and stands in the other place too. */
function onceEach(parts: readonly (readonly Group[])[]): readonly Group[] {
  const owners = new Map<string, number>();
  const kept: Group[] = [];
  for (const group of parts.flat()) {
    const members = group.members.filter(({ digest }) => !owners.has(digest));
    const owner = owners.get(group.main.digest);
    const first = owner === undefined ? undefined : kept[owner];
    if (first !== undefined && owner !== undefined) {
      const others: readonly OtherPlace[] = [
        ...first.others,
        { kind: "twin" as const, ...group.place },
        ...group.others,
      ];
      kept[owner] = { ...first, others: others.toSorted((a, b) => a.start - b.start) };
      continue;
    }
    for (const { digest } of members) owners.set(digest, kept.length);
    kept.push({ ...group, members });
  }
  return kept;
}

function shifted<T extends Place>(place: T, by: number): T {
  return { ...place, start: lineOf(place.start + by), end: lineOf(place.end + by) };
}

/** With a last line end. */
function ended(text = ""): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** Of a text with or without a last line end. */
function lineCount(text: string): number {
  const lines = text.split("\n").length;
  return text.endsWith("\n") ? lines - 1 : lines;
}

/** The stages of the build's own Dockerfile. */
export function ownStages(program: Pick<Program, "linked" | "stages">): readonly Stage[] {
  return program.stages.filter(({ start }) => linkedAt(program, start) === undefined);
}

/** The text of the build's own Dockerfile. */
export function ownText({ text, linked: [first] = [] }: Pick<Program, "linked" | "text">): string {
  // The empty line and the one that names the target are nobody's.
  return first === undefined ? text : `${text.split("\n", first.before - 2).join("\n")}\n`;
}

/** The linked target whose Dockerfile a line of the program stands in; undefined = the build's own. */
export function linkedAt({ linked = [] }: Pick<Program, "linked">, line: Line): LinkedPart | undefined {
  return linked.find(({ before, end }) => before < line && line <= end);
}
