/** Writes definitions of states that are exported: one put together from archives, or one that a build has. */
import { createHash } from "node:crypto";
import { pb } from "#proto";
import { BktuiError } from "../base/errors.ts";
import type { Edge, Graph, Vertex } from "../graph/graph.ts";
import { addTerminal, digestOfOp, encodeDefinition, opsUnder } from "./llb.ts";

/** A file that is put into a state, in a directory of its own. */
export interface AddedFile {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
  readonly text: string;
  /** Epoch seconds; undefined = the time at which it is made. */
  readonly atSeconds: number | undefined;
}

/** BuildKit's "none", of times and of permission bits. */
const NONE = -1;
const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;
const ARCHIVE = "state.tar";
const PLATFORM = { OS: "linux", Architecture: "amd64" };

type Action = pb.FileAction.$Properties;

/**
 * What the archives hold, unpacked over each other onto nothing, in their order: one layer. Each is a tar that the session
 * uploads under its id. No step of any build has such an op, so nothing of it is ever taken for a step's result.
 */
export function archivesDefinition(ids: readonly string[], added: AddedFile | undefined): Uint8Array {
  const sources = ids.map((id) =>
    pb.Op.encode({
      source: { identifier: `http://buildkit-session/${id}`, attrs: { "http.filename": ARCHIVE } },
      platform: PLATFORM,
    }).finish(),
  );
  const unpacked = ids.map(
    (_, index): Action => ({
      input: index === 0 ? NONE : ids.length + index - 1,
      secondaryInput: index,
      output: NONE,
      copy: {
        src: `/${ARCHIVE}`,
        dest: "/",
        mode: NONE,
        timestamp: NONE,
        createDestPath: true,
        attemptUnpackDockerCompatibility: true,
      },
    }),
  );
  const all = [...unpacked, ...additions(added, ids.length + ids.length - 1)];
  const last = all.at(-1);
  if (last !== undefined) last.output = 0;
  const inputs = sources.map((bytes) => ({ digest: digestOfOp(bytes), index: 0 }));
  const file = pb.Op.encode({ inputs, file: { actions: all }, platform: PLATFORM }).finish();
  const metadata: Record<string, Uint8Array> = {};
  for (const bytes of sources)
    metadata[digestOfOp(bytes)] = named("[internal] read the state out of its container");
  metadata[digestOfOp(file)] = named("[internal] put the state together");
  const pieces = { def: [...sources, file], metadata };
  addTerminal(pieces, { vertex: digestOfOp(file), output: 0 });
  return encodeDefinition(pieces);
}

/**
 * An edge of a build with a file over it. Its vertices exist, so they are sent without "ignore cache", which would only empty
 * their cache mounts once more.
 */
export function withFile(graph: Graph, edge: Edge, added: AddedFile | undefined): Uint8Array {
  return finished(
    opsUnder(graph, [edge], () => true),
    edge,
    added,
  );
}

/** How the failing command is run once more, so that its end does not matter. */
export interface Rerun {
  /** The engine takes any exit code for a success (BuildKit >= 0.17); else a shell of the image does. */
  readonly acceptsAll: boolean;
  /** Random, and part of the op: no result of it is ever found in a cache. */
  readonly seed: string;
}

/** What a command leaves when it is run again, whatever it ends with. @throws {BktuiError} "unsupported" when it runs none. */
export function rerunDefinition(
  graph: Graph,
  vertex: Vertex,
  { acceptsAll, seed }: Rerun,
  added: AddedFile | undefined,
): Uint8Array {
  const op = pb.Op.decode(vertex.bytes);
  const { exec } = op;
  if (exec?.meta == null)
    throw new BktuiError("unsupported", `${vertex.name} runs no command that could be run again`);
  const { meta } = exec;
  const codes = shuffled(
    Array.from({ length: EXIT_CODES }, (_, code) => code),
    seed,
  );
  const again = pb.Op.encode({
    ...op,
    exec: {
      ...exec,
      meta: acceptsAll
        ? { ...meta, validExitCodes: codes }
        : { ...meta, args: ["/bin/sh", "-c", '"$@"; exit 0', `bktui-${seed}`, ...(meta.args ?? [])] },
    },
  }).finish();
  const metadata = pb.OpMetadata.decode(vertex.metadata);
  const pieces = opsUnder(graph, vertex.inputs, () => true);
  pieces.def.push(again);
  const digest = digestOfOp(again);
  pieces.metadata[digest] = pb.OpMetadata.encode({
    ...metadata,
    ignoreCache: false,
    caps: { ...metadata.caps, ...(acceptsAll ? { [ACCEPTS_EXIT_CODES]: true } : {}) },
  }).finish();
  return finished(pieces, { vertex: digest, output: vertex.rootOutput }, added);
}

/** LLB capability. */
export const ACCEPTS_EXIT_CODES = "exec.validexitcode";
const EXIT_CODES = 256;

/** In an order that is as random as the seed. */
function shuffled(codes: readonly number[], seed: string): number[] {
  const key = (code: number): string => createHash("sha256").update(`${seed} ${code}`).digest("hex");
  return codes
    .map((code) => ({ code, key: key(code) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ code }) => code);
}

function finished(
  { def, metadata }: ReturnType<typeof opsUnder>,
  edge: Edge,
  added: AddedFile | undefined,
): Uint8Array {
  const actions = additions(added, 0);
  const last = actions.at(-1);
  if (last === undefined) {
    addTerminal({ def, metadata }, edge);
    return encodeDefinition({ def, metadata });
  }
  last.output = 0;
  const inputs = [{ digest: edge.vertex, index: edge.output }];
  const file = pb.Op.encode({ inputs, file: { actions }, platform: PLATFORM }).finish();
  def.push(file);
  metadata[digestOfOp(file)] = named("[internal] add the command to the state");
  addTerminal({ def, metadata }, { vertex: digestOfOp(file), output: 0 });
  return encodeDefinition({ def, metadata });
}

/** @param onto what the first action works on; it is an input of the op, or an action before */
function additions(added: AddedFile | undefined, onto: number): Action[] {
  if (added === undefined) return [];
  const { directory, name, text, atSeconds } = added;
  const timestamp = atSeconds === undefined ? NONE : atSeconds * 1_000_000_000;
  const below = (input: number): Pick<Action, "input" | "secondaryInput" | "output"> => ({
    input,
    secondaryInput: NONE,
    output: NONE,
  });
  return [
    { ...below(onto), mkdir: { path: directory, mode: DIRECTORY_MODE, makeParents: true, timestamp } },
    {
      ...below(nextAfter(onto)),
      mkfile: { path: `${directory}/${name}`, mode: FILE_MODE, data: Buffer.from(text), timestamp },
    },
  ];
}

/** Results of actions are counted behind the inputs; with one input the first action's is 1. */
function nextAfter(onto: number): number {
  return onto + 1;
}

function named(shownAs: string): Uint8Array {
  return pb.OpMetadata.encode({ description: { "llb.customname": shownAs } }).finish();
}
