/** A graph written down: as one marshalled `pb.Definition`, with names and places, and what the ops of it say. */
import { pb } from "#proto";
import type { Graph, SourceRange, Vertex } from "../graph/graph.ts";
import { addTerminal } from "./llb.ts";
import { inSession } from "./llb-session.ts";
import { opText } from "./op-text.ts";

/** The ops as received but for their sessions, their metadata and the source map; what BuildKit's tools read. */
export function marshalledDefinition(received: Graph): Uint8Array {
  return pb.Definition.encode(definitionOf(inSession(received, undefined))).finish();
}

/** The whole of a graph as it is sent. */
export function definitionOf(graph: Graph): pb.Definition.$Shape {
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
  return { ...pieces, Source: { locations, infos } };
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
