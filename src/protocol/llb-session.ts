/** From which session a definition reads directories. */
import { pb } from "#proto";
import type { Digest, Graph, Vertex } from "../graph/graph.ts";
import { wireFields } from "./definition-wire.ts";
import { digestOfOp } from "./llb.ts";

/** Of a directory that is read: the session that serves it. Without one the session of the build does. */
const SESSION = "local.session";

/**
 * The graph with all directories read from one session, or undefined = from that of whoever builds it. A frontend writes the
 * session of its build there, which is over when the definition is used again: BuildKit (0.8 to 0.32) would wait for it. And
 * without any, two builds of one definition that are open at the same time have the same vertices, so that one of them
 * gets the other one's files. Those ops and all above them are written anew.
 */
export function inSession(graph: Graph, session: string | undefined): Graph {
  const renamed = new Map<Digest, Digest>();
  const vertices = new Map<Digest, Vertex>();
  const moved = <E extends { readonly vertex: Digest }>(edge: E): E => ({
    ...edge,
    vertex: renamed.get(edge.vertex) ?? edge.vertex,
  });
  for (const vertex of graph.vertices.values()) {
    const bytes = rewritten(vertex, renamed, session);
    const digest = bytes === undefined ? vertex.digest : digestOfOp(bytes);
    if (bytes !== undefined) renamed.set(vertex.digest, digest);
    vertices.set(digest, {
      ...vertex,
      digest,
      bytes: bytes ?? vertex.bytes,
      inputs: vertex.inputs.map(moved),
    });
  }
  return { ...graph, vertices, result: graph.result && moved(graph.result) };
}

/** Undefined = it stays as it is. What of it is not known here must stay too, so it is not encoded anew. */
function rewritten(
  { bytes, inputs, identifier }: Vertex,
  renamed: ReadonlyMap<Digest, Digest>,
  session: string | undefined,
): Uint8Array | undefined {
  const moved = inputs.flatMap(({ vertex }) => {
    const now = renamed.get(vertex);
    return now === undefined ? [] : [[vertex, now] as const];
  });
  const isRead = identifier?.startsWith("local://") === true;
  if (moved.length === 0 && !isRead) return undefined;
  const pieces = wireFields(bytes, "an operation").map((field) => {
    const piece = bytes.subarray(field.at, field.end);
    if (field.field === INPUT) return withDigests(piece, moved);
    if (field.field !== SOURCE || !isRead) return piece;
    return sourceIn(session, bytes.subarray(field.start, field.end));
  });
  const written = Buffer.concat(pieces);
  return written.equals(bytes) ? undefined : written;
}

/** Fields of `pb.Op`. */
const INPUT = 1;
const SOURCE = 3;
/** Tag of the second, a message. */
const SOURCE_TAG = 0x1a;

/** All digests are of one length. */
function withDigests(piece: Uint8Array, moved: readonly (readonly [Digest, Digest])[]): Uint8Array {
  const copy = Buffer.from(piece);
  for (const [before, now] of moved) {
    const at = copy.indexOf(before);
    if (at < 0) continue;
    copy.write(now, at, "latin1");
    break;
  }
  return copy;
}

/** The source, as a field of its op. */
function sourceIn(session: string | undefined, content: Uint8Array): Uint8Array {
  const kept = wireFields(content, "a source").filter(
    ({ field, start, end }) => field !== ATTRIBUTE || nameOf(content.subarray(start, end)) !== SESSION,
  );
  const added = session === undefined ? [] : [pb.SourceOp.encode({ attrs: { [SESSION]: session } }).finish()];
  const whole = Buffer.concat([...kept.map(({ at, end }) => content.subarray(at, end)), ...added]);
  return Buffer.concat([Uint8Array.of(SOURCE_TAG), varint(whole.length), whole]);
}

/** Of `pb.SourceOp`: a map, each entry with its key as first field. */
const ATTRIBUTE = 2;

function nameOf(entry: Uint8Array): string | undefined {
  const key = wireFields(entry, "an attribute").find(({ field }) => field === 1);
  return key && Buffer.from(entry.subarray(key.start, key.end)).toString("utf8");
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 0x80)) {
    bytes.push((left % 0x80) + (left >= 0x80 ? 0x80 : 0));
    if (left < 0x80) return Uint8Array.from(bytes);
  }
}
