/** Which part of a graph an edge needs. */
import { BktuiError } from "../base/errors.ts";
import type { Digest, Edge, Graph } from "./graph.ts";

/**
 * The vertices that the edges need, their own included, in the graph's order (inputs first).
 * @throws {BktuiError} "internal" when the graph has no such vertex.
 */
export function closure(graph: Graph, ...edges: readonly Edge[]): readonly Digest[] {
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
