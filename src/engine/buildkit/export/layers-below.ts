/** The states whose differences are the layers of an image: what a later step has deleted is in it all the same. Pure. */
import type { Edge, Graph } from "../../../graph/graph.ts";

/**
 * The results that a result was made over, by the build's own steps, nearest first. Layers of an image that was pulled are not
 * among them: everybody who has it has those.
 */
export function layersBelow(graph: Graph, edge: Edge): readonly Edge[] {
  const found: Edge[] = [];
  const pending = belowOf(graph, edge);
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { vertex, output } = next;
    const isKnown = found.some((other) => other.vertex === vertex && other.output === output);
    if (isKnown || graph.vertices.get(vertex)?.kind === "source") continue;
    found.push(next);
    pending.push(...belowOf(graph, next));
  }
  return found;
}

function belowOf(graph: Graph, { vertex }: Edge): Edge[] {
  const { kind, inputs = [], rootInput } = graph.vertices.get(vertex) ?? {};
  if (kind === "merge") return [...inputs];
  const below = rootInput === undefined ? undefined : inputs[rootInput];
  return below === undefined ? [] : [below];
}
