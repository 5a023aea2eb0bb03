/** The blobs of an OCI layout on this machine. */
import { createHash, type Hash, randomBytes } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CallRefused, grpcCode } from "./attachable.ts";
import { describeSystemError } from "./files/file-problem.ts";

/** Below the 4 MiB that BuildKit 0.8 takes in a message. */
const CHUNK_BYTES = 512 * 1024;
const DIGEST = /^sha256:([a-f0-9]{64})$/;

export interface BlobInfo {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedMs: number;
}

/**
 * Reads and writes `blobs/sha256/…` below one directory, and nothing else: a name that is no digest is refused before it
 * becomes a path. Its index.json is the business of oci-index.ts.
 */
export class ContentStore {
  readonly #directory: string;
  readonly #writable: boolean;
  /** By the daemon's name for the writing. */
  readonly #writings = new Map<string, BlobWriter>();
  readonly #opening = new Set<string>();

  /** @param options.writable the daemon may add blobs; the directory is made when the first one comes. */
  constructor(directory: string, { writable = false }: { readonly writable?: boolean } = {}) {
    this.#directory = directory;
    this.#writable = writable;
  }

  /** @throws {CallRefused} "not found", or "invalid argument" for what is no digest. */
  async info(digest: string): Promise<BlobInfo> {
    const path = this.#blobPath(digest);
    return infoOf(digest, await stat(path).catch((error: unknown) => refuse(error, digest)));
  }

  /** All that are there, in no order. */
  async list(): Promise<readonly BlobInfo[]> {
    const directory = join(this.#directory, "blobs", "sha256");
    const names = await readdir(directory).catch(() => []);
    const found: BlobInfo[] = [];
    for (const name of names) {
      const digest = `sha256:${name}`;
      const facts = DIGEST.test(digest)
        ? await stat(join(directory, name)).catch(() => undefined)
        : undefined;
      if (facts?.isFile() === true) found.push(infoOf(digest, facts));
    }
    return found;
  }

  /**
   * A part of a blob, in chunks.
   * @param part.size in bytes, 0 = to the end
   * @throws {CallRefused} "not found", "out of range".
   */
  async *read(
    digest: string,
    part: { readonly offset: number; readonly size: number; readonly signal: AbortSignal },
  ): AsyncGenerator<{ readonly offset: number; readonly data: Uint8Array }, void, undefined> {
    const { size } = await this.info(digest);
    const start = Math.max(0, part.offset);
    if (start > size)
      throw new CallRefused(
        grpcCode.outOfRange,
        `${digest} has ${size} bytes, asked for those from ${start}`,
      );
    const end = part.size <= 0 ? size : Math.min(size, start + part.size);
    if (start === end) return;
    let offset = start;
    const { signal } = part;
    const stream = createReadStream(this.#blobPath(digest), {
      start,
      end: end - 1,
      highWaterMark: CHUNK_BYTES,
      signal,
    });
    for await (const data of stream) {
      yield { offset, data };
      offset += data.length;
    }
  }

  /**
   * Begins to write a blob; one writing of a name at a time. Images of several platforms have layers in common, which the daemon
   * writes at the same time: who comes second is told to ask again, and then that the blob is there (dockerd 28.5).
   * @throws {CallRefused}.
   */
  async write(ref: string): Promise<BlobWriter> {
    if (!this.#writable)
      throw new CallRefused(grpcCode.permissionDenied, "this directory is only read by the build");
    if (this.#writings.has(ref) || this.#opening.has(ref))
      throw new CallRefused(grpcCode.unavailable, `${JSON.stringify(ref)} is being written already`);
    this.#opening.add(ref);
    try {
      const writer = await BlobWriter.open(this.#directory, () => this.#writings.delete(ref));
      this.#writings.set(ref, writer);
      return writer;
    } finally {
      this.#opening.delete(ref);
    }
  }

  /** A writing that goes on; undefined when there is none of that name. */
  writing(ref: string): BlobWriter | undefined {
    return this.#writings.get(ref);
  }

  #blobPath(digest: string): string {
    const [, name] = DIGEST.exec(digest) ?? [];
    if (name === undefined)
      throw new CallRefused(grpcCode.invalidArgument, `${JSON.stringify(digest)} is no sha256 digest`);
    return join(this.#directory, "blobs", "sha256", name);
  }
}

/** A blob that is being written, beside its place until it is whole. Disposing deletes what was not committed. */
export class BlobWriter implements AsyncDisposable {
  readonly startedMs = Date.now();
  readonly #directory: string;
  readonly #path: string;
  readonly #onEnd: () => void;
  #file: FileHandle | undefined;
  #hash: Hash = createHash("sha256");
  #offset = 0;

  static async open(directory: string, onEnd: () => void): Promise<BlobWriter> {
    const ingest = join(directory, "ingest");
    await mkdir(ingest, { recursive: true });
    const path = join(ingest, randomBytes(12).toString("hex"));
    return new BlobWriter({ directory, path, onEnd, file: await open(path, "wx") });
  }

  private constructor(inner: {
    readonly directory: string;
    readonly path: string;
    readonly onEnd: () => void;
    readonly file: FileHandle;
  }) {
    this.#directory = inner.directory;
    this.#path = inner.path;
    this.#onEnd = inner.onEnd;
    this.#file = inner.file;
  }

  /** Bytes written so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Of what is written so far. */
  get digest(): string {
    return `sha256:${this.#hash.copy().digest("hex")}`;
  }

  /** @param offset where the daemon means to be; 0 begins anew. @throws {CallRefused} "out of range". */
  async add(data: Uint8Array, offset: number): Promise<void> {
    const file = this.#open();
    if (offset > 0 && offset !== this.#offset)
      throw new CallRefused(grpcCode.outOfRange, `the blob has ${this.#offset} bytes, not ${offset}`);
    if (offset === 0 && this.#offset > 0) {
      await file.truncate(0);
      this.#hash = createHash("sha256");
      this.#offset = 0;
    }
    let at = 0;
    while (at < data.length) {
      const { bytesWritten } = await file.write(data, at, data.length - at, this.#offset + at);
      at += bytesWritten;
    }
    this.#hash.update(data);
    this.#offset += data.length;
  }

  /**
   * Puts the blob in its place.
   * @param size in bytes, 0 = not known
   * @param expected digest; "" = not known
   * @throws {CallRefused} "failed precondition" when it is another one.
   */
  async commit(size: number, expected: string): Promise<void> {
    const file = this.#open();
    const { digest } = this;
    if (size > 0 && size !== this.#offset)
      throw new CallRefused(
        grpcCode.failedPrecondition,
        `the blob has ${this.#offset} bytes, ${size} were told`,
      );
    if (expected !== "" && expected !== digest)
      throw new CallRefused(grpcCode.failedPrecondition, `the blob is ${digest}, ${expected} was told`);
    await file.sync();
    await file.close();
    this.#file = undefined;
    const place = join(this.#directory, "blobs", "sha256");
    await mkdir(place, { recursive: true });
    await rename(this.#path, join(place, digest.slice("sha256:".length)));
    this.#onEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    this.#onEnd();
    await file.close();
    await rm(this.#path, { force: true });
  }

  #open(): FileHandle {
    if (this.#file === undefined)
      throw new CallRefused(grpcCode.failedPrecondition, "the blob is written already");
    return this.#file;
  }
}

function infoOf(digest: string, facts: Stats): BlobInfo {
  return { digest, size: facts.size, modifiedMs: facts.mtimeMs };
}

function refuse(error: unknown, digest: string): never {
  const isMissing =
    error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
  throw new CallRefused(
    isMissing ? grpcCode.notFound : grpcCode.unknown,
    isMissing ? `content ${digest}: not found` : `cannot read ${digest}: ${describeSystemError(error)}`,
    { cause: error },
  );
}
