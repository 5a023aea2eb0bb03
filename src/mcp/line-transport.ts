/** Messages of the Model Context Protocol as lines: bounded, and what is no message is answered too. */
import { deserializeMessage, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** Standard input, as far as it is read here. */
export interface LineSource {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** Standard output. */
export interface LineSink {
  /** False when the reader lags and `onDrain` will tell when to go on. */
  write(data: string): boolean;
  onDrain(listener: () => void): void;
  readonly closed: AbortSignal;
}

/** An edit may carry a whole file; nothing that a client has to say is longer. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** What was sent and not taken by a client that does not read. */
const LARGEST_BACKLOG = 16 * 1024 * 1024;
const LONGEST_ERROR = 1000;
const NEWLINE = 0x0a;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

export interface LineTransportOptions {
  /** Why a request cannot be meant; undefined = it can. */
  wrong(method: string, params: unknown): string | undefined;
}

/**
 * The SDK's own transport drops what it cannot read without a word, and leaves a client that sends a line without an end
 * alone with a server that hears nothing any more.
 */
export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #source: LineSource;
  readonly #sink: LineSink;
  readonly #options: LineTransportOptions;
  /** The beginning of a line, in the pieces that it came in. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Of a line that is too long, the rest is passed over. */
  #isTooLong = false;
  #isClosed = false;
  #backlog: string[] = [];
  #backlogLength = 0;
  #isLagging = false;

  constructor(source: LineSource, sink: LineSink, options: LineTransportOptions) {
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#source.on("data", (chunk) => this.#take(chunk));
    const end = (): void => void this.close();
    this.#source.on("end", end);
    this.#source.on("close", end);
    this.#source.on("error", end);
    if (this.#sink.closed.aborted) end();
    else this.#sink.closed.addEventListener("abort", end, { once: true });
    this.#source.resume();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) return;
    const text = serializeMessage(withShortError(message));
    if (!this.#isLagging) {
      this.#write(text);
      return;
    }
    this.#backlogLength += text.length;
    this.#backlog.push(text);
    if (this.#backlogLength <= LARGEST_BACKLOG) return;
    this.onerror?.(new Error("the client does not read what it is sent"));
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#source.pause();
    this.#pieces = [];
    this.#backlog = [];
    this.onclose?.();
  }

  #write(text: string): void {
    if (this.#sink.write(text)) return;
    this.#isLagging = true;
    // Who does not read his answers is not listened to either, so that nothing piles up.
    this.#source.pause();
    this.#sink.onDrain(() => this.#drained());
  }

  #drained(): void {
    this.#isLagging = false;
    const waiting = this.#backlog.join("");
    this.#backlog = [];
    this.#backlogLength = 0;
    if (waiting !== "") this.#write(waiting);
    if (!this.#isLagging && !this.#isClosed) this.#source.resume();
  }

  #take(chunk: Uint8Array): void {
    let start = 0;
    while (!this.#isClosed) {
      const end = chunk.indexOf(NEWLINE, start);
      this.#add(chunk.subarray(start, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.#endLine();
      start = end + 1;
    }
  }

  #add(piece: Uint8Array): void {
    if (this.#isTooLong || piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length <= LONGEST_LINE) {
      this.#pieces.push(piece);
      return;
    }
    this.#isTooLong = true;
    this.#pieces = [];
    this.#refuse(
      null,
      PARSE_ERROR,
      `a message is longer than ${LONGEST_LINE / 1024 / 1024} MiB; it was not read`,
    );
  }

  #endLine(): void {
    const line = this.#isTooLong ? "" : Buffer.concat(this.#pieces).toString("utf8").trim();
    this.#pieces = [];
    this.#length = 0;
    this.#isTooLong = false;
    if (line !== "") this.#read(line);
  }

  #read(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      this.#refuseLine(line);
      return;
    }
    const wrong =
      "method" in message && "id" in message
        ? this.#options.wrong(message.method, message.params)
        : undefined;
    if (wrong !== undefined) this.#refuse(idOf(message), INVALID_PARAMS, wrong);
    else this.onmessage?.(message);
  }

  #refuseLine(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#refuse(null, PARSE_ERROR, "a line is no JSON; write each message as JSON on one line of its own");
      return;
    }
    // An answer that is none is not answered: nobody waits for that.
    if (isRecord(value) && !("method" in value) && ("result" in value || "error" in value)) return;
    this.#refuse(
      idOf(value),
      INVALID_REQUEST,
      'a message is no request of JSON-RPC 2.0; it has "jsonrpc": "2.0", "id", "method" and "params"',
    );
  }

  /** The SDK's type has no null, which JSON-RPC asks for where the id is not known. */
  #refuse(id: string | number | null, code: number, message: string): void {
    if (this.#isClosed) return;
    const text = `${JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })}\n`;
    if (this.#isLagging) this.#backlog.push(text);
    else this.#write(text);
  }
}

/** The SDK tells all that its schema finds wrong, and repeats what it found. */
function withShortError(message: JSONRPCMessage): JSONRPCMessage {
  if (!("error" in message) || message.error.message.length <= LONGEST_ERROR) return message;
  const { code, message: words } = message.error;
  return { ...message, error: { code, message: `${words.slice(0, LONGEST_ERROR)}…` } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idOf(value: unknown): string | number | null {
  const id = isRecord(value) ? value["id"] : undefined;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
