/** Writes definitions of states that are exported: one put together from archives, or one that a build has. */
import { pb } from "#proto";
import type { Edge, Graph } from "../graph/graph.ts";
import { addTerminal, digestOfOp, opsUnder } from "./llb.ts";

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
export function archivesDefinition(
  ids: readonly string[],
  added: AddedFile | undefined,
): pb.Definition.$Properties {
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
  return pieces;
}

/**
 * An edge of a build with a file over it. Its vertices exist, so they are sent without "ignore cache", which would only empty
 * their cache mounts once more.
 */
export function withFile(graph: Graph, edge: Edge, added: AddedFile | undefined): pb.Definition.$Properties {
  const { def, metadata } = opsUnder(graph, [edge], () => true);
  if (added === undefined) {
    addTerminal({ def, metadata }, edge);
    return { def, metadata };
  }
  const actions = additions(added, 0);
  const last = actions.at(-1);
  if (last !== undefined) last.output = 0;
  const inputs = [{ digest: edge.vertex, index: edge.output }];
  const file = pb.Op.encode({ inputs, file: { actions }, platform: PLATFORM }).finish();
  def.push(file);
  metadata[digestOfOp(file)] = named("[internal] add the command to the state");
  addTerminal({ def, metadata }, { vertex: digestOfOp(file), output: 0 });
  return { def, metadata };
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
