/** Opens a file only if it is still the one that was announced. */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { type BytePath, fromBytes, joinBytes, toBytes } from "./byte-path.ts";
import type { Entry } from "./walk.ts";

/** An entry's place is taken by something else. */
export const REPLACED = Symbol("replaced");

// Without O_NONBLOCK, opening a fifo that has taken a file's place would hang.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** An open file; `bytes` is its present size. The caller closes it. */
export interface OpenedFile {
  readonly fd: number;
  readonly bytes: number;
}

/**
 * Opens exactly the regular file that a walk has seen: same device and inode, reached without any link, so that a
 * swapped file or directory cannot lead out of the root.
 * @throws the system's error when it cannot be opened.
 */
export function openEntry(root: BytePath, entry: Entry): OpenedFile | typeof REPLACED {
  const path = joinBytes(root, entry.path);
  const fd = openSync(toBytes(path), flags);
  try {
    const stats = fstatSync(fd, { bigint: true });
    const same = stats.isFile() && stats.dev === entry.device && stats.ino === entry.inode;
    if (same && isAt(fd, path)) return { fd, bytes: Number(stats.size) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return REPLACED;
}

/** Whether an open file lies where its path says, with no link among its directories. */
function isAt(fd: number, path: BytePath): boolean {
  if (process.platform === "linux") {
    const link = readlinkIfPossible(`/proc/self/fd/${fd}`);
    if (link !== undefined) return link === path;
  }
  return fromBytes(realpathSync.native(toBytes(path), { encoding: "buffer" })) === path;
}

/** undefined where /proc is not mounted. */
function readlinkIfPossible(path: string): BytePath | undefined {
  try {
    return fromBytes(readlinkSync(path, { encoding: "buffer" }));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES")) {
      return undefined;
    }
    throw error;
  }
}
