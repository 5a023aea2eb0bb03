/**
 * Messages on their way to a client. What a client asked for, and where the build stands, is always sent, and never waits
 * behind output that it does not read; output is dropped when too much of it waits, and the gap is told of.
 */
import type { DapStreams } from "../host.ts";

/** Of output that waits for a client that does not read. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** What is said in one turn goes out in one piece, up to so much. */
const PIECE_BYTES = 64 * 1024;
const TURN = Promise.resolve();

export interface Gap {
  readonly lines: number;
}

interface Urgent {
  readonly message: object;
  readonly written: ((seq: number) => void) | undefined;
}

export interface OutgoingOptions {
  readonly streams: Pick<DapStreams, "write" | "drained" | "closed">;
  /** The message that tells of what was left out. */
  gapMessage(gap: Gap): object;
}

/** One for each connection. Sequence numbers are given when a message is written, so that they go up on the wire. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #urgent: Urgent[] = [];
  #thin: { readonly message: object; readonly lines: number; readonly bytes: number }[] = [];
  #thinBytes = 0;
  #dropped = 0;
  #seq = 0;
  #isBlocked = false;
  #piece = "";
  #pieceBytes = 0;
  /** Told when nothing waits any more. */
  readonly #idle: (() => void)[] = [];

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Is sent in any case. @param written gets its number on the wire */
  send(message: object, written?: (seq: number) => void): void {
    if (this.#isBlocked) this.#urgent.push({ message, written });
    else this.#write(message, written);
  }

  /** Sent in its turn; dropped while too much waits. */
  sendThin(message: object, lines: number): void {
    if (!this.#isBlocked) {
      this.#write(message);
      return;
    }
    const bytes = JSON.stringify(message).length;
    if (this.#thinBytes + bytes > MOST_WAITING_BYTES) {
      this.#dropped += lines;
      return;
    }
    this.#thinBytes += bytes;
    this.#thin.push({ message, lines, bytes });
  }

  /** Resolves when all that was sent has been taken, or nobody takes it any more. */
  async flushed(): Promise<void> {
    this.#writePiece();
    if (!this.#isBlocked || this.#options.streams.closed.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      this.#options.streams.closed.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #write(message: object, written?: (seq: number) => void): void {
    const { streams } = this.#options;
    if (streams.closed.aborted) return;
    this.#seq += 1;
    written?.(this.#seq);
    // Every message has a type: what is put before it is one more field.
    const body = `{"seq":${this.#seq},${JSON.stringify(message).slice(1)}`;
    const bytes = Buffer.byteLength(body);
    // By a promise: `queueMicrotask` makes an async resource for each call, and enters and leaves it.
    if (this.#piece === "") void TURN.then(() => this.#writePiece());
    this.#piece += `Content-Length: ${bytes}\r\n\r\n${body}`;
    this.#pieceBytes += bytes;
    if (this.#pieceBytes >= PIECE_BYTES) this.#writePiece();
  }

  #writePiece(): void {
    const { streams } = this.#options;
    const piece = this.#piece;
    if (piece === "") return;
    this.#piece = "";
    this.#pieceBytes = 0;
    if (streams.closed.aborted || streams.write(piece)) return;
    this.#isBlocked = true;
    void streams.drained().then(() => this.#resume());
  }

  #resume(): void {
    this.#isBlocked = false;
    for (let next = this.#urgent.shift(); next !== undefined; next = this.#urgent.shift()) {
      this.#write(next.message, next.written);
      if (this.#isBlocked) return;
    }
    const thin = this.#thin;
    for (let index = 0; index < thin.length; index++) {
      const each = thin[index];
      if (each === undefined) break;
      this.#thinBytes -= each.bytes;
      this.#write(each.message);
      if (!this.#isBlocked) continue;
      this.#thin = thin.slice(index + 1);
      return;
    }
    this.#thin = [];
    if (this.#dropped > 0) {
      const gap = { lines: this.#dropped };
      this.#dropped = 0;
      this.#write(this.#options.gapMessage(gap));
      if (this.#isBlocked) return;
    }
    this.#writePiece();
    if (this.#isBlocked) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}
