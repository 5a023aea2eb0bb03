/** One call that the daemon makes: its messages, back-pressure and end. */
import type { ServerHttp2Stream } from "node:http2";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import type { Call, CallMetadata } from "./attachable.ts";
import { FrameReader, FrameWriter } from "./framing.ts";
import { readMetadata } from "./metadata.ts";

/** Received bytes kept for a handler that is busy; beyond it the stream is paused. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Bytes handed to HTTP/2 and not yet taken by the peer's window. */
const MAX_UNSENT_BYTES = 1024 * 1024;

/** One call on one HTTP/2 stream. */
export class ServedCall implements Call {
  readonly metadata: CallMetadata;
  readonly messages: AsyncIterable<Uint8Array>;
  readonly #stream: ServerHttp2Stream;
  readonly #cancelled = new AbortController();
  readonly #reader = new FrameReader();
  readonly #writer: FrameWriter;
  #received: Uint8Array[] = [];
  #receivedBytes = 0;
  #end: { readonly error: BktuiError | undefined } | undefined;
  #wake: (() => void) | undefined;
  #flushScheduled = false;
  #finished = false;
  #trailers: Record<string, string> = {};

  constructor(stream: ServerHttp2Stream, rawHeaders: readonly string[]) {
    this.#stream = stream;
    this.metadata = readMetadata(rawHeaders);
    this.messages = this.#iterate();
    this.#writer = new FrameWriter((batch) => {
      if (!this.#gone && !stream.writableEnded) stream.write(batch);
    });
    stream.on("error", (error) => this.#cancel(error));
    stream.once("aborted", () => this.#cancel(undefined));
    stream.once("close", () => this.#cancel(undefined));
    stream.once("end", () => this.#ended());
    stream.on("data", (chunk: Uint8Array) => this.#take(chunk));
    // The daemon may send a message together with the headers; it waits here until somebody iterates.
    stream.pause();
  }

  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  write(message: Uint8Array): boolean {
    if (this.#finished || this.#gone) return false;
    this.#respond();
    this.#writer.add(message);
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#writer.flush();
      });
    }
    return this.#stream.writableLength + this.#writer.pending < MAX_UNSENT_BYTES;
  }

  async drained(): Promise<void> {
    this.#writer.flush();
    if (!this.cancelled.aborted && this.#stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        const stop = (): void => {
          this.#stream.off("drain", stop);
          this.cancelled.removeEventListener("abort", stop);
          resolve();
        };
        this.#stream.once("drain", stop);
        this.cancelled.addEventListener("abort", stop, { once: true });
      });
    }
    if (this.cancelled.aborted) throw cancelledCall(this.cancelled.reason);
  }

  /** Ends the call. `message` is already encoded for the header. Later calls do nothing. */
  finish(code: number, message: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stop(undefined);
    if (this.#gone) return;
    this.#trailers = { "grpc-status": String(code), ...(message === "" ? {} : { "grpc-message": message }) };
    this.#respond();
    this.#writer.flush();
    this.#stream.end();
    // Unread requests would keep the stream half open.
    this.#stream.resume();
  }

  /** HTTP/2 throws on any use of a stream that was reset. */
  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #respond(): void {
    if (this.#stream.headersSent) return;
    this.#stream.once("wantTrailers", () => this.#stream.sendTrailers(this.#trailers));
    this.#stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  }

  async *#iterate(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const received = this.#received;
      this.#received = [];
      this.#receivedBytes = 0;
      yield* received;
      if (this.#received.length > 0) continue;
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
      this.#stream.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(chunk: Uint8Array): void {
    if (this.#finished || this.#end !== undefined) return;
    try {
      for (const message of this.#reader.push(chunk)) {
        this.#received.push(message);
        this.#receivedBytes += message.length;
      }
    } catch (error) {
      this.#stop(toBktuiError(error, "engine"));
    }
    if (this.#receivedBytes > MAX_QUEUED_BYTES) this.#stream.pause();
    this.#wake?.();
  }

  #ended(): void {
    this.#stop(
      this.#reader.idle ? undefined : new BktuiError("engine", "the engine ended a call within a message"),
    );
  }

  #stop(error: BktuiError | undefined): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  #cancel(cause: unknown): void {
    if (this.#finished || this.cancelled.aborted) return;
    const error = cancelledCall(cause);
    this.#cancelled.abort(error);
    this.#stop(error);
  }
}

function cancelledCall(cause: unknown): BktuiError {
  if (cause instanceof BktuiError && cause.code === "cancelled") return cause;
  return new BktuiError("cancelled", "the engine cancelled a call of its session", { cause });
}
