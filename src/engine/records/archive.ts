/** A tar of somebody else's, read where it lies: nothing of it is unpacked, and little of it is in memory. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, type Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import { isTarHeader, TAR_BLOCK, tarName, tarNumber } from "../../session/tar-header.ts";

const GZIP = Buffer.from("1f8b", "hex");
const ZSTD = Buffer.from("28b52ffd", "hex");
/** A name is never longer. */
const MOST_NAME_BYTES = 64 * 1024;

/** Files by name; the bytes of one are read again each time they are asked for. */
export class Archive {
  readonly path: string;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #mostBytes: number;

  /** Reads it once to its end. @throws {BktuiError} "bad-request" with the place of what is wrong, "io". */
  static async open(
    path: string,
    {
      signal,
      mostBytes = limits.recordFile.bytes,
    }: { readonly signal: AbortSignal; readonly mostBytes?: number | undefined },
  ): Promise<Archive> {
    const sizes = new Map<string, number>();
    for await (const { name, size, at } of entriesOf(path, mostBytes, signal)) {
      if (sizes.has(name)) throw refused(path, at, `${visibleLine(name)} is in it twice`);
      sizes.set(name, size);
    }
    if (sizes.size === 0) throw refused(path, 0, "it holds no file");
    return new Archive(path, sizes, mostBytes);
  }

  private constructor(path: string, sizes: ReadonlyMap<string, number>, mostBytes: number) {
    this.path = path;
    this.#mostBytes = mostBytes;
    this.#sizes = sizes;
  }

  has(name: string): boolean {
    return this.#sizes.has(name);
  }

  /** Some of the files, in the order in which they stand in it; each is to be read before the next one. */
  async *files(
    wanted: ReadonlySet<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<Pick<Entry, "name" | "body">> {
    for await (const entry of entriesOf(this.path, this.#mostBytes, signal))
      if (wanted.has(entry.name)) yield entry;
  }

  /** Bytes of a file in pieces. @throws {BktuiError} "bad-request" when it is not in it. */
  async *read(name: string, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    for await (const entry of entriesOf(this.path, this.#mostBytes, signal)) {
      if (entry.name !== name) continue;
      yield* entry.body;
      return;
    }
    throw notIn(this.path, name);
  }

  /** A small file as a whole. @throws {BktuiError} "bad-request" when it is missing or too large. */
  async bytes(name: string, { signal }: { readonly signal: AbortSignal }): Promise<Buffer> {
    const size = this.#sizes.get(name);
    if (size === undefined) throw notIn(this.path, name);
    if (size > limits.recordFile.jsonBytes)
      throw new BktuiError(
        "bad-request",
        `${this.path}: ${visibleLine(name)} has ${size} bytes, which is too much`,
      );
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.read(name, { signal })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

interface Entry {
  readonly name: string;
  readonly size: number;
  /** Where its header stands, in bytes of the unpacked archive. */
  readonly at: number;
  /** To be read before the next entry is asked for, or not at all. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Regular files in order. Directories are passed over; everything else has no business in it. */
async function* entriesOf(
  path: string,
  mostBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const bytes = new Unpacked(path, await unpacked(path, signal), mostBytes);
  try {
    let said: { readonly name?: string; readonly size?: number } = {};
    for (let count = 0; ; ) {
      const { at } = bytes;
      const header = await bytes.take(TAR_BLOCK, "a header");
      // As tar writes its end; what is behind it is padding.
      if (header === undefined || header.every((byte) => byte === 0)) return;
      if (!isTarHeader(header)) throw refused(path, at, "this is no header of a tar");
      const kind = String.fromCharCode(header[156] ?? 0);
      const size = (isAboutNext(kind) ? undefined : said.size) ?? tarNumber(header.subarray(124, 136));
      if (!Number.isSafeInteger(size) || size < 0)
        throw refused(path, at, "the size of an entry is no number");
      count += 1;
      if (count > limits.recordFile.entries) throw refused(path, at, `more than ${count - 1} entries`);
      if (isAboutNext(kind)) {
        if (size > MOST_NAME_BYTES) throw refused(path, at, `${size} bytes that describe one entry`);
        const text = (await bytes.take(size, "what describes an entry")) ?? Buffer.alloc(0);
        await bytes.skip(padding(size));
        said = { ...said, ...aboutNext(kind, text) };
        continue;
      }
      const name = plainName(said.name ?? tarName(header));
      said = {};
      if (name === undefined)
        throw refused(path, at, `the name ${JSON.stringify(tarName(header))} leads out of it`);
      if (kind === "0" || kind === "\0") {
        let left = size;
        const body = async function* (): AsyncGenerator<Uint8Array> {
          while (left > 0) {
            const part = await bytes.some(left);
            left -= part.length;
            yield part;
          }
        };
        yield { name, size, at, body: body() };
        await bytes.skip(left + padding(size));
      } else if (kind === "5") await bytes.skip(size + padding(size));
      else throw refused(path, at, `${visibleLine(name)} is a link or a device`);
    }
  } finally {
    bytes.end();
  }
}

function padding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** Entries that say something of the next one, or of all. */
function isAboutNext(kind: string): boolean {
  return ["x", "g", "L", "K"].includes(kind);
}

function aboutNext(kind: string, text: Buffer): { readonly name?: string; readonly size?: number } {
  if (kind === "L") return { name: text.toString("latin1").replace(/\0.*$/s, "") };
  if (kind !== "x") return {};
  const record = (key: string): string | undefined =>
    new RegExp(`(?:^|\n)\\d+ ${key}=([^\n]*)\n`).exec(text.toString("latin1"))?.[1];
  const [name, size] = [record("path"), record("size")];
  return { ...(name === undefined ? {} : { name }), ...(size === undefined ? {} : { size: Number(size) }) };
}

/** Without `./` in front; undefined when it leads anywhere but down. */
function plainName(name: string): string | undefined {
  const parts = name
    .replace(/^(\.\/)+/, "")
    .replace(/\/$/, "")
    .split("/");
  return parts.some((part) => part === "" || part === ".." || part === ".") && name !== "./"
    ? undefined
    : parts.join("/");
}

/** The file's bytes, without the compression that it begins like. */
async function unpacked(path: string, signal: AbortSignal): Promise<Readable> {
  const start = Buffer.alloc(ZSTD.length);
  const handle = await open(path, "r");
  try {
    await handle.read(start, 0, start.length, 0);
  } finally {
    await handle.close();
  }
  const file = createReadStream(path, { signal });
  const unpacker = unpackerOf(path, start);
  if (unpacker === undefined) return file;
  // What goes wrong is told by the reading of its end.
  return pipeline(file, unpacker, () => undefined);
}

function unpackerOf(path: string, start: Buffer): Transform | undefined {
  if (start.subarray(0, GZIP.length).equals(GZIP)) return zlib.createGunzip();
  if (!start.equals(ZSTD)) return undefined;
  // Node has it since 22.15.
  if ("createZstdDecompress" in zlib && typeof zlib.createZstdDecompress === "function")
    return zlib.createZstdDecompress();
  throw new BktuiError(
    "unsupported",
    `${path} is compressed with zstd, which this version of Node cannot read`,
    {
      hint: `unpack it first: zstd -d ${visibleLine(path)}`,
    },
  );
}

/** Bytes of an unpacked archive, in order, up to a limit. */
class Unpacked {
  readonly #path: string;
  readonly #stream: Readable;
  readonly #mostBytes: number;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #read = 0;
  #at = 0;

  constructor(path: string, stream: Readable, mostBytes: number) {
    this.#path = path;
    this.#mostBytes = mostBytes;
    this.#stream = stream;
    const chunks: AsyncIterable<Buffer> = stream;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  get at(): number {
    return this.#at;
  }

  /** So many; undefined at the very end. @throws {BktuiError} "bad-request" when it breaks off within `what`. */
  async take(count: number, what: string): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === undefined) {
        if (parts.length === 0 && missing === count) return undefined;
        throw refused(this.#path, this.#at, `it breaks off within ${what}`);
      }
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one byte, and not more than `most`. */
  async some(most: number): Promise<Buffer> {
    const part = await this.#next(most);
    if (part === undefined) throw refused(this.#path, this.#at, "it breaks off within a file");
    return part;
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.some(left)).length;
  }

  end(): void {
    this.#stream.destroy();
  }

  async #next(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunk();
      if (done === true) return undefined;
      this.#read += value.length;
      if (this.#read > this.#mostBytes)
        throw refused(this.#path, this.#at, `more than ${this.#mostBytes} bytes when it is unpacked`);
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.#at += part.length;
    return part;
  }

  async #chunk(): Promise<IteratorResult<Buffer>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError")
        throw new BktuiError("cancelled", "cancelled", { cause: error });
      throw refused(this.#path, this.#at, error instanceof Error ? error.message : String(error));
    }
  }
}

function refused(path: string, at: number, why: string): BktuiError {
  return new BktuiError("bad-request", `${path} cannot be read, at byte ${at} of its tar: ${why}`, {
    hint: "a record is made by docker buildx history export, or by docker/build-push-action; get it once more",
  });
}

function notIn(path: string, name: string): BktuiError {
  return new BktuiError("bad-request", `${path} is no record of a build: it has no ${visibleLine(name)}`, {
    hint: "a record is made by docker buildx history export, or by docker/build-push-action",
  });
}
