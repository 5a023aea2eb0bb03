/** A program for definitions without a source map: each vertex is a step on a line of a listing. */
import { type Graph, lineOf, type Vertex } from "./graph.ts";
import type { Program, Step, StepId, StopId } from "./program.ts";
import { baseOf, stopsOf } from "./steps.ts";

const STAGE = "stage-0";

/** Vertices in topological order, those of one progress group together, BuildKit's internal ones left out. */
export function listVertices(graph: Graph, filename: string): Program {
  const steps = groupVertices(graph).map(({ members, main }, index): Step => {
    const line = lineOf(index + 1);
    const digests = members.map(({ digest }) => digest);
    const text = titleOf(main);
    return {
      id: index as StepId,
      vertices: digests,
      vertex: main.digest,
      text,
      instruction: main.kind.toUpperCase(),
      stage: STAGE,
      start: line,
      end: line,
      alsoAt: [],
      onbuild: false,
      base: baseOf(graph, main, new Set(digests)),
      result: { vertex: main.digest, output: main.rootOutput },
      needs: [],
    };
  });
  const end = lineOf(Math.max(1, steps.length));
  const stage = {
    name: STAGE,
    isNamed: false,
    start: lineOf(1),
    end,
    from: "",
    steps: steps.map(({ id }) => id),
    shared: [],
    usedBy: [],
  };
  return {
    graph,
    filename,
    text: steps.map(({ text }) => text).join("\n"),
    steps,
    stops: stopsOf(steps, [stage]),
    stages: steps.length === 0 ? [] : [stage],
    instructions: [],
    entry: 0 as StopId,
  };
}

interface Members {
  readonly members: Vertex[];
  main: Vertex;
}

function groupVertices(graph: Graph): readonly Members[] {
  const groups = new Map<string, Members>();
  for (const vertex of graph.vertices.values()) {
    if (vertex.name.startsWith("[internal]")) continue;
    const key = vertex.progressGroup ?? vertex.digest;
    const group = groups.get(key);
    // The last member decides the place in the order: everything it needs is listed before it.
    groups.delete(key);
    groups.set(key, { members: [...(group?.members ?? []), vertex], main: vertex });
  }
  return [...groups.values()];
}

function titleOf(vertex: Vertex): string {
  const said = vertex.name || vertex.command || vertex.exec?.meta.args.join(" ") || vertex.identifier || "";
  return `${vertex.kind} ${said}`.replace(/\s+/g, " ").trim();
}
