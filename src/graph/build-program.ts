/** Graph -> Program: the definition put in the order a reader of the file expects. */
import { definitionProgram } from "./definitions/definition-program.ts";
import { placesIn } from "./definitions/shown-places.ts";
import type { Digest, Graph, Line, SourceFile, Vertex } from "./graph.ts";
import { isDockerfile } from "./language.ts";
import { type Joined, joinFiles, linkedSources, type ReadFile } from "./linked-parts.ts";
import { settlePlaces } from "./placement.ts";
import { type Group, groupByPlace, mergedPlaces } from "./places.ts";
import type { Program, Stage, Step, StepId, StopId } from "./program.ts";
import type { Asked } from "./stage-texts.ts";
import { outlineOf, readText, type TextStage } from "./stages.ts";
import { baseOf, stopsOf } from "./steps.ts";

/** What the definition was asked for, and each linked target in it. */
export interface AskedOfAll extends Asked {
  readonly linked?: readonly { readonly name: string; readonly request: Asked }[] | undefined;
}

/**
 * @param dockerfileName names the file among `graph.sources`; the first one is taken when none has that name.
 * @param asked what the definition was asked for
 * Without a source map (raw LLB, some frontends) the program is a listing of the vertices, or the text that is shown instead.
 */
export function buildProgram(graph: Graph, dockerfileName: string, asked: AskedOfAll = {}): Program {
  const index = sourceIndex(graph.sources, dockerfileName);
  const source = graph.sources[index];
  if (graph.shown !== undefined) {
    const { filename, text } = graph.shown;
    return definitionProgram(graph, filename, { text, places: placesIn(graph, text) });
  }
  if (source === undefined) return definitionProgram(graph, dockerfileName);
  if (!isDockerfile(source.text, source.language)) return mappedProgram(graph, index, dockerfileName);
  const own = readFile(graph, index, asked);
  const others = linkedSources(graph)
    .filter((each) => each !== index)
    .map((each) => readFile(graph, each, askedOf(graph, each, asked)));
  const isLocated = [own, ...others].some(({ groups }) => groups.length > 0);
  if (!isLocated && runsSomething(graph)) return definitionProgram(graph, dockerfileName);
  const { text, groups, outline, linked } = joinFiles(graph, own, others);
  const steps = stepsOf(graph, groups, outline);
  return {
    graph,
    form: "dockerfile",
    filename: source.filename === "" ? dockerfileName : source.filename,
    text,
    ...(linked.length === 0 ? {} : { linked }),
    steps,
    stops: stopsOf(steps, outline.stages),
    stages: stagesWithSteps(outline.stages, steps),
    instructions: outline.instructions,
    entry: 0 as StopId,
  };
}

/** Of a text that is no Dockerfile: only the definition knows what stands in its lines. */
function mappedProgram(graph: Graph, index: number, name: string): Program {
  const { filename = "", text = "" } = graph.sources[index] ?? {};
  const places = new Map(
    [...graph.vertices.values()].flatMap((vertex) => {
      const own = mergedPlaces(vertex, index);
      return own.length === 0 ? [] : [[vertex.digest, own] as const];
    }),
  );
  if (places.size === 0 && runsSomething(graph)) return definitionProgram(graph, name);
  return definitionProgram(graph, filename === "" ? name : filename, { text, places });
}

/** One Dockerfile by itself. */
function readFile(graph: Graph, index: number, asked: Asked): ReadFile {
  const { text = "", language = "" } = graph.sources[index] ?? {};
  const read = readText(text, language);
  const fromLines = new Set(read.filter(({ from }) => from !== undefined).map(({ start }) => start));
  // No operation can stand in line 1, where BuildKit 0.8 locates triggers.
  const hasTriggers = (line: Line): boolean => fromLines.has(line) || (line === 1 && fromLines.size > 0);
  const located = groupByPlace(graph, index, hasTriggers);
  const outline = outlineOf(text, read, located);
  const groups = settlePlaces(graph, located, { text, read: outline.read, ...asked });
  return { source: index, outline, groups, asked: asked.target };
}

function askedOf({ sources }: Graph, index: number, { linked = [] }: AskedOfAll): Asked {
  const target = sources[index]?.target;
  return linked.find(({ name }) => name === target)?.request ?? {};
}

function sourceIndex(sources: readonly SourceFile[], name: string): number {
  const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  const find = (isWanted: (source: SourceFile) => boolean): number =>
    sources.findIndex((source) => source.target === undefined && isWanted(source));
  const exact = find(({ filename }) => filename === name);
  if (exact >= 0) return exact;
  return Math.max(
    0,
    find(({ filename }) => base(filename) === base(name)),
  );
}

function runsSomething(graph: Graph): boolean {
  return [...graph.vertices.values()].some(({ kind }) => kind !== "source");
}

function stepsOf(graph: Graph, groups: readonly Group[], outline: Joined["outline"]): readonly Step[] {
  const owners = new Map<Digest, Group>();
  for (const group of groups) for (const { digest } of group.members) owners.set(digest, group);
  const stageAt = stageFinder(outline.stages);
  const keywords = new Map(outline.instructions.map(({ start, keyword }) => [start, keyword]));
  return groups.map((group, index): Step => {
    const { place, members, main, others, onbuild } = group;
    const digests = members.map(({ digest }) => digest);
    const stage = stageAt(place.start);
    const text = onbuild ? triggerText(main) : outline.fold(place);
    const foreign = new Set<string>();
    for (const owner of ownersBelow(graph, group, owners)) {
      // An image named by two FROM lines is one vertex: it is at home in both stages.
      const homes = [owner.place, ...owner.others].map(({ start }) => stageAt(start));
      if (!homes.includes(stage)) foreign.add(stageAt(owner.place.start).name);
    }
    return {
      id: index as StepId,
      vertices: digests,
      vertex: main.digest,
      text,
      instruction: onbuild ? wordOf(text, 1) : (keywords.get(place.start) ?? wordOf(text, 0)),
      stage: stage.name,
      start: place.start,
      end: place.end,
      alsoAt: others,
      onbuild,
      base: baseOf(graph, main, new Set(digests)),
      result: { vertex: main.digest, output: main.rootOutput },
      needs: outline.stages.map(({ name }) => name).filter((name) => foreign.has(name)),
    };
  });
}

/** Groups that a group consumes directly, looked for through vertices that belong to no step. */
function ownersBelow(graph: Graph, group: Group, owners: ReadonlyMap<Digest, Group>): ReadonlySet<Group> {
  const found = new Set<Group>();
  const seen = new Set<Digest>();
  const pending = group.members.map(({ digest }) => digest);
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const owner = owners.get(digest);
    if (owner !== undefined && owner !== group) found.add(owner);
    else for (const input of graph.vertices.get(digest)?.inputs ?? []) pending.push(input.vertex);
  }
  return found;
}

/** Stages are in file order: a line belongs to the last one that starts at or before it. */
function stageFinder(stages: readonly TextStage[]): (line: Line) => TextStage {
  return (line) => {
    let low = 0;
    let high = stages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((stages[middle]?.start ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return stages[low] ?? { name: "stage-0", isNamed: false, start: line, end: line, from: "" };
  };
}

function wordOf(text: string, index: number): string {
  return (text.split(" ")[index] ?? "").toUpperCase();
}

/** "[app 2/3] ONBUILD RUN make" -> "ONBUILD RUN make": the file has no text for it. */
function triggerText(vertex: Vertex): string {
  const name = vertex.name.replace(/^\[[^\]]*\]\s*/, "");
  const text = (name === "" ? vertex.command : name).replace(/\s+/g, " ").trim();
  return /^onbuild /i.test(text) ? text : `ONBUILD ${text}`;
}

function stagesWithSteps(stages: readonly TextStage[], steps: readonly Step[]): readonly Stage[] {
  const stepsIn = new Map<string, StepId[]>(stages.map(({ name }) => [name, []]));
  const sharedIn = new Map<string, Set<StepId>>(stages.map(({ name }) => [name, new Set()]));
  const users = new Map<string, Set<string>>(stages.map(({ name }) => [name, new Set()]));
  const stageAt = stageFinder(stages);
  for (const step of steps) {
    stepsIn.get(step.stage)?.push(step.id);
    for (const needed of step.needs) users.get(needed)?.add(step.stage);
    for (const { kind, start } of step.alsoAt) {
      const { name } = stageAt(start);
      if (kind === "twin" && name !== step.stage) sharedIn.get(name)?.add(step.id);
    }
  }
  return stages.map(({ name, isNamed, start, end, from }) => ({
    name,
    isNamed,
    start,
    end,
    from,
    steps: stepsIn.get(name) ?? [],
    shared: [...(sharedIn.get(name) ?? [])],
    usedBy: [...(users.get(name) ?? [])],
  }));
}
