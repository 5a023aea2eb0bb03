/** What a listing and a Dockerfile have in common: the base of a step and the order of stops. */
import type { Digest, Edge, Graph, Line, Vertex } from "./graph.ts";
import type { Step, Stop, StopId } from "./program.ts";

/** Each step's "before" and, after the last one of a stage, its "end". */
export function stopsOf(
  steps: readonly Step[],
  stages: readonly { readonly name: string; readonly end: Line }[],
): readonly Stop[] {
  const lastOf = new Map(steps.map((step) => [step.stage, step.id]));
  const endOf = new Map(stages.map((stage) => [stage.name, stage.end]));
  const stops: Stop[] = [];
  const nextId = (): StopId => stops.length as StopId;
  for (const { id, stage, start, end } of steps) {
    stops.push({ id: nextId(), kind: "before", step: id, stage, line: start });
    if (lastOf.get(stage) !== id) continue;
    stops.push({ id: nextId(), kind: "end", step: id, stage, line: endOf.get(stage) ?? end });
  }
  return stops;
}

/** The root file system that a step starts from, seen past the vertices of the step itself. */
export function baseOf(graph: Graph, main: Vertex, own: ReadonlySet<Digest>): Edge | undefined {
  let vertex: Vertex | undefined = main;
  while (vertex !== undefined) {
    const base: Edge | undefined =
      vertex.rootInput === undefined ? undefined : vertex.inputs[vertex.rootInput];
    if (base === undefined || !own.has(base.vertex)) return base;
    vertex = graph.vertices.get(base.vertex);
  }
  return undefined;
}
