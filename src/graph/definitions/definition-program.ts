/** A program for definitions that are no Dockerfile's: each vertex is a step, in a text of its own or in a listing. */
import { splitLines } from "../dockerfile-text.ts";
import { type Digest, type Graph, type Line, lineOf, type Vertex } from "../graph.ts";
import type { Place } from "../places.ts";
import type { Instruction, OtherPlace, Program, Stage, Step, StepId, StopId } from "../program.ts";
import { baseOf, stopsOf } from "../steps.ts";
import { blockOf } from "./blocks.ts";
import { type Chain, chainsOf, IN_NO_TEXT, type InText, rootOf } from "./chains.ts";
import { folded, stageNames, type VertexName, verbOf, vertexNames } from "./names.ts";
import { stepsByLine } from "./shown-texts.ts";

/** A text in which some of the vertices have their lines, in the order of the lines. */
export interface PlacedText {
  readonly text: string;
  readonly places: ReadonlyMap<Digest, readonly Place[]>;
}

/** @param written the text that the steps are shown in; vertices that it has no line for stand behind it, without one all do */
export function definitionProgram(graph: Graph, filename: string, written?: PlacedText): Program {
  const places = written?.places ?? new Map<Digest, readonly Place[]>();
  const { rankOf, stepOf } = places.size === 0 ? IN_NO_TEXT : inText(written?.text ?? "", places);
  const chains = chainsOf(graph, { rankOf, stepOf });
  const names = vertexNames(graph, chains);
  const before = written === undefined ? [] : splitLines(written.text);
  const titles = stageNames(chains, stepOf);
  const listed = listingOf(chains, { names, titles, places, before, filename });
  const steps = stepsOf(graph, chains, { names, listed });
  const stages = stagesOf(steps, chains, { names, listed });
  return {
    graph,
    form: written === undefined ? "listing" : "text",
    filename,
    text: listed.isLonger ? listed.lines.join("\n") : (written?.text ?? ""),
    steps,
    stops: stopsOf(steps, stages),
    stages,
    instructions: instructionsOf(steps, listed.lines),
    entry: 0 as StopId,
  };
}

function inText(text: string, places: PlacedText["places"]): InText {
  const lineAt = ({ digest }: Vertex): Line | undefined => places.get(digest)?.[0]?.start;
  const steps = stepsByLine(text);
  return {
    rankOf: (vertex) => lineAt(vertex) ?? Number.MAX_SAFE_INTEGER,
    stepOf: (vertex) => {
      const line = lineAt(vertex);
      return line === undefined ? undefined : steps.get(line);
    },
  };
}

interface Listed {
  readonly lines: readonly string[];
  /** Something stands behind the lines that there were. */
  readonly isLonger: boolean;
  /** Of every vertex that is a step; the first one is where it is at home. */
  readonly places: ReadonlyMap<Digest, readonly Place[]>;
  /** In the order of the chains. */
  readonly stages: readonly { readonly name: string; readonly start: Line; readonly end: Line }[];
}

interface ToList {
  readonly names: ReadonlyMap<Digest, VertexName>;
  /** Names of the stages. */
  readonly titles: readonly string[];
  readonly places: ReadonlyMap<Digest, readonly Place[]>;
  /** Lines of the text that the places are in. */
  readonly before: readonly string[];
  readonly filename: string;
}

/** Behind the lines that there are already, a block for each vertex that stands in none of them. */
function listingOf(chains: readonly Chain[], { names, titles, places, before, filename }: ToList): Listed {
  const lines = [...before];
  while (lines.at(-1) === "") lines.pop();
  const isAlone = lines.length === 0;
  const all = new Map<Digest, readonly Place[]>();
  let isFirst = true;
  const stages = chains.map(({ members }, index) => {
    const name = titles[index] ?? "";
    const missing = members.filter(({ digest }) => (places.get(digest) ?? []).length === 0);
    if (missing.length > 0) {
      if (!isFirst || !isAlone) lines.push("");
      if (isFirst && !isAlone) lines.push(`# Not in ${folded(filename)}:`);
      lines.push(`# Stage ${name}`);
      isFirst = false;
    }
    const header = lines.length;
    for (const vertex of missing) {
      const start = lineOf(lines.length + 1);
      lines.push(...blockOf(vertex, names));
      all.set(vertex.digest, [{ start, end: lineOf(lines.length) }]);
    }
    for (const { digest } of members) all.set(digest, all.get(digest) ?? places.get(digest) ?? []);
    const own = members.flatMap(({ digest }) => all.get(digest)?.[0] ?? []);
    const isListed = missing.length === members.length;
    return {
      name,
      start: lineOf(
        isListed ? header : own.reduce((first, { start }) => Math.min(first, start), lines.length),
      ),
      end: lineOf(own.reduce((last, { end }) => Math.max(last, end), 1)),
    };
  });
  return { lines, isLonger: !isFirst, places: all, stages };
}

interface Written {
  readonly names: ReadonlyMap<Digest, VertexName>;
  readonly listed: Listed;
}

function stepsOf(graph: Graph, chains: readonly Chain[], { names, listed }: Written): readonly Step[] {
  const stageAt = new Map<Digest, number>();
  chains.forEach(({ members }, stage) => {
    for (const { digest } of members) stageAt.set(digest, stage);
  });
  const steps: Step[] = [];
  chains.forEach(({ members }, stage) => {
    for (const vertex of members) {
      const [home = { start: lineOf(1), end: lineOf(1) }, ...others] = listed.places.get(vertex.digest) ?? [];
      const needed = [...neededStages(graph, vertex, stageAt)].filter(
        (each) => each !== stage && chains[each]?.kind === "chain",
      );
      steps.push({
        id: steps.length as StepId,
        vertices: [vertex.digest],
        vertex: vertex.digest,
        text: names.get(vertex.digest)?.title ?? vertex.kind,
        instruction: verbOf(vertex).toUpperCase(),
        stage: listed.stages[stage]?.name ?? "",
        start: home.start,
        end: home.end,
        alsoAt: others.map(({ start, end }): OtherPlace => ({ kind: "twin", start, end })),
        onbuild: false,
        base: baseOf(graph, vertex, new Set([vertex.digest])),
        result: { vertex: vertex.digest, output: vertex.rootOutput },
        needs: needed.sort((a, b) => a - b).flatMap((each) => listed.stages[each]?.name ?? []),
      });
    }
  });
  return steps;
}

/** Stages that a vertex consumes directly, seen through vertices that are no steps. */
function neededStages(
  graph: Graph,
  vertex: Vertex,
  stageAt: ReadonlyMap<Digest, number>,
): ReadonlySet<number> {
  const found = new Set<number>();
  const seen = new Set<Digest>();
  const pending = vertex.inputs.map((edge) => edge.vertex);
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const stage = stageAt.get(digest);
    if (stage !== undefined) found.add(stage);
    else for (const input of graph.vertices.get(digest)?.inputs ?? []) pending.push(input.vertex);
  }
  return found;
}

function stagesOf(
  steps: readonly Step[],
  chains: readonly Chain[],
  { names, listed }: Written,
): readonly Stage[] {
  const stepsIn = new Map<string, StepId[]>();
  const users = new Map<string, Set<string>>();
  for (const { id, stage, needs } of steps) {
    put(stepsIn, stage, id);
    for (const needed of needs) {
      const known = users.get(needed);
      if (known === undefined) users.set(needed, new Set([stage]));
      else known.add(stage);
    }
  }
  return listed.stages.map(({ name, start, end }, index) => {
    const [first] = chains[index]?.kind === "chain" ? (chains[index]?.members ?? []) : [];
    const base = first === undefined ? undefined : rootOf(first);
    const image = first?.kind === "source" ? first.digest : base?.vertex;
    return {
      name,
      isNamed: false,
      start,
      end,
      from: (image === undefined ? undefined : names.get(image)?.name) ?? "",
      steps: stepsIn.get(name) ?? [],
      shared: [],
      usedBy: [...(users.get(name) ?? [])],
    };
  });
}

function put(into: Map<string, StepId[]>, stage: string, id: StepId): void {
  const known = into.get(stage);
  if (known === undefined) into.set(stage, [id]);
  else known.push(id);
}

/** By their first lines, which breakpoints are found again by after the text has changed. */
function instructionsOf(steps: readonly Step[], lines: readonly string[]): readonly Instruction[] {
  const found = new Map<Line, Instruction>();
  for (const { instruction, stage, start, end, alsoAt } of steps) {
    for (const place of [{ start, end }, ...alsoAt]) {
      if (found.has(place.start)) continue;
      const text = folded(lines[place.start - 1] ?? "");
      found.set(place.start, { keyword: instruction, start: place.start, end: place.end, text, stage });
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}
