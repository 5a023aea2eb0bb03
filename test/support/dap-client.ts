/** A client of the Debug Adapter Protocol with types, over any streams. It holds every message against the protocol. */
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { isHarmful } from "../../src/base/visible.ts";
import type { ArgumentsOf, Bodies, RequestName } from "../../src/dap/requests/arguments.ts";
import { FrameReader, framed } from "./dap-frames.ts";
import { problemsOf } from "./dap-schema.ts";

export interface DapMessage {
  readonly seq: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

export type DapEvent = DebugProtocol.Event & { readonly [field: string]: unknown };

/** Bodies of the events that the tests look into. */
export interface EventBodies {
  readonly initialized: undefined;
  readonly stopped: DebugProtocol.StoppedEvent["body"];
  readonly continued: DebugProtocol.ContinuedEvent["body"];
  readonly exited: DebugProtocol.ExitedEvent["body"];
  readonly terminated: DebugProtocol.TerminatedEvent["body"];
  readonly thread: DebugProtocol.ThreadEvent["body"];
  readonly output: DebugProtocol.OutputEvent["body"];
  readonly breakpoint: DebugProtocol.BreakpointEvent["body"];
  readonly loadedSource: DebugProtocol.LoadedSourceEvent["body"];
  readonly process: DebugProtocol.ProcessEvent["body"];
  readonly capabilities: DebugProtocol.CapabilitiesEvent["body"];
  readonly invalidated: DebugProtocol.InvalidatedEvent["body"];
  readonly progressStart: DebugProtocol.ProgressStartEvent["body"];
  readonly progressUpdate: DebugProtocol.ProgressUpdateEvent["body"];
  readonly progressEnd: DebugProtocol.ProgressEndEvent["body"];
}

/** An answer that says no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly response: DebugProtocol.Response;

  constructor(response: DebugProtocol.Response) {
    super(response.message ?? "");
    this.response = response;
  }
}

export interface DapClientOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Texts that no message may have in it. */
  readonly secrets?: readonly string[];
  /** What the adapter asks of its client; answers the body. */
  readonly reverse?: Readonly<
    Record<string, (args: unknown) => object | undefined | Promise<object | undefined>>
  >;
  /** Requests are sent as bytes, too: answers to others than those of `send` are right. */
  readonly sendsBytes?: boolean;
  /** The connection may end within a message: this client goes away without a word. */
  readonly isCut?: boolean;
  /** False: nothing is read before `read()`. */
  readonly reads?: boolean;
}

const WAIT_MS = 30_000;
/** What an adapter says is text for people: it may have line ends and tabs, nothing that moves a cursor. */
function hasControls(text: string): boolean {
  return [...text].some((each) => each !== "\n" && each < "\u00a0" && isHarmful(each.codePointAt(0) ?? 0));
}

/** Of all clients of a file of tests: requests that were answered well or were refused, and capabilities that were true. */
export const usedRequests = new Set<string>();
export const usedCapabilities = new Set<string>();

type Sent = { readonly command: string; answers: number };

/** Disposing closes its side, and throws what was wrong with what it has received. */
export class DapClient implements AsyncDisposable {
  /** All that was received, in order. */
  readonly messages: DapMessage[] = [];
  /** What either side has said, in the order in which it was sent here and came here. */
  readonly conversation: Readonly<Record<string, unknown>>[] = [];
  /** What was wrong with them. */
  readonly problems: string[] = [];
  readonly #options: DapClientOptions;
  readonly #reader = new FrameReader();
  readonly #sent = new Map<number, Sent>();
  readonly #responses = new Map<number, DebugProtocol.Response>();
  /** By event: where the next one is looked for. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #seq = 0;
  #last = 0;
  #isOver = false;

  constructor(options: DapClientOptions) {
    this.#options = options;
    options.output.on("error", () => undefined);
    if (options.reads !== false) this.read();
  }

  /** Begins to read. */
  read(): void {
    const { input } = this.#options;
    input.on("data", (piece: Buffer) => this.#take(piece));
    for (const event of ["end", "close", "error"]) input.on(event, () => this.#end());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Requests that were not answered, in the order in which they were sent. */
  get unanswered(): readonly string[] {
    return [...this.#sent.values()].filter(({ answers }) => answers === 0).map(({ command }) => command);
  }

  /** All events of that name so far. */
  events<Name extends keyof EventBodies>(name: Name): readonly EventBodies[Name][] {
    return this.messages
      .filter(({ type, event }) => type === "event" && event === name)
      .map(({ body }) => body as EventBodies[Name]);
  }

  /** What the events of a category have printed so far. */
  output(category?: string): string {
    return this.events("output")
      .filter((body) => category === undefined || body.category === category)
      .map((body) => body.output)
      .join("");
  }

  /** Answers the number that it is sent with. */
  send(command: string, args?: unknown): number {
    this.#seq += 1;
    const seq = this.#seq;
    this.#sent.set(seq, { command, answers: 0 });
    const message = { seq, type: "request", command, ...(args === undefined ? {} : { arguments: args }) };
    this.conversation.push({ from: "client", ...message });
    this.sendBytes(framed(message));
    return seq;
  }

  sendBytes(bytes: Uint8Array): void {
    this.#options.output.write(bytes);
  }

  /** The body of the answer. @throws {Refused} */
  async request<Name extends RequestName>(
    command: Name,
    ...[args]: undefined extends ArgumentsOf<Name> ? [args?: ArgumentsOf<Name>] : [args: ArgumentsOf<Name>]
  ): Promise<Bodies[Name]> {
    const response = await this.answerTo(this.send(command, args));
    if (!response.success) throw new Refused(response);
    return response.body as Bodies[Name];
  }

  /** The whole answer, whatever it says, to whatever is asked. */
  async ask(command: string, args?: unknown): Promise<DebugProtocol.Response> {
    return await this.answerTo(this.send(command, args));
  }

  async answerTo(seq: number): Promise<DebugProtocol.Response> {
    return await this.#until(`an answer to ${this.#sent.get(seq)?.command ?? seq}`, () =>
      this.#responses.get(seq),
    );
  }

  /** The next event of that name that fits, behind the last one that was answered here. */
  async event<Name extends keyof EventBodies>(
    name: Name,
    fits: (body: EventBodies[Name]) => boolean = () => true,
  ): Promise<EventBodies[Name]> {
    let at = this.#seen.get(name) ?? 0;
    const found = await this.#until(`an event ${name}`, () => {
      for (; at < this.messages.length; at++) {
        const message = this.messages[at];
        if (message?.type !== "event" || message["event"] !== name) continue;
        const body = message["body"] as EventBodies[Name];
        if (fits(body)) return { body, at };
      }
      return undefined;
    });
    this.#seen.set(name, found.at + 1);
    return found.body;
  }

  /** The next stop, and the stack of its thread, nearest first. */
  async stop(): Promise<{
    readonly stopped: EventBodies["stopped"];
    readonly frames: readonly DebugProtocol.StackFrame[];
  }> {
    const stopped = await this.event("stopped");
    const { stackFrames } = await this.request("stackTrace", { threadId: stopped.threadId ?? 1 });
    return { stopped, frames: stackFrames };
  }

  /** Resolves when the adapter says no more. */
  async over(): Promise<void> {
    await this.#until("the end", () => (this.#isOver ? true : undefined));
  }

  /** Closes the client's side. */
  async close(): Promise<void> {
    const { output } = this.#options;
    if (output.destroyed || output.writableFinished) return;
    output.end();
    if (!output.writableFinished && !output.destroyed) await once(output, "close").catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.output.destroy();
    this.check();
    await Promise.resolve();
  }

  /** @throws {Error} with what was wrong with what was received. */
  check(): void {
    if (this.problems.length > 0) throw new Error(this.problems.slice(0, 10).join("\n"));
  }

  async #until<T>(what: string, look: () => T | undefined): Promise<T> {
    const found = look();
    if (found !== undefined) return found;
    return await new Promise<T>((resolve, reject) => {
      const tail = (): string =>
        this.messages
          .slice(-12)
          .map((message) => JSON.stringify(message).slice(0, 400))
          .join("\n");
      const done = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(again);
        act();
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`never came: ${what}\n${tail()}`))),
        WAIT_MS,
      );
      const again = (): void => {
        const value = look();
        if (value !== undefined) done(() => resolve(value));
        else if (this.#isOver) done(() => reject(new Error(`it is over without ${what}\n${tail()}`)));
      };
      this.#waiting.add(again);
      again();
    });
  }

  #take(piece: Buffer): void {
    try {
      for (const text of this.#reader.push(piece)) this.#message(text);
    } catch (error) {
      this.problems.push(String(error));
    }
    for (const look of [...this.#waiting]) look();
  }

  #message(text: string): void {
    const message = JSON.parse(text) as DapMessage;
    this.messages.push(message);
    this.conversation.push(message);
    this.#examine(message, text);
    if (message.type === "response") this.#response(message as unknown as DebugProtocol.Response);
    else if (message.type === "request") void this.#serve(message as unknown as DebugProtocol.Request);
  }

  #examine(message: DapMessage, text: string): void {
    const { problems } = this;
    const shown = text.slice(0, 600);
    problems.push(...problemsOf(message).map((problem) => `${problem}: ${shown}`));
    if (!(message.seq > this.#last))
      problems.push(`number ${message.seq} came behind ${this.#last}: ${shown}`);
    this.#last = message.seq;
    for (const secret of this.#options.secrets ?? [])
      if (text.includes(secret)) problems.push(`a secret was told: ${shown}`);
    // The text of a file has the line ends that the file has.
    for (const each of textsIn(message))
      if (hasControls(message["command"] === "source" ? each.replaceAll("\r\n", "\n") : each))
        problems.push(`a control character: ${shown}`);
  }

  #response(response: DebugProtocol.Response): void {
    const sent = this.#sent.get(response.request_seq);
    // What was sent as bytes may have any number and name.
    if (this.#options.sendsBytes !== true) this.#examineAnswer(response, sent);
    if (sent === undefined || this.#responses.has(response.request_seq)) return;
    sent.answers += 1;
    this.#responses.set(response.request_seq, response);
    usedRequests.add(sent.command);
    if (sent.command !== "initialize" || !response.success) return;
    for (const [name, value] of Object.entries(response.body ?? {}))
      if (value !== false) usedCapabilities.add(name);
  }

  #examineAnswer(response: DebugProtocol.Response, sent: Sent | undefined): void {
    const shown = JSON.stringify(response).slice(0, 600);
    if (sent === undefined) this.problems.push(`an answer to nothing: ${shown}`);
    else if (sent.answers > 0) this.problems.push(`${sent.command} was answered more than once: ${shown}`);
    else if (sent.command !== response.command)
      this.problems.push(`${sent.command} was answered as ${response.command}`);
  }

  async #serve({ seq, command, arguments: args }: DebugProtocol.Request): Promise<void> {
    const handler = this.#options.reverse?.[command];
    const answer = { type: "response", request_seq: seq, command };
    try {
      if (handler === undefined) throw new Error(`this client has no ${command}`);
      const body = await handler(args);
      this.#sendMessage({ ...answer, success: true, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      this.#sendMessage({ ...answer, success: false, message: String(error) });
    }
  }

  #sendMessage(message: object): void {
    this.#seq += 1;
    this.sendBytes(framed({ seq: this.#seq, ...message }));
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#reader.left > 0 && this.#options.isCut !== true)
      this.problems.push("it ended within a message");
    for (const look of [...this.#waiting]) look();
  }
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) {
      yield key;
      yield* textsIn(each);
    }
}
