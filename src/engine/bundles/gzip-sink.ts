/** Packs bytes on their way to a file. */
import { createGzip } from "node:zlib";
import type { ByteSink } from "../../session/receive/received-file.ts";

/** What is large is packed already: the rest is text, of which the fastest way leaves little. */
const LEVEL = 1;

/** Passes on what is written to it, packed, as fast as that is taken. Disposing ends it, whatever has come out. */
export class GzipSink implements Pick<ByteSink, "write" | "end">, Disposable {
  readonly #gzip = createGzip({ level: LEVEL });
  readonly #passed: Promise<void>;

  constructor(sink: Pick<ByteSink, "write">) {
    this.#passed = this.#passOn(sink);
    // Told to whoever writes next.
    this.#passed.catch(() => undefined);
  }

  /** The bytes may be used again when it resolves. @throws {BktuiError} "io" when they cannot be put down. */
  async write(data: Uint8Array): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#gzip.write(data, (error) => (error ? reject(error) : resolve()));
    });
    await Promise.race([written, this.#unlessFailed()]);
  }

  async end(): Promise<void> {
    this.#gzip.end();
    await this.#passed;
  }

  [Symbol.dispose](): void {
    this.#gzip.destroy();
  }

  async #passOn(sink: Pick<ByteSink, "write">): Promise<void> {
    const packed: AsyncIterable<Uint8Array> = this.#gzip;
    for await (const chunk of packed) await sink.write(chunk);
  }

  async #unlessFailed(): Promise<void> {
    await this.#passed;
  }
}
