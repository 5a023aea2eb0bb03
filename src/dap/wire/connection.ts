/** One client's side of the protocol: every request gets exactly one answer, in whatever order they are done. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { DapStreams } from "../host.ts";
import { MessageReader, type Read } from "./message-reader.ts";
import { type Gap, Outgoing } from "./outgoing.ts";

/** Requests under way; who asks for more gets a refusal. */
const MOST_PENDING = 1000;
/** Reverse requests that a client does not answer. */
const MOST_ASKED = 32;
const SHOWN_COMMAND = 60;

export interface AskedRequest {
  readonly seq: number;
  readonly command: string;
  readonly args: unknown;
  readonly signal: AbortSignal;
  /** Is done right behind the answer. */
  after(work: () => void): void;
}

export interface ConnectionOptions {
  readonly streams: DapStreams;
  /** Answers the body. @throws {BktuiError} what the answer says is wrong. */
  answer(request: AskedRequest): Promise<object | undefined>;
  /** How an error is told. */
  errorBody(error: BktuiError, command: string): { readonly message: string; readonly body: object };
  gapMessage(gap: Gap): object;
}

interface Pending {
  readonly command: string;
  readonly controller: AbortController;
}

/** Until the client is gone. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #outgoing: Outgoing;
  readonly #reader = new MessageReader();
  readonly #pending = new Map<number, Pending>();
  readonly #asked = new Map<number, { resolve(body: unknown): void; reject(error: BktuiError): void }>();
  /** Reverse requests that are not on the wire yet, too. */
  #askedCount = 0;
  #isOver = false;
  /** A message cannot be told from the next. */
  readonly #broken = new AbortController();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { streams, gapMessage } = options;
    this.#outgoing = new Outgoing({ streams, gapMessage });
  }

  /** Reads until the client is gone, the signal fires or a message cannot be told from the next. */
  async run(signal: AbortSignal): Promise<void> {
    const { streams } = this.#options;
    const over = AbortSignal.any([signal, streams.closed, this.#broken.signal]);
    try {
      await streams.read((piece) => {
        for (const read of this.#reader.push(piece)) this.#take(read);
      }, over);
    } finally {
      this.end();
    }
  }

  /** Nothing is read any more; what is under way is given up. */
  end(): void {
    this.#isOver = true;
    const gone = new BktuiError("cancelled", "the client is gone");
    for (const { controller } of this.#pending.values()) controller.abort(gone);
    for (const { reject } of this.#asked.values()) reject(gone);
    this.#asked.clear();
  }

  /** Resolves when the client has taken all that was said. */
  async flushed(): Promise<void> {
    await this.#outgoing.flushed();
  }

  event(event: string, body?: object): void {
    this.#outgoing.send({ type: "event", event, ...(body === undefined ? {} : { body }) });
  }

  /** May be left out while the client does not read. @param lines of logs that are in it */
  thinEvent(event: string, body: object, lines: number): void {
    this.#outgoing.sendThin({ type: "event", event, body }, lines);
  }

  /** Asks the client for something. @throws {BktuiError} with what the client says, or "cancelled". */
  async ask(command: string, args: object, signal: AbortSignal): Promise<unknown> {
    if (this.#askedCount >= MOST_ASKED)
      throw new BktuiError("unsupported", `the client leaves ${MOST_ASKED} requests without an answer`);
    this.#askedCount += 1;
    let number: number | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const giveUp = (): void => reject(toBktuiError(signal.reason, "cancelled"));
        if (signal.aborted) giveUp();
        signal.addEventListener("abort", giveUp, { once: true });
        this.#outgoing.send({ type: "request", command, arguments: args }, (seq) => {
          number = seq;
          this.#asked.set(seq, { resolve, reject });
        });
      });
    } finally {
      this.#askedCount -= 1;
      if (number !== undefined) this.#asked.delete(number);
    }
  }

  /** Gives up a request that is under way; false when there is none. */
  cancel(seq: number): boolean {
    const pending = this.#pending.get(seq);
    pending?.controller.abort(new BktuiError("cancelled", "cancelled"));
    return pending !== undefined;
  }

  #take(read: Read): void {
    if (this.#isOver) return;
    switch (read.kind) {
      case "message":
        this.#takeMessage(read.value);
        break;
      case "unreadable": {
        const error = new BktuiError("usage", read.why);
        if (read.seq === undefined) this.#tell(read.why);
        else this.#refuse(read.seq, read.command ?? "unknown", error);
        break;
      }
      case "broken":
        this.#tell(`${read.why}; nothing behind it can be read, so this session ends`);
        this.#isOver = true;
        this.#broken.abort();
        break;
    }
  }

  #takeMessage(message: Readonly<Record<string, unknown>>): void {
    const { type, seq, command } = message;
    if (type === "response") {
      this.#takeResponse(message);
      return;
    }
    if (type !== "request") {
      this.#tell("a message that is neither a request nor a response was left out");
      return;
    }
    if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0) {
      this.#tell("a request without a number cannot be answered");
      return;
    }
    const name = typeof command === "string" ? command : "unknown";
    if (typeof command !== "string" || command === "")
      this.#refuse(seq, name, new BktuiError("usage", "the request names no command"));
    else if (this.#pending.has(seq))
      this.#refuse(seq, name, new BktuiError("usage", `another request has the number ${seq}`));
    else if (this.#pending.size >= MOST_PENDING)
      this.#refuse(seq, name, new BktuiError("not-now", `${MOST_PENDING} requests wait for their answers`));
    else void this.#serve(seq, name, message["arguments"]);
  }

  async #serve(seq: number, command: string, args: unknown): Promise<void> {
    const controller = new AbortController();
    this.#pending.set(seq, { command, controller });
    const afterwards: (() => void)[] = [];
    const after = (work: () => void): void => void afterwards.push(work);
    try {
      const request = {
        seq,
        command,
        args,
        // Few requests look at it, and its making takes as long as reading one.
        get signal() {
          return controller.signal;
        },
        after,
      };
      const body = await this.#options.answer(request);
      this.#pending.delete(seq);
      this.#respond(seq, command, { success: true, ...(body === undefined ? {} : { body }) });
      for (const work of afterwards) work();
    } catch (error) {
      this.#pending.delete(seq);
      this.#refuse(seq, command, toBktuiError(error, controller.signal.aborted ? "cancelled" : "internal"));
    }
  }

  #refuse(seq: number, command: string, error: BktuiError): void {
    const { message, body } = this.#options.errorBody(error, command);
    this.#respond(seq, command, { success: false, message, body });
  }

  #respond(seq: number, command: string, fields: object): void {
    const shown = visibleLine(command).slice(0, SHOWN_COMMAND);
    this.#outgoing.send({ type: "response", request_seq: seq, command: shown, ...fields });
  }

  #takeResponse(message: Readonly<Record<string, unknown>>): void {
    const { request_seq: seq, success, body } = message;
    const asked = typeof seq === "number" ? this.#asked.get(seq) : undefined;
    // An answer to nothing is of no consequence.
    if (asked === undefined) return;
    if (success === true) {
      asked.resolve(body);
      return;
    }
    const words = typeof message["message"] === "string" ? message["message"] : "it says no more";
    asked.reject(new BktuiError("unsupported", `the client refused: ${visibleLine(words).slice(0, 300)}`));
  }

  #tell(words: string): void {
    this.#options.streams.onProblem(words);
    this.event("output", { category: "important", output: `bktui: ${words}\n` });
  }
}
