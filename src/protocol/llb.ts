/** Definitions of the wire: read into a graph, and cut into smaller ones from the bytes as received. */
import { createHash } from "node:crypto";
import { pb } from "#proto";
import { BktuiError } from "../base/errors.ts";
import { clipText, limits } from "../base/limits.ts";
import type { Digest, Edge, Graph, OpKind, SourceFile, SourceRange, Vertex } from "../graph/graph.ts";
import { lineOf } from "../graph/graph.ts";
import { isDockerfile } from "../graph/language.ts";
import { closure } from "../graph/subgraph.ts";
import { execOf } from "./llb-exec.ts";
import { fileActionsOf, type Root, rootOf } from "./llb-root.ts";
import { opWords } from "./op-words.ts";
import { digestOf, numberOf } from "./scalars.ts";

type Definition = pb.Definition.$Shape;
type Op = ReturnType<typeof pb.Op.decode>;

/**
 * A definition as received -> the graph. Checked on BuildKit 0.32 and on dockerd 28.5 and 20.10.
 * @throws {BktuiError} "engine" when the definition is malformed.
 */
export function decodeDefinition(definition: Definition): Graph {
  const encoded = definition.def ?? [];
  const terminal = encoded.at(-1);
  if (encoded.length > limits.vertices) {
    const what = `the engine sent a definition of ${encoded.length} operations; the limit is ${limits.vertices}`;
    throw new BktuiError("engine", what, { hint: "build it in parts: of a Dockerfile with --target" });
  }
  const sources = (definition.Source?.infos ?? []).map(sourceFile);
  const lineCounts = sources.map(({ text }) => text.split("\n").length);
  const isTold = sources.some(({ text, language }) => isDockerfile(text, language));
  const vertices = new Map<Digest, Vertex>();
  for (const bytes of encoded.slice(0, -1)) {
    const vertex = vertexOf(bytes, definition, { lineCounts, isTold });
    vertices.set(vertex.digest, vertex);
  }
  const result = terminal === undefined ? undefined : resultOf(terminal);
  checkEdges(vertices, result);
  return { vertices, result, sources };
}

/** As `GatewayBuild.solveDefinition` takes it. */
export function encodeDefinition(definition: pb.Definition.$Properties): Uint8Array {
  return pb.Definition.encode(definition).finish();
}

/**
 * The smallest definition whose result is `edge`, encoded: the ops it needs as received, in their order, and a new terminal op.
 * `isSettled`: of vertices that are sent without "ignore cache", which is no part of an op. Each time BuildKit (0.8 to 0.32)
 * loads an op with it, it empties the cache mounts that the op names, also when the op is not run.
 * @throws {BktuiError} "bad-request" for an op that would take the daemon down, "internal" for an unknown vertex.
 */
export function encodeSubDefinition(
  graph: Graph,
  edge: Edge,
  isSettled: (vertex: Digest) => boolean = () => false,
): Uint8Array {
  // Encoded messages one behind the other are one message with the fields of all.
  const parts: Uint8Array[] = [];
  for (const digest of closure(graph, edge)) {
    const vertex = graph.vertices.get(digest);
    if (vertex !== undefined) parts.push(encodedPart(vertex, isSettled(digest)));
  }
  // Engines look for no metadata of the terminal op (BuildKit 0.8 and 0.25), so its digest is not needed.
  parts.push(encodeDefinition({ def: [terminalOf(edge)] }));
  return Buffer.concat(parts);
}

interface Part {
  /** Its metadata says nothing of the cache. */
  readonly isPlain: boolean;
  readonly encoded: Uint8Array;
}

/** Each step of a walk sends what the steps before it have sent. */
const sentParts = new WeakMap<Vertex, Part>();

function encodedPart(vertex: Vertex, isSettled: boolean): Uint8Array {
  const isPlain = isSettled || !vertex.ignoreCache;
  const known = sentParts.get(vertex);
  if (known?.isPlain === isPlain) return known.encoded;
  const pieces: Pieces = { def: [], metadata: {} };
  addVertex(pieces, vertex, isSettled);
  const encoded = encodeDefinition(pieces);
  sentParts.set(vertex, { isPlain, encoded });
  return encoded;
}

/** @throws {BktuiError} as `encodeSubDefinition`. */
function addVertex({ def, metadata }: Pieces, vertex: Vertex, isSettled: boolean): void {
  refuseCrash(vertex);
  def.push(vertex.bytes);
  metadata[vertex.digest] = isSettled ? withCache(vertex.metadata) : vertex.metadata;
}

/** A definition that is being put together. */
interface Pieces {
  readonly def: Uint8Array[];
  readonly metadata: Record<string, Uint8Array>;
}

/**
 * What the edges need, as received.
 * @throws {BktuiError} as `encodeSubDefinition`.
 */
export function opsUnder(
  graph: Graph,
  edges: readonly Edge[],
  isSettled: (vertex: Digest) => boolean,
): Pieces {
  const pieces: Pieces = { def: [], metadata: {} };
  for (const digest of closure(graph, ...edges)) {
    const vertex = graph.vertices.get(digest);
    if (vertex !== undefined) addVertex(pieces, vertex, isSettled(digest));
  }
  return pieces;
}

/** Makes an edge the result. */
export function addTerminal({ def, metadata }: Pieces, edge: Edge): void {
  const terminal = terminalOf(edge);
  def.push(terminal);
  metadata[digestOfOp(terminal)] = new Uint8Array();
}

function terminalOf({ vertex, output }: Edge): Uint8Array {
  return pb.Op.encode({ inputs: [{ digest: vertex, index: output }] }).finish();
}

/** `OpMetadata.ignore_cache` is field 1, a boolean; encoders write fields in the order of their numbers. */
function withCache(metadata: Uint8Array): Uint8Array {
  const ignoreCacheTag = 0x08;
  return metadata[0] === ignoreCacheTag ? metadata.subarray(2) : metadata;
}

/** The digest by which BuildKit knows an op; only ever of bytes that are sent or were received as they are. */
export function digestOfOp(bytes: Uint8Array): Digest {
  return digestOf(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
}

/**
 * BuildKit reads an ssh mount's options without looking whether there are any, see containers.ts; and a merge or difference
 * of nothing ends a dockerd 28.5.
 */
function refuseCrash(vertex: Vertex): void {
  const { kind, inputs, name, rootInput } = vertex;
  if ((kind === "merge" && rootInput === undefined) || (kind === "diff" && inputs.length === 0))
    throw new BktuiError(
      "bad-request",
      `not sent, as it would crash the engine: ${name} is a ${kind} of nothing`,
    );
  const naked = vertex.exec?.mounts.find((mount) => mount.kind === "ssh" && mount.secret === undefined);
  if (naked === undefined) return;
  const what = `${vertex.name} has an ssh mount at "${naked.dest}" without ssh options`;
  throw new BktuiError("bad-request", `not sent, as it would crash the engine: ${what}`);
}

function vertexOf(
  bytes: Uint8Array,
  definition: Definition,
  { lineCounts, isTold }: { readonly lineCounts: readonly number[]; readonly isTold: boolean },
): Vertex {
  const digest = digestOfOp(bytes);
  const op = decode("op", () => pb.Op.decode(bytes));
  const metadataBytes = definition.metadata?.[digest] ?? new Uint8Array();
  const metadata = decode("op metadata", () => pb.OpMetadata.decode(metadataBytes));
  const description = metadata.description ?? {};
  const inputs = (op.inputs ?? []).map(edgeOf);
  const root: Root = rootOf(op, inputs.length);
  return {
    digest,
    kind: kindOf(op),
    inputs,
    name: clipText(description["llb.customname"] ?? plainName(op), limits.nameCharacters),
    command: description["com.docker.dockerfile.v1.command"] ?? "",
    ranges: rangesOf(definition, digest, lineCounts),
    progressGroup: metadata.progressGroup?.id || undefined,
    exec: op.exec ? execOf(op.exec, inputs.length) : undefined,
    fileActions: op.file ? fileActionsOf(op.file, inputs.length) : [],
    identifier: op.source?.identifier || undefined,
    rootOutput: root.output,
    rootInput: root.input,
    platform: platformOf(op),
    ignoreCache: metadata.ignoreCache ?? false,
    words: isTold ? undefined : opWords(op, metadata, { inputs, rootInput: root.input, bytes }),
    bytes,
    metadata: metadataBytes,
  };
}

/** protobufjs throws plain errors on malformed bytes. */
function decode<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const malformed = `the engine sent a malformed ${what}`;
    const options = { cause: error };
    throw new BktuiError("engine", malformed, options);
  }
}

function kindOf(op: Op): OpKind {
  return op.op ?? "unknown";
}

/** For definitions without names (raw LLB): the words that BuildKit's own progress uses. */
function plainName(op: Op): string {
  return op.exec?.meta?.args?.join(" ") || op.source?.identifier || kindOf(op);
}

function edgeOf(input: pb.Input.$Shape): Edge {
  return { vertex: digestOf(input.digest), output: numberOf(input.index) };
}

function resultOf(terminal: Uint8Array): Edge | undefined {
  const op = decode("op", () => pb.Op.decode(terminal));
  if (op.op !== undefined) throw new BktuiError("engine", "the engine sent a definition without a result");
  const input = op.inputs?.[0];
  return input === undefined ? undefined : edgeOf(input);
}

/** What follows relies on inputs coming first and on every edge leading somewhere. */
function checkEdges(vertices: ReadonlyMap<Digest, Vertex>, result: Edge | undefined): void {
  const seen = new Set<Digest>();
  const check = ({ vertex }: Edge): void => {
    if (!seen.has(vertex)) {
      throw new BktuiError("engine", `the engine sent a definition in which ${vertex} is used but missing`);
    }
  };
  for (const vertex of vertices.values()) {
    vertex.inputs.forEach(check);
    seen.add(vertex.digest);
  }
  if (result !== undefined) check(result);
}

function platformOf(op: Op): string {
  const { OS, Architecture, Variant } = op.platform ?? {};
  return [OS, Architecture, Variant].filter((part) => part).join("/");
}

function sourceFile(info: pb.SourceInfo.$Shape): SourceFile {
  return {
    filename: info.filename ?? "",
    text: Buffer.from(info.data ?? []).toString("utf8"),
    language: info.language ?? "",
  };
}

/**
 * A vertex has one location per place (identical instructions), and a location one range per line (continuations).
 * What lies outside of the text is left out: others go from line to line.
 */
function rangesOf(definition: Definition, digest: Digest, lineCounts: readonly number[]): SourceRange[] {
  const locations = definition.Source?.locations?.[digest]?.locations ?? [];
  return locations.flatMap((location) => {
    const source = location.sourceIndex ?? 0;
    const lines = lineCounts[source] ?? 0;
    return (location.ranges ?? []).flatMap((range) => rangeOf(range, source, lines));
  });
}

function rangeOf(range: pb.Range.$Shape, source: number, lines: number): SourceRange[] {
  const start = range.start?.line ?? 0;
  if (start < 1 || start > lines) return [];
  const end = Math.min(Math.max(start, range.end?.line || start), lines);
  return [{ source, start: lineOf(start), end: lineOf(end) }];
}
