/** A definition that another program has made, in place of a frontend's answer. */
import { constants, open } from "node:fs/promises";
import type { pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Graph } from "../../graph/graph.ts";
import { parseDefinitionFile } from "../../protocol/definition-file.ts";
import { decodeDefinition } from "../../protocol/llb.ts";
import { definitionOf } from "../../protocol/llb-dump.ts";
import { inSession } from "../../protocol/llb-session.ts";
import { describeSystemError } from "../../session/files/file-problem.ts";
import type { BuildRequest } from "../build-request.ts";
import { type DefinitionSource, definitionPath } from "../build-sources.ts";
import { wantsOutputs } from "./exporters.ts";
import type { FrontendResult } from "./gateway-build.ts";
import { imageConfigOf } from "./image-config.ts";
import { localNameOf } from "./source-options.ts";

/** As a frontend would answer. */
export interface ReadDefinition {
  readonly answer: FrontendResult;
  readonly graph: Graph;
  /** Things to say, one line each. */
  readonly notes: readonly string[];
}

const CONFIG = "containerimage.config";
/** `OpMetadata.ignore_cache`, field 1 of a message. */
const IGNORE_CACHE = Uint8Array.of(0x08, 0x01);
const LOCAL = "local://";

/**
 * @param options.isBuilt false: it is only looked at, and needs no directories
 * @param options.session that directories are read from
 * @throws {BktuiError} "io" when a file cannot be read, "bad-request" for what is wrong in it, with the place.
 */
export async function readDefinition(
  request: BuildRequest,
  source: DefinitionSource,
  { isBuilt = true, session }: { readonly isBuilt?: boolean; readonly session?: string } = {},
): Promise<ReadDefinition> {
  const path = definitionPath(source);
  const name = typeof source.file === "string" ? visibleLine(path) : `the definition of ${source.file.of}`;
  const bytes = await contentOf(path, "definition", limits.definitionBytes);
  const file = parseDefinitionFile(bytes, name);
  const { notes } = file;
  const definition = request.noCache ? withoutCache(file.definition) : file.definition;
  const read = decodeDefinition(definition);
  const graph = session === undefined ? read : inSession(read, session);
  checkSize(graph, name);
  if (isBuilt) checkDirectories(graph, request, source);
  const given =
    source.imageConfig === undefined
      ? undefined
      : await contentOf(source.imageConfig, "image configuration", limits.imageConfigBytes);
  const config = imageConfigOf(graph, request.labels, {
    file: given === undefined ? undefined : { bytes: given, path: source.imageConfig ?? "" },
    own: file.imageConfig,
  });
  const isSaid = config.isDefault && wantsOutputs(request);
  return {
    answer: {
      ref: { id: "", def: definitionOf(graph) },
      metadata: { [CONFIG]: Buffer.from(JSON.stringify(config.image)) },
    },
    graph,
    notes: isSaid ? [...notes, WITHOUT_CONFIG] : notes,
  };
}

const WITHOUT_CONFIG =
  "a definition says nothing of the image's command, user and variables: it gets a PATH alone; --image-config FILE says more";

/** Of regular files only: whatever else is named could keep this waiting. */
async function contentOf(path: string, what: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile())
      throw new BktuiError(
        "bad-request",
        `the ${what} ${path} is ${facts.isDirectory() ? "a directory" : "no regular file"}`,
        { hint: "name a file; what a program writes is taken with: PROGRAM | bktui --llb -" },
      );
    if (facts.size > maxBytes) throw tooLarge(`the ${what} ${path} has ${facts.size} bytes`, maxBytes);
    return await handle.readFile();
  } catch (error) {
    if (error instanceof BktuiError) throw error;
    const code = isMissing(error) ? "not-found" : "io";
    throw new BktuiError(code, `cannot read the ${what} ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function tooLarge(what: string, maxBytes: number): BktuiError {
  return new BktuiError("bad-request", `${what}; bktui reads ${maxBytes} at most`, {
    hint: "BuildKit takes 16 MiB of operations; is this a definition?",
  });
}

/** The engine would refuse it without a word of why. */
function checkSize({ vertices }: Graph, name: string): void {
  let bytes = 0;
  for (const vertex of vertices.values()) bytes += vertex.bytes.length + vertex.metadata.length;
  if (bytes > limits.messageBytes)
    throw tooLarge(`the operations of ${name} have ${bytes} bytes`, limits.messageBytes);
}

/** As `buildctl build --no-cache` does. */
function withoutCache({ def, metadata, Source }: pb.Definition.$Shape): pb.Definition.$Shape {
  const { vertices } = decodeDefinition({ def: def ?? [], metadata: metadata ?? {} });
  const ignoring = Object.fromEntries(
    [...vertices.values()].map(({ digest, ignoreCache, metadata: bytes }) => [
      digest,
      ignoreCache ? bytes : Buffer.concat([IGNORE_CACHE, bytes]),
    ]),
  );
  return { def: def ?? [], metadata: { ...metadata, ...ignoring }, Source: Source ?? null };
}

/** A directory that nobody serves would end the build without its name. */
function checkDirectories(
  { vertices }: Graph,
  { contexts }: BuildRequest,
  { locals }: DefinitionSource,
): void {
  const served = new Set([...Object.keys(locals), ...contexts.map(({ name }) => localNameOf(name))]);
  for (const { identifier } of vertices.values()) {
    const wanted = identifier?.startsWith(LOCAL) === true ? identifier.slice(LOCAL.length) : undefined;
    if (wanted === undefined || served.has(wanted)) continue;
    throw new BktuiError(
      "bad-request",
      `the definition reads the directory ${JSON.stringify(visibleLine(wanted))}, which is not given`,
      { hint: `give it: --local ${visibleLine(wanted)}=DIRECTORY` },
    );
  }
}
