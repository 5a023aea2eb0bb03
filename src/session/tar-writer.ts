/** Writes an archive: files alone, under short names that are made here. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { BktuiError } from "../base/errors.ts";
import type { ByteSink } from "./receive/received-file.ts";
import { TAR_BLOCK } from "./tar-header.ts";

const PIECE = 1024 * 1024;

/** Writes an archive of regular files to where its bytes go, entry by entry. */
export class TarWriter {
  readonly #sink: Pick<ByteSink, "write">;

  constructor(sink: Pick<ByteSink, "write">) {
    this.#sink = sink;
  }

  /** A part of an open file. @throws {BktuiError} "io" when it is shorter than that. */
  async copy(
    name: string,
    file: FileHandle,
    { at, size }: { readonly at: number; readonly size: number },
  ): Promise<void> {
    await this.#sink.write(header(name, size));
    const buffer = Buffer.allocUnsafe(PIECE);
    for (let done = 0; done < size; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE, size - done), at + done);
      if (bytesRead === 0) throw new BktuiError("io", `what ${name} is made of ends too early`);
      await this.#sink.write(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    await this.#pad(size);
  }

  async write(name: string, data: Uint8Array): Promise<void> {
    await this.#sink.write(header(name, data.length));
    await this.#sink.write(data);
    await this.#pad(data.length);
  }

  async blob(
    mediaType: string,
    data: Uint8Array,
  ): Promise<{ readonly mediaType: string; readonly digest: string; readonly size: number }> {
    const hex = createHash("sha256").update(data).digest("hex");
    await this.write(`blobs/sha256/${hex}`, data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  }

  async end(): Promise<void> {
    await this.#sink.write(Buffer.alloc(2 * TAR_BLOCK));
  }

  async #pad(size: number): Promise<void> {
    if (size % TAR_BLOCK > 0) await this.#sink.write(Buffer.alloc(TAR_BLOCK - (size % TAR_BLOCK)));
  }
}

/** Of a regular file; names are short. Sizes that octal digits cannot hold are written as GNU has them. */
function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(name, 0, 100, "latin1");
  block.write("0000644\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write("00000000000\0", 136, "latin1");
  block.write("        0", 148, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
