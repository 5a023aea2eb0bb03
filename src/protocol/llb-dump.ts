/** A graph written down: as one marshalled `pb.Definition`, with names and places, and what the ops of it say. */
import { pb } from "#proto";
import type { Digest, Graph, SourceRange, Vertex } from "../graph/graph.ts";
import { wireFields } from "./definition-wire.ts";
import { addTerminal, digestOfOp } from "./llb.ts";
import { opText } from "./op-text.ts";

/** The ops as received but for their sessions, their metadata and the source map; what BuildKit's tools read. */
export function marshalledDefinition(received: Graph): Uint8Array {
  const graph = withoutSessions(received);
  const pieces = { def: [] as Uint8Array[], metadata: {} as Record<string, Uint8Array> };
  const locations: Record<string, pb.Locations.$Properties> = {};
  for (const { digest, bytes, metadata, ranges } of graph.vertices.values()) {
    pieces.def.push(bytes);
    pieces.metadata[digest] = metadata;
    if (ranges.length > 0) locations[digest] = { locations: ranges.map(locationOf) };
  }
  // An op without anything says that there is no result.
  if (graph.result === undefined) pieces.def.push(new Uint8Array());
  else addTerminal(pieces, graph.result);
  const infos = graph.sources.map(({ filename, text, language }) => ({
    filename,
    data: Buffer.from(text),
    language,
  }));
  return pb.Definition.encode({ ...pieces, Source: { locations, infos } }).finish();
}

/** Of a directory that is read: the session that serves it. Without one the session of the build does. */
const SESSION = "local.session";

/**
 * A frontend writes the session of its build into what reads directories. That session is over when the definition is used,
 * and BuildKit (0.8 to 0.32) would wait for it, so those ops and all above them are written anew.
 */
function withoutSessions(graph: Graph): Graph {
  const renamed = new Map<Digest, Digest>();
  const vertices = new Map<Digest, Vertex>();
  const moved = <E extends { readonly vertex: Digest }>(edge: E): E => ({
    ...edge,
    vertex: renamed.get(edge.vertex) ?? edge.vertex,
  });
  for (const vertex of graph.vertices.values()) {
    const bytes = rewritten(vertex, renamed);
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
    return field.field === SOURCE && isRead
      ? withoutSession(piece, bytes.subarray(field.start, field.end))
      : piece;
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

function withoutSession(piece: Uint8Array, content: Uint8Array): Uint8Array {
  const fields = wireFields(content, "a source");
  const kept = fields.filter(
    ({ field, start, end }) => field !== ATTRIBUTE || nameOf(content.subarray(start, end)) !== SESSION,
  );
  if (kept.length === fields.length) return piece;
  const left = Buffer.concat(kept.map(({ at, end }) => content.subarray(at, end)));
  return Buffer.concat([Uint8Array.of(SOURCE_TAG), varint(left.length), left]);
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

function locationOf({ source, start, end }: SourceRange): pb.Location.$Properties {
  return { sourceIndex: source, ranges: [{ start: { line: start }, end: { line: end } }] };
}

/** What an op and its metadata say beside what a vertex has; fields named as in BuildKit's ops.proto, texts untrusted. */
export function describedOp({ bytes, metadata }: Vertex): {
  readonly op: unknown;
  readonly description: Readonly<Record<string, string>>;
  readonly caps: readonly string[];
} {
  const { description, caps } = pb.OpMetadata.decode(metadata);
  const { inputs: _told, platform: _too, ...op } = JSON.parse(opText(bytes)) as Record<string, unknown>;
  return {
    op,
    description: { ...description },
    caps: Object.entries(caps ?? {}).flatMap(([name, isNeeded]) => (isNeeded ? [name] : [])),
  };
}
