/** A file that the daemon sends as one stream: a tar of the result, or of an image. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  createWriteStream,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { access, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { BktuiError } from "../../base/errors.ts";
import { describeSystemError } from "../files/file-problem.ts";
import { removeLeft, temporaryName } from "./temporary-names.ts";

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EFBIG: "the file would be too large for this file system",
  EPIPE: "nobody reads any more",
};

/** Another place has room. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/** Where the bytes of one output go. Disposing without `commit` leaves nothing behind, as far as that is possible. */
export interface ByteSink extends AsyncDisposable {
  readonly bytes: number;
  /** Resolves when more may be written. @throws {BktuiError} "io" with the reason. */
  write(data: Uint8Array): Promise<void>;
  /** The engine has sent all. */
  end(): Promise<void>;
  /** The whole build went well. */
  commit(): void;
}

/**
 * Opens the destination as docker's client has it: directories on the way are made, a link is followed, a file that is there
 * keeps its mode and owner. But what is there stays untouched until all has been received, and is then replaced at once.
 * A pipe or device is written to directly.
 * @param path absolute
 * @param options.isPrivate nobody but its owner may read the file, whatever was there
 * @throws {BktuiError} "io" naming the path.
 */
export async function openFileSink(
  path: string,
  { isPrivate = false }: { readonly isPrivate?: boolean } = {},
): Promise<ByteSink> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined) return new FileSink(path, undefined, isPrivate);
    if (there.isDirectory()) throw new BktuiError("io", `destination file ${path} is a directory`);
    await access(path, constants.W_OK);
    return there.isFile()
      ? new FileSink(await realpath(path), isPrivate ? undefined : there, isPrivate)
      : new StreamSink(createWriteStream(path), { where: path, ends: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Writes beside the destination, and takes its name at last. */
class FileSink implements ByteSink {
  bytes = 0;
  readonly #path: string;
  readonly #temporary: string;
  #fd: number | undefined;
  #isCommitted = false;

  constructor(path: string, there: Stats | undefined, isPrivate: boolean) {
    this.#path = path;
    removeLeft(dirname(path));
    this.#temporary = join(dirname(path), temporaryName());
    this.#fd = openSync(this.#temporary, NEW_FILE, isPrivate ? 0o600 : 0o666);
    if (there === undefined) return;
    try {
      if (there.uid !== process.getuid?.() || there.gid !== process.getgid?.())
        chownSync(this.#temporary, there.uid, there.gid);
    } catch {
      // Only root gives files away; the content is what counts.
    }
    chmodSync(this.#temporary, there.mode & 0o7777);
  }

  async write(data: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < data.length; ) at += writeSync(this.#open, data, at);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.bytes += data.length;
  }

  async end(): Promise<void> {
    this.#close();
  }

  commit(): void {
    try {
      renameSync(this.#temporary, this.#path);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#isCommitted = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    if (!this.#isCommitted) rmSync(this.#temporary, { force: true });
  }

  get #open(): number {
    if (this.#fd === undefined)
      throw new BktuiError("engine", `the engine sent more for ${basename(this.#path)} after its end`);
    return this.#fd;
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Passes the bytes on as they come; what has gone cannot be taken back. */
export class StreamSink implements ByteSink {
  bytes = 0;
  readonly #stream: Writable;
  readonly #where: string;
  readonly #ends: boolean;
  readonly #failed: Promise<never>;

  /** @param options.ends whether the stream is closed behind the last byte */
  constructor(stream: Writable, { where, ends }: { readonly where: string; readonly ends: boolean }) {
    this.#stream = stream;
    this.#where = where;
    this.#ends = ends;
    this.#failed = new Promise((_, reject) => {
      stream.once("error", (error) => reject(cannotWrite(where, error)));
      stream.once("close", () => reject(cannotWrite(where, new Error("nobody reads any more"))));
    });
    this.#failed.catch(() => undefined);
  }

  async write(data: Uint8Array): Promise<void> {
    // What is received is a view of a buffer that is used again.
    const written = new Promise<void>((resolve, reject) => {
      this.#stream.write(Uint8Array.from(data), (error) =>
        error === null || error === undefined ? resolve() : reject(cannotWrite(this.#where, error)),
      );
    });
    await Promise.race([written, this.#failed]);
    this.bytes += data.length;
  }

  async end(): Promise<void> {
    if (!this.#ends) return;
    await Promise.race([new Promise<void>((resolve) => this.#stream.end(resolve)), this.#failed]);
  }

  commit(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ends) this.#stream.destroy();
  }
}

/** Why nothing was written to a path, in words, and what to do. */
export function cannotWrite(path: string, cause: unknown): BktuiError {
  if (cause instanceof BktuiError) return cause;
  const text = describeSystemError(cause);
  const why =
    SYSTEM_WORDS[text] ?? (cause instanceof Error && text === "unknown reason" ? cause.message : text);
  const hint = FULL.has(text) ? { hint: "make room there, or name a place elsewhere" } : {};
  return new BktuiError("io", `cannot write ${path}: ${why}`, { cause, ...hint });
}

/** What the system has said, somewhere among the causes, when there is no room left. */
export function fullIn(error: unknown): Error | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (FULL.has(describeSystemError(at))) return at;
  return undefined;
}
