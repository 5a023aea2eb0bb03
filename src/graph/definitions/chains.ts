/** The stages of a definition: chains of vertices, each of which works on what the one before it has made. */
import type { Digest, Edge, Graph, Vertex } from "../graph.ts";

/** Vertices in the order in which they run; images and other sources that several stages use stand together. */
export interface Chain {
  readonly kind: "chain" | "sources";
  readonly members: readonly Vertex[];
}

/** BuildKit's own helpers of a frontend are no steps. */
export function isInternal({ name }: Vertex): boolean {
  return name.startsWith("[internal]");
}

/** What a vertex takes its root file system from. */
export function rootOf({ inputs, rootInput }: Vertex): Edge | undefined {
  return rootInput === undefined ? undefined : inputs[rootInput];
}

/** Where vertices stand in a text. */
export interface InText {
  /** Chains are in the order of the text as far as what they need allows. */
  readonly rankOf: (vertex: Vertex) => number;
  /** The step of the text that a vertex is of; another one begins a chain. */
  readonly stepOf: (vertex: Vertex) => string | undefined;
}

export const IN_NO_TEXT: InText = { rankOf: () => 0, stepOf: () => undefined };

/**
 * Every vertex that is not internal is in one of them. A chain goes on as long as its last vertex has one consumer only, so
 * no two chains need each other.
 */
export function chainsOf(graph: Graph, { rankOf, stepOf }: InText = IN_NO_TEXT): readonly Chain[] {
  const consumers = consumersOf(graph);
  const vertices = [...graph.vertices.values()].filter((vertex) => !isInternal(vertex));
  const chainAt = new Map<Digest, Vertex[]>();
  const stepAt = new Map<Vertex[], string>();
  for (const vertex of vertices) {
    const before = goesOn(vertex, consumers) ? rootOf(vertex) : undefined;
    const last = before === undefined ? undefined : chainAt.get(before.vertex);
    const step = stepOf(vertex);
    const isOther = last !== undefined && step !== undefined && (stepAt.get(last) ?? step) !== step;
    const chain = last === undefined || isOther ? [] : last;
    chain.push(vertex);
    chainAt.set(vertex.digest, chain);
    if (step !== undefined) stepAt.set(chain, step);
  }
  const isSource = (chain: readonly Vertex[]): boolean => chain.length === 1 && chain[0]?.kind === "source";
  const all = [...new Set(chainAt.values())];
  const sources = all.filter(isSource).flat().sort(bySaying);
  const chains = inOrder(
    graph,
    all.filter((chain) => !isSource(chain)),
    { chainAt, rankOf },
  );
  return [
    ...(sources.length === 0 ? [] : [{ kind: "sources", members: sources } as const]),
    ...chains.map((members) => ({ kind: "chain", members }) as const),
  ];
}

/** The order in which a definition has them says nothing, and may be another one tomorrow. */
function bySaying(a: Vertex, b: Vertex): number {
  const [first, second] = [sayingOf(a), sayingOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function sayingOf({ name, identifier, platform, digest }: Vertex): string {
  return [name, identifier, platform, digest].join("\n");
}

function goesOn(vertex: Vertex, consumers: ReadonlyMap<Digest, ReadonlySet<Digest>>): boolean {
  const root = rootOf(vertex);
  if (root === undefined || vertex.kind === "merge" || vertex.kind === "diff") return false;
  return consumers.get(root.vertex)?.size === 1;
}

function consumersOf({ vertices }: Graph): ReadonlyMap<Digest, ReadonlySet<Digest>> {
  const consumers = new Map<Digest, Set<Digest>>();
  for (const { digest, inputs } of vertices.values()) {
    for (const input of inputs) {
      const known = consumers.get(input.vertex);
      if (known === undefined) consumers.set(input.vertex, new Set([digest]));
      else known.add(digest);
    }
  }
  return consumers;
}

type Members = readonly Vertex[];

interface Ordering {
  readonly chainAt: ReadonlyMap<Digest, Members>;
  readonly rankOf: (vertex: Vertex) => number;
}

/** What a chain needs comes first; otherwise as the text has them, and as the result names them. */
function inOrder(graph: Graph, chains: readonly Members[], ordering: Ordering): readonly Members[] {
  const ordered = new Set<Members>();
  const known = new Set(chains);
  const ranks = new Map(chains.map((chain) => [chain, rankOfChain(chain, ordering)]));
  const result = graph.result === undefined ? undefined : ordering.chainAt.get(graph.result.vertex);
  const byRank = (a: Members, b: Members): number => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0);
  const first = result === undefined || !known.has(result) ? [] : [result];
  for (const root of [...first, ...chains].sort(byRank)) {
    const pending = [root];
    const entered = new Set<Members>();
    for (let chain = pending.at(-1); chain !== undefined; chain = pending.at(-1)) {
      const missing = entered.has(chain)
        ? []
        : neededBy(graph, chain, ordering)
            .filter((each) => known.has(each) && !ordered.has(each) && !entered.has(each))
            .sort(byRank);
      entered.add(chain);
      if (missing.length > 0) pending.push(...missing.reverse());
      else {
        ordered.add(chain);
        pending.pop();
      }
    }
  }
  return [...ordered];
}

function rankOfChain(chain: Members, { rankOf }: Ordering): number {
  return chain.reduce((lowest, vertex) => Math.min(lowest, rankOf(vertex)), Number.MAX_SAFE_INTEGER);
}

/** Chains that a chain consumes directly, seen through vertices that are in none. */
function neededBy(graph: Graph, chain: Members, { chainAt }: Ordering): Members[] {
  const needed = new Set<Members>();
  const seen = new Set<Digest>();
  const pending = chain.flatMap(({ inputs }) => inputs).reverse();
  for (let edge = pending.pop(); edge !== undefined; edge = pending.pop()) {
    if (seen.has(edge.vertex)) continue;
    seen.add(edge.vertex);
    const other = chainAt.get(edge.vertex);
    if (other !== undefined && other !== chain) needed.add(other);
    else if (other === undefined)
      pending.push(...(graph.vertices.get(edge.vertex)?.inputs ?? []).toReversed());
  }
  return [...needed];
}
