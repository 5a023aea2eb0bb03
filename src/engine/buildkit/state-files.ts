/** Files of a solved state, read through the engine without a process. */
import { BktuiError } from "../../base/errors.ts";
import { bridge } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import { RpcError } from "../../transport/rpc-error.ts";
import type { FileEntry } from "../engine.ts";

type Metadata = readonly (readonly [string, string])[];
type Signal = { readonly signal: AbortSignal };

/** Go's `fs.FileMode`, which BuildKit sends as it is: directory, link, and all that are not plain files. */
const DIRECTORY_BIT = 0x8000_0000;
const LINK_BIT = 0x0800_0000;
const OTHER_BITS = 0x0728_0000;
const PERMISSION_BITS = 0o777;

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
    return (entries ?? [])
      .map(({ path: name, mode, size }) => ({
        name: name ?? "",
        kind: kindOf(mode ?? 0),
        size: Number(size ?? 0),
        mode: (mode ?? 0) & PERMISSION_BITS,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw notFound(path, error);
  }
}

/** @throws {BktuiError} "not-found" when the path is no file. */
export async function readFileStart(
  channel: Channel,
  metadata: Metadata,
  { ref, path, length }: { readonly ref: string; readonly path: string; readonly length: number },
  { signal }: Signal,
): Promise<Uint8Array> {
  try {
    const { Data: data } = await channel.unary(
      bridge.readFile,
      { Ref: ref, FilePath: path, Range: { Offset: 0, Length: length } },
      { metadata, signal },
    );
    return data ?? new Uint8Array();
  } catch (error) {
    throw notFound(path, error);
  }
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
