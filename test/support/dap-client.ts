/** A client of the Debug Adapter Protocol, over a program's standard streams or a socket: messages out, answers and events in. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { engineVariables } from "./engine-variables.ts";
import { programHome } from "./kept-code.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

const WAIT_MS = 60_000;

/** A message as it was read; what is in it is known by its type. */
export interface DapMessage {
  readonly seq: number;
  readonly type: "request" | "response" | "event";
  readonly command?: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One session. Disposing closes the connection and forgets it. */
export class DapClient implements AsyncDisposable {
  readonly messages: DapMessage[] = [];
  readonly #to: Writable;
  readonly #end: () => Promise<void>;
  #seq = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;
  #waiting = new Set<() => void>();

  constructor(from: Readable, to: Writable, end: () => Promise<void>) {
    this.#to = to;
    this.#end = end;
    to.on("error", () => undefined);
    from.on("error", () => undefined);
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("close", () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends a request without waiting; answers its number. */
  send(command: string, args?: object): number {
    this.#seq += 1;
    this.#write({
      seq: this.#seq,
      type: "request",
      command,
      ...(args === undefined ? {} : { arguments: args }),
    });
    return this.#seq;
  }

  /** Answers a request of the server. */
  answer(request: DapMessage, body: object, success = true): void {
    this.#seq += 1;
    const { seq, command } = request;
    this.#write({ seq: this.#seq, type: "response", request_seq: seq, command, success, body });
  }

  /** The answer, whether it is good or not. */
  async ask(command: string, args?: object): Promise<DapMessage> {
    const seq = this.send(command, args);
    return await this.until(({ type, request_seq }) => type === "response" && request_seq === seq);
  }

  /** The body of a good answer, which a caller knows the shape of. @throws {Error} with the message of a bad one. */
  async request<T = unknown>(command: string, args?: object): Promise<T> {
    const answer = await this.ask(command, args);
    if (answer.success !== true) throw new Error(`${command}: ${answer.message}`);
    return answer.body as T;
  }

  /** The first event of a kind among the messages from `from` on. */
  async event(name: string, from = 0): Promise<DapMessage> {
    return await this.until(({ type, event }) => type === "event" && event === name, from);
  }

  /** The first message that is wanted, as soon as it is there. @throws {Error} when the connection ends before. */
  async until(isWanted: (message: DapMessage) => boolean, from = 0): Promise<DapMessage> {
    const deadlineMs = performance.now() + WAIT_MS;
    for (;;) {
      const found = this.messages.slice(from).find(isWanted);
      if (found !== undefined) return found;
      const leftMs = deadlineMs - performance.now();
      if (this.#isOver || leftMs <= 0)
        throw new Error(`${this.#isOver ? "it has ended" : "nothing came"}: ${this.#lastWords()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Until the server has closed the connection. */
  async over(): Promise<void> {
    while (!this.#isOver) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** All that was written to the client's console so far. */
  get output(): string {
    return this.messages
      .filter(({ event }) => event === "output")
      .map(({ body }) => String(body?.["output"] ?? ""))
      .join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  #write(message: object): void {
    const text = JSON.stringify(message);
    this.#to.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end < 0) break;
      const length = Number(/Content-Length: (\d+)/.exec(this.#rest.toString("latin1", 0, end))?.[1]);
      if (this.#rest.length < end + 4 + length) break;
      const text = this.#rest.toString("utf8", end + 4, end + 4 + length);
      this.#rest = this.#rest.subarray(end + 4 + length);
      this.messages.push(JSON.parse(text) as DapMessage);
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #lastWords(): string {
    return this.messages
      .slice(-5)
      .map((message) => JSON.stringify(message).slice(0, 300))
      .join("\n");
  }
}

/** bktui as an editor starts it. */
export interface DapProgram extends AsyncDisposable {
  readonly client: DapClient;
  readonly child: ChildProcessWithoutNullStreams;
  stderr(): string;
  /** Its exit code, once it has ended. */
  ended(): Promise<number | null>;
}

/** @param options.command what is started in place of the built bktui */
export async function startDap(
  argv: readonly string[],
  {
    engine,
    env = {},
    cwd = "/",
    command = [process.execPath, program],
  }: {
    readonly engine?: TestEngine | undefined;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly command?: readonly string[];
  },
): Promise<DapProgram> {
  const home = await programHome(env);
  const variables = { ...programEnvironment(), HOME: home.path, ...engineVariables(engine), ...env };
  const child = spawn(command[0] ?? "", [...command.slice(1), ...argv], {
    cwd,
    env: variables,
    stdio: "pipe",
  });
  const closed = once(child, "close");
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
    await home[Symbol.asyncDispose]();
  };
  return {
    client: new DapClient(child.stdout, child.stdin, async () => undefined),
    child,
    stderr: () => stderr,
    ended: async () => {
      await closed;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: end,
  };
}
