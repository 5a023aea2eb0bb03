/** Files of a solved state, read through the engine without a process. */
import { posix } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { fsutil } from "#proto";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { bridge } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";
import type { FileEntry, FilePart } from "../engine.ts";
import type { StateQueue } from "./state-queue.ts";

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
const MOST_TRIES = 4;
/** Before the second try; a little more before each later one. */
const RETRY_MS = 100;

export interface StateReads {
  readonly channel: Channel;
  readonly queue: StateQueue;
  readonly metadata: Metadata;
}

/**
 * Sorted by name.
 * @throws {BktuiError} "not-found" when the path is no directory.
 */
export async function readDirectory(
  reads: StateReads,
  { ref, path }: { readonly ref: string; readonly path: string },
  { signal }: Signal,
): Promise<readonly FileEntry[]> {
  const { entries } = await asked(reads, { ref, path }, { signal }, (call) =>
    reads.channel.unary(bridge.readDir, { Ref: ref, DirPath: path }, call),
  );
  return (entries ?? []).map(entryOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether there is anything, of whatever kind. A link leads on to its target, within the state (BuildKit 0.8 to 0.32). */
export async function pathExists(
  reads: StateReads,
  { ref, path }: { readonly ref: string; readonly path: string },
  { signal }: Signal,
): Promise<boolean> {
  try {
    await asked(reads, { ref, path }, { signal }, (call) =>
      reads.channel.unary(bridge.statFile, { Ref: ref, Path: path }, call),
    );
    return true;
  } catch (error) {
    if (error instanceof BktuiError && error.code === "not-found") return false;
    throw error;
  }
}

/** @throws {BktuiError} "not-found" when the path is no file. A read of a pipe would never end: it is not begun. */
export async function readFilePart(
  reads: StateReads,
  place: { readonly ref: string; readonly path: string; readonly offset?: number; readonly length: number },
  { signal }: Signal,
): Promise<FilePart> {
  const { channel } = reads;
  const { ref, path, offset = 0, length } = place;
  return await asked(reads, place, { signal }, async (call, unwanted) => {
    const { size } = await fileAt((at) => {
      throwIfCancelled(unwanted);
      return channel.unary(bridge.statFile, { Ref: ref, Path: at }, call);
    }, path);
    // There is nothing to read; BuildKit would answer with an error.
    if (offset >= size) return { bytes: new Uint8Array(), size };
    throwIfCancelled(unwanted);
    const request = { Ref: ref, FilePath: path, Range: { Offset: offset, Length: length } };
    const { Data: data } = await channel.unary(bridge.readFile, request, call);
    return { bytes: data ?? new Uint8Array(), size };
  });
}

/** What only says that the engine was disturbed is asked again, and never taken for an answer. */
async function asked<T>(
  { queue, metadata }: StateReads,
  { ref, path }: { readonly ref: string; readonly path: string },
  { signal }: Signal,
  question: (call: { readonly metadata: Metadata } & Signal, unwanted: AbortSignal) => Promise<T>,
): Promise<T> {
  return await queue.ask(
    ref,
    async (asking) => {
      for (let tries = 1; ; tries += 1) {
        throwIfCancelled(asking.unwanted);
        try {
          return await question({ metadata, signal: asking.signal }, asking.unwanted);
        } catch (error) {
          throwIfCancelled(asking.unwanted);
          if (!isDisturbed(error)) throw notFound(path, error);
          if (tries === MOST_TRIES) throw unanswered(path, error);
          await delay(RETRY_MS * tries);
        }
      }
    },
    { signal },
  );
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

/**
 * What the kernel said of a path in the state, which the engine has mounted somewhere. Of a place outside of it, such as a
 * layer that is gone, the same words are no answer. BuildKit (0.8 to 0.25) tells it by the text only.
 */
const ABSENT =
  /^(?:resolve : )?(?:l?stat|open|read|readlink|walk) ([\s\S]*): (?:no such file or directory|not a directory|is a directory|file name too long)$/;
/** BuildKit's own mount; Docker 20.10 reads some states where its graph driver has them. */
const IN_A_MOUNT = /\/(?:buildkit-mount\d+|merged|(?:vfs\/dir|subvolumes|mnt)\/[^/]+)\//;
const OTHERWISE_ABSENT = /^too many links$|: file does not exist$/;

function notFound(path: string, error: unknown): unknown {
  if (!(error instanceof RpcError) || error.code !== "engine") return error;
  const place = ABSENT.exec(error.message)?.[1];
  const isAbsent = place === undefined ? OTHERWISE_ABSENT.test(error.message) : isInState(place, path);
  return isAbsent ? new BktuiError("not-found", `${path} is not in this state`, { cause: error }) : error;
}

function isInState(place: string, path: string): boolean {
  return place.endsWith(path) || IN_A_MOUNT.test(place);
}

/** Calls meet within the engine: BuildKit's `flightcontrol` gives up, or ends one call with the cancellation of another. */
function isDisturbed(error: unknown): boolean {
  if (!(error instanceof RpcError) || ABSENT.test(error.message)) return false;
  const interrupted: readonly number[] = [grpcCode.cancelled, grpcCode.deadline];
  return (
    interrupted.includes(error.grpcCode) ||
    /^flightcontrol: |(?:^|: )context (?:canceled|deadline exceeded)$/.test(error.message)
  );
}

function unanswered(path: string, error: unknown): BktuiError {
  const why = error instanceof BktuiError ? error.message : String(error);
  return new BktuiError("engine", `the engine did not say what is at ${path}: ${why}`, {
    cause: error,
    hint: "It was asked several times; look again when it has less to do.",
  });
}
