/** A file of a state as a file of the user's. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import type { ReadPart } from "./file-text.ts";

export interface FileCopy {
  readonly read: ReadPart;
  /** Absolute. */
  readonly target: string;
  /** Asked when something is there already; true = it is replaced. */
  mayReplace(what: "file" | "link"): Promise<boolean>;
}

/** A message may have 16 MB, and a piece of FAILED costs a process. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** What is in an image may be a secret: it is for its reader only. */
const MODE = 0o600;
const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Writes beside the target and renames: the target is there as a whole or not at all, and a link is replaced, never
 * followed. Answers the size in bytes, undefined when something was there that may not be replaced.
 * @throws {BktuiError} "io" when it cannot be written; nothing is left behind then.
 */
export async function copyFile(
  copy: FileCopy,
  { signal }: { readonly signal: AbortSignal },
): Promise<number | undefined> {
  const { target } = copy;
  const draft = join(dirname(target), `.bktui-${randomBytes(8).toString("hex")}`);
  try {
    const isThere = (await kindAt(target)) !== undefined;
    if (isThere && !(await isAllowed(copy))) return undefined;
    const size = await written(draft, copy.read, { signal });
    if (!isThere && !(await putNew(draft, copy))) return undefined;
    if (isThere) await rename(draft, target);
    return size;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new BktuiError("io", `cannot write ${target}: ${reasonOf(error)}`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

async function written(
  draft: string,
  read: ReadPart,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const file = await open(draft, NEW_FILE, MODE);
  try {
    return await filled(file, read, { signal });
  } finally {
    await file.close();
  }
}

async function filled(
  file: FileHandle,
  read: ReadPart,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  for (let offset = 0; ; ) {
    throwIfCancelled(signal);
    const { bytes, size } = await read({ offset, length: PIECE_BYTES }, { signal });
    await file.writeFile(bytes);
    offset += bytes.length;
    if (offset >= size) return offset;
    if (bytes.length === 0) throw new BktuiError("engine", `the engine sent ${offset} of ${size} bytes`);
  }
}

/** A hard link replaces nothing: what has come there meanwhile is asked about, too. */
async function putNew(draft: string, copy: FileCopy): Promise<boolean> {
  const { target } = copy;
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    // Some file systems have no hard links.
    if (!isSystemError(error)) throw error;
  }
  if ((await kindAt(target)) !== undefined && !(await isAllowed(copy))) return false;
  await rename(draft, target);
  return true;
}

async function isAllowed({ target, mayReplace }: FileCopy): Promise<boolean> {
  const kind = await kindAt(target);
  if (kind === "directory" || kind === "other") {
    const what = kind === "directory" ? "a directory" : "no file";
    throw new BktuiError("io", `cannot write ${target}: it is ${what}`);
  }
  return kind === undefined || (await mayReplace(kind));
}

async function kindAt(path: string): Promise<"file" | "link" | "directory" | "other" | undefined> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return "link";
    if (found.isDirectory()) return "directory";
    return found.isFile() ? "file" : "other";
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ENOSPC":
      return "no space left";
    case "EROFS":
      return "the file system is read-only";
    case "ENAMETOOLONG":
      return "the name is too long";
    default:
      return message;
  }
}
