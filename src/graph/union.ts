/** Several graphs as one, for what concerns all of their vertices alike. */
import type { Graph } from "./graph.ts";

/** A result of a build that has one for each platform. Vertices that these have in common are the same, and run once. */
export interface PlatformGraph {
  /** `os/arch[/variant]` as the frontend names it (untrusted text); undefined for a build that is for one platform. */
  readonly platform: string | undefined;
  readonly graph: Graph;
}

/**
 * What any of them has. One result and the sources are of the first: ranges of a vertex are to be read in a graph that it
 * comes from, see `graphWith`.
 */
export function unionOf(graphs: readonly Graph[]): Graph {
  const [first = { vertices: new Map(), result: undefined, sources: [] }, ...others] = graphs;
  if (others.length === 0) return first;
  return { ...first, vertices: new Map(graphs.flatMap(({ vertices }) => [...vertices])) };
}

/** The first of them that has the vertex. */
export function graphWith<G extends Pick<Graph, "vertices">>(
  graphs: readonly G[],
  vertex: string | undefined,
): G | undefined {
  return graphs.find(({ vertices }) => (vertices as ReadonlyMap<string, unknown>).has(vertex ?? ""));
}
