/** Writes the definition that tells the engine which steps run anew. */
import { pb } from "#proto";
import type { Digest, Edge, Graph } from "../graph/graph.ts";
import { addTerminal, digestOfOp, opsUnder } from "./llb.ts";

export interface Announcement {
  readonly definition: pb.Definition.$Properties;
  /** Of the op that fails. */
  readonly digest: Digest;
}

/** Under which other clients would see it. */
const SHOWN_AS = "[internal] announce the steps that run anew";

/**
 * A definition that BuildKit (0.8 to 0.32) loads and then fails at once: its result is an op over `edges` of no kind that
 * there is. Nothing under it is run, as an op asks for more than the cache keys of its inputs only when it has its own.
 * `isSettled`: of vertices that are sent without "ignore cache".
 * @throws {BktuiError} "bad-request" for an op that would take the daemon down, "internal" for an unknown vertex.
 */
export function encodeAnnouncement(
  graph: Graph,
  edges: readonly Edge[],
  isSettled: (vertex: Digest) => boolean,
): Announcement {
  const { def, metadata } = opsUnder(graph, edges, isSettled);
  const inputs = edges.map(({ vertex, output }) => ({ digest: vertex, index: output }));
  // Without inputs it would have no bytes.
  const op = pb.Op.encode({ inputs, platform: { OS: "linux", Architecture: "amd64" } }).finish();
  const digest = digestOfOp(op);
  def.push(op);
  metadata[digest] = pb.OpMetadata.encode({ description: { "llb.customname": SHOWN_AS } }).finish();
  addTerminal({ def, metadata }, { vertex: digest, output: 0 });
  return { definition: { def, metadata }, digest };
}
