/** Lines from standard input, taken one at a time; for a while all of it can go elsewhere as bytes. */

/** A longer line is cut here. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** What a stream of `process.stdin`'s kind must have; `setRawMode` only where it is a terminal. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly setRawMode?: (raw: boolean) => unknown;
}

/** Takes a chunk; bytes that it gives back are for the next line, and end the relay. */
type TakeBytes = (chunk: Uint8Array) => Uint8Array | undefined;

/**
 * Reads no further than asked for: what follows a line stays where it is until the next one is wanted. At most one
 * reader at a time, of lines or of bytes. Disposing stops reading.
 */
export class LineInput implements Disposable {
  readonly #stream: InputStream;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;
  #number = 0;
  #waiting: ((line: string | undefined) => void) | undefined;
  #bytes: TakeBytes | undefined;
  #onEnd: (() => void) | undefined;
  readonly #onData = (chunk: Buffer | string): void => this.#receive(Buffer.from(chunk));
  readonly #onStreamEnd = (): void => this.#end();

  constructor(stream: InputStream) {
    this.#stream = stream;
    stream.on("data", this.#onData);
    stream.on("end", this.#onStreamEnd);
    // A terminal that went away reads as an error (EIO); there is nothing more to come either way.
    stream.on("error", this.#onStreamEnd);
    stream.pause();
  }

  /** Of the line that was read last, from 1; 0 = none. */
  get number(): number {
    return this.#number;
  }

  /** The next line without its end; undefined when there are no more. */
  line(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#deliver();
    });
  }

  /** Gives a line back: the next one to ask gets it. */
  unread(line: string): void {
    this.#number -= 1;
    this.#buffer = Buffer.concat([Buffer.from(`${line}\n`), this.#buffer]);
    this.#deliver();
  }

  /** Nobody waits for the line that was asked for last: the next one to ask gets it. */
  forgetReader(): void {
    this.#waiting = undefined;
  }

  /** Sends everything from here on to `take` as it comes, until it gives bytes back or `endRelay`. */
  relay(take: TakeBytes, onEnd: () => void): void {
    this.#bytes = take;
    this.#onEnd = onEnd;
    this.#deliver();
  }

  endRelay(): void {
    this.#bytes = undefined;
    this.#onEnd = undefined;
    this.#stream.pause();
  }

  [Symbol.dispose](): void {
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onStreamEnd);
    this.#stream.pause();
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    this.#deliver();
  }

  #end(): void {
    this.#ended = true;
    this.#deliver();
  }

  #deliver(): void {
    if (this.#bytes !== undefined) this.#deliverBytes(this.#bytes);
    else if (this.#waiting !== undefined) this.#deliverLine(this.#waiting);
    else this.#stream.pause();
  }

  #deliverBytes(take: TakeBytes): void {
    const chunk = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    const rest = chunk.length === 0 ? undefined : take(chunk);
    if (rest !== undefined) {
      this.#buffer = Buffer.from(rest);
      this.endRelay();
    } else if (this.#ended) this.#onEnd?.();
    else this.#stream.resume();
  }

  #deliverLine(resolve: (line: string | undefined) => void): void {
    const end = this.#buffer.indexOf(NEWLINE);
    const isCut = end < 0 && (this.#ended || this.#buffer.length >= MAX_LINE_BYTES);
    if (end < 0 && !isCut) {
      this.#stream.resume();
      return;
    }
    this.#waiting = undefined;
    this.#stream.pause();
    if (end < 0 && this.#buffer.length === 0) {
      resolve(undefined);
      return;
    }
    const line = this.#buffer.subarray(0, end < 0 ? MAX_LINE_BYTES : end);
    this.#buffer = this.#buffer.subarray(end < 0 ? line.length : end + 1);
    this.#number += 1;
    resolve(line.toString("utf8").replace(/\r$/, ""));
  }
}
