/** Which part of a graph an edge needs. */
import { BktuiError } from "../base/errors.ts";
import type { Digest, Edge, Graph } from "./graph.ts";

/** Of each graph the edge that was asked for last, which is asked for several times at each step of a walk. */
const latest = new WeakMap<Graph, { readonly vertex: Digest; readonly needed: readonly Digest[] }>();

/**
 * The vertices that the edges need, their own included, in the graph's order (inputs first).
 * @throws {BktuiError} "internal" when the graph has no such vertex.
 */
export function closure(graph: Graph, ...edges: readonly Edge[]): readonly Digest[] {
  const [edge] = edges;
  if (edge === undefined || edges.length > 1) return found(graph, edges);
  const known = latest.get(graph);
  if (known?.vertex === edge.vertex) return known.needed;
  const needed = (known && nextTo(known, graph, edge.vertex)) ?? found(graph, edges);
  latest.set(graph, { vertex: edge.vertex, needed });
  return needed;
}

/** Of a vertex that is made of the latest one and of nothing else than what that needs: as each step of a walk. */
function nextTo(
  { vertex: former, needed }: { readonly vertex: Digest; readonly needed: readonly Digest[] },
  graph: Graph,
  digest: Digest,
): readonly Digest[] | undefined {
  const inputs = graph.vertices.get(digest)?.inputs ?? [];
  if (!inputs.some(({ vertex }) => vertex === former)) return undefined;
  // What something is made of comes before it, so the latest was the last of what it needs, and this comes behind it.
  return inputs.every(({ vertex }) => vertex === former || needed.includes(vertex))
    ? [...needed, digest]
    : undefined;
}

function found(graph: Graph, edges: readonly Edge[]): readonly Digest[] {
  const needed = new Set<Digest>();
  const pending = edges.map(({ vertex }) => vertex);
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (needed.has(digest)) continue;
    const vertex = graph.vertices.get(digest);
    if (vertex === undefined) throw new BktuiError("internal", `the definition has no vertex ${digest}`);
    needed.add(digest);
    for (const input of vertex.inputs) pending.push(input.vertex);
  }
  return [...graph.vertices.keys()].filter((digest) => needed.has(digest));
}
