/** Files of a solved state, read through the engine without a process. */
import { posix } from "node:path";
import type { fsutil } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { bridge } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import { RpcError } from "../../transport/rpc-error.ts";
import type { FileEntry, FilePart } from "../engine.ts";

type Metadata = readonly (readonly [string, string])[];
type Signal = { readonly signal: AbortSignal };

/** Go's `fs.FileMode`, which BuildKit sends as it is: directory, link, and all that are not plain files. */
const DIRECTORY_BIT = 0x8000_0000;
const LINK_BIT = 0x0800_0000;
const OTHER_BITS = 0x0728_0000;
const PERMISSION_BITS = 0o777;
/** Go's bit and the one that everybody else has: setuid, setgid, sticky. */
const SPECIAL_BITS = [
  [0x0080_0000, 0o4000],
  [0x0040_0000, 0o2000],
  [0x0010_0000, 0o1000],
] as const;
/** In a millisecond. */
const NANOSECONDS = 1_000_000;
/** As the kernel. */
const MOST_LINKS = 40;

/**
 * Sorted by name.
 * @throws {BktuiError} "not-found" when the path is no directory.
 */
export async function readDirectory(
  channel: Channel,
  metadata: Metadata,
  { ref, path }: { readonly ref: string; readonly path: string },
  { signal }: Signal,
): Promise<readonly FileEntry[]> {
  try {
    const { entries } = await channel.unary(
      bridge.readDir,
      { Ref: ref, DirPath: path },
      { metadata, signal },
    );
    return (entries ?? []).map(entryOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw notFound(path, error);
  }
}

/** @throws {BktuiError} "not-found" when the path is no file. A read of a pipe would never end: it is not begun. */
export async function readFilePart(
  channel: Channel,
  metadata: Metadata,
  place: { readonly ref: string; readonly path: string; readonly offset?: number; readonly length: number },
  { signal }: Signal,
): Promise<FilePart> {
  const { ref, path, offset = 0, length } = place;
  const call = { metadata, signal };
  try {
    const { size } = await fileAt((at) => channel.unary(bridge.statFile, { Ref: ref, Path: at }, call), path);
    // There is nothing to read; BuildKit would answer with an error.
    if (offset >= size) return { bytes: new Uint8Array(), size };
    const request = { Ref: ref, FilePath: path, Range: { Offset: offset, Length: length } };
    const { Data: data } = await channel.unary(bridge.readFile, request, call);
    return { bytes: data ?? new Uint8Array(), size };
  } catch (error) {
    throw notFound(path, error);
  }
}

/** BuildKit 0.8 to 0.32 looks through a link; should one not, its target is looked at, within the state. */
async function fileAt(
  stat: (path: string) => Promise<{ readonly stat?: fsutil.types.Stat.$Properties | null }>,
  path: string,
): Promise<FileEntry> {
  for (let at = path, links = 0; links <= MOST_LINKS; links += 1) {
    const entry = entryOf((await stat(at)).stat ?? {});
    if (entry.kind === "file") return entry;
    if (entry.kind !== "link") break;
    at = posix.resolve(posix.dirname(at), entry.target ?? "");
  }
  throw new BktuiError("not-found", `${path} is no file`);
}

function entryOf({
  path,
  mode = 0,
  size,
  linkname,
  uid,
  gid,
  modTime,
}: fsutil.types.Stat.$Properties): FileEntry {
  const kind = kindOf(mode ?? 0);
  return {
    name: path ?? "",
    kind,
    size: Number(size ?? 0),
    mode: permissionsOf(mode ?? 0),
    target: kind === "link" ? (linkname ?? "") : undefined,
    uid: uid ?? 0,
    gid: gid ?? 0,
    mtimeMs: Number(modTime ?? 0) / NANOSECONDS,
  };
}

function permissionsOf(mode: number): number {
  const special = SPECIAL_BITS.filter(([bit]) => (mode & bit) !== 0);
  return special.reduce((bits, [, own]) => bits | own, mode & PERMISSION_BITS);
}

function kindOf(mode: number): FileEntry["kind"] {
  if ((mode & DIRECTORY_BIT) !== 0) return "directory";
  if ((mode & LINK_BIT) !== 0) return "link";
  return (mode & OTHER_BITS) === 0 ? "file" : "other";
}

/** BuildKit (0.8 to 0.32) tells a missing path by its text only. */
function notFound(path: string, error: unknown): unknown {
  if (!(error instanceof RpcError) || error.code !== "engine") return error;
  if (!/no such file|not a directory|is a directory|not found/.test(error.message)) return error;
  return new BktuiError("not-found", `${path} is not in this state`, { cause: error });
}
