/** Log lines on disk, in files that have no name: whatever ends this process gives their space back. */
import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { LineArchive } from "./line-archive.ts";

const SEGMENT_BYTES = 64 * 1024 * 1024;

export interface SpillFileOptions {
  /** For the moment in which the files have names. Default: the system's directory for temporary files. */
  readonly directory?: string;
  /** The oldest is given up beyond it. */
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
}

/**
 * An archive in files of the system's temporary directory. Each is opened in a directory of mode 0700 and unlinked at
 * once. Synchronous: a block goes to the page cache in some 50 µs, and rows are drawn synchronously.
 */
export class SpillFile implements LineArchive {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #maxSegments: number;
  /** Descriptors of the segments kept, by number. */
  readonly #segments = new Map<number, number>();
  #end = 0;
  #oldest = 0;

  constructor(options: SpillFileOptions = {}) {
    this.#directory = options.directory ?? tmpdir();
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#maxSegments = Math.max(
      1,
      Math.floor((options.maxBytes ?? limits.logDiskBytes) / this.#segmentBytes),
    );
  }

  get oldest(): number {
    return this.#oldest;
  }

  append(data: Uint8Array): number {
    const left = this.#segmentBytes - (this.#end % this.#segmentBytes);
    // A block lies in one segment.
    if (data.length > left) this.#end += left;
    const place = this.#end;
    try {
      const fd = this.#segment(Math.floor(place / this.#segmentBytes));
      for (let written = 0; written < data.length; ) {
        const position = (place % this.#segmentBytes) + written;
        written += writeSync(fd, data, written, data.length - written, position);
      }
    } catch (error) {
      throw ioError("keep log lines", this.#directory, error);
    }
    this.#end += data.length;
    return place;
  }

  read(place: number, bytes: number): Uint8Array {
    const data = Buffer.allocUnsafe(bytes);
    const fd = this.#segments.get(Math.floor(place / this.#segmentBytes));
    let read = 0;
    try {
      while (fd !== undefined && read < bytes) {
        const count = readSync(fd, data, read, bytes - read, (place % this.#segmentBytes) + read);
        if (count === 0) break;
        read += count;
      }
    } catch (error) {
      throw ioError("read log lines again", this.#directory, error);
    }
    if (read < bytes) throw new BktuiError("io", `log lines in ${this.#directory} are cut short`);
    return data;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#segments.values()) closeSync(fd);
    this.#segments.clear();
  }

  #segment(number: number): number {
    const known = this.#segments.get(number);
    if (known !== undefined) return known;
    const fd = openNameless(this.#directory);
    this.#segments.set(number, fd);
    for (const [old, oldFd] of this.#segments) {
      if (this.#segments.size <= this.#maxSegments) break;
      closeSync(oldFd);
      this.#segments.delete(old);
      this.#oldest = (old + 1) * this.#segmentBytes;
    }
    return fd;
  }
}

/** mkdtemp gives mode 0700, so nobody else can open the file while it has a name. */
function openNameless(parent: string): number {
  const directory = mkdtempSync(join(parent, "bktui-log-"));
  const path = join(directory, "lines");
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return fd;
  } finally {
    rmdirSync(directory);
  }
}

function ioError(what: string, directory: string, cause: unknown): BktuiError {
  const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new BktuiError("io", `cannot ${what} in ${directory} (${why})`, {
    cause,
    hint: "free space there, or set TMPDIR to another directory",
  });
}
