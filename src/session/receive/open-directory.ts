/** A directory that is held open, and the names in it. */
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { type BytePath, fromText, joinBytes, toBytes } from "../files/byte-path.ts";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY;

/**
 * Reaches the names in a directory through its descriptor, as openat(2) would: nobody who may write to it or above it can
 * put a link on the way meanwhile. Where there is no /proc it goes by the path. Disposing closes it.
 */
export class OpenDirectory implements Disposable {
  readonly #fd: number;
  readonly #base: BytePath;

  /** Links on the way to the directory are followed. @throws the system's error. */
  static open(path: BytePath): OpenDirectory {
    return new OpenDirectory(path, FLAGS);
  }

  private constructor(path: BytePath, flags: number) {
    this.#fd = openSync(toBytes(path), flags);
    const descriptor = `/proc/self/fd/${this.#fd}`;
    this.#base = existsSync(descriptor) ? fromText(descriptor) : path;
  }

  /** For Node's file functions, while this is open. */
  at(name: BytePath): Buffer {
    return toBytes(joinBytes(this.#base, name));
  }

  /** The directory itself, for listing it. */
  get path(): Buffer {
    return toBytes(this.#base);
  }

  /** @throws the system's error; ENOTDIR or ELOOP when the name is a link or no directory. */
  inner(name: BytePath): OpenDirectory {
    return new OpenDirectory(joinBytes(this.#base, name), FLAGS | constants.O_NOFOLLOW);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
