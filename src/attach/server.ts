/** Lets terminals of the same user have screens of a debugger, by a socket. */
import { chmod } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { quietly } from "../base/quietly.ts";
import {
  checkName,
  isUsualFolder,
  madeUpName,
  nameOf,
  ownFolder,
  removeEmptyFolder,
  removeSocketNow,
  socketIn,
  takeName,
} from "../base/socket-folder.ts";
import type { ShellSide } from "../console/serving.ts";
import { type Frame, FrameReader, framed, framedJson, GREETING } from "./frames.ts";
import { type Hello, readHello, type ServedFacts } from "./hello.ts";
import { RemoteTerminal } from "./remote-terminal.ts";

/** A terminal that asks for a screen, or for a shell. */
export interface Visitor {
  readonly hello: Hello;
  readonly terminal: RemoteTerminal;
  /** Fires when the terminal is gone, or all are to go. */
  readonly over: AbortSignal;
}

export interface AttachServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** "" = one is made up of `what`. */
  readonly name: string;
  /** One word: what is built. */
  readonly what: string;
  /** What is told to those who only ask. */
  facts(): Omit<ServedFacts, "name" | "pid" | "screens">;
  /** Draws a screen there, or has a shell there, until it is left; answers words for whoever left. */
  visit(visitor: Visitor): Promise<string>;
  /** A screen came or went. */
  onScreens?(count: number): void;
}

/** More than ever look at one build; each has a screen's memory. */
const MAX_VISITORS = 16;
/** Connections that have not said what they want, and those that only ask, among them. */
const MAX_CONNECTIONS = 64;
const MAX_TRIES = 2;
/** Who connects says what he wants within this time. */
const HELLO_MS = 5000;
/** How long the last words may take to reach a terminal that does not read. */
const LAST_WORDS_MS = 400;

/** Listens at one socket. Disposing ends all screens, each with the words that were given to `end`. */
export class AttachServer implements AsyncDisposable {
  readonly path: string;
  readonly #options: AttachServerOptions;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, AbortController>();
  #screens = 0;
  #words = "the process that ran the build was ended";
  readonly #onExit: () => void;

  private constructor(path: string, options: AttachServerOptions) {
    this.path = path;
    this.#options = options;
    this.#server = createServer((socket) => this.#connected(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#onExit = () => removeSocketNow(path, { folder: true });
  }

  /** @throws {BktuiError} "usage" when the name is none or taken, "io" when there is no place that is this user's alone. */
  static async start(options: AttachServerOptions): Promise<AttachServer> {
    const { name, what, env } = options;
    const chosen = name === "" ? madeUpName(what) : checkName(name);
    for (let tries = 1; ; tries += 1) {
      const path = socketIn(await ownFolder(env), chosen);
      await takeName(path);
      const server = new AttachServer(path, options);
      try {
        await server.#listen();
        return server;
      } catch (error) {
        // Whoever left last took the folder away.
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  get name(): string {
    return nameOf(this.path);
  }

  get screens(): number {
    return this.#screens;
  }

  /** What is typed to attach, on this machine. */
  get command(): string {
    return `bktui attach ${this.#operand}`;
  }

  /** The same for a shell and nothing else. */
  shellCommand(side: ShellSide = "shown"): string {
    return `bktui attach --shell ${side === "shown" ? "" : `--side ${side} `}${this.#operand}`;
  }

  get #operand(): string {
    return isUsualFolder(dirname(this.path)) ? this.name : this.path;
  }

  /** The words that attached terminals end with. */
  end(words: string): void {
    this.#words = words;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, over] of this.#sockets) {
      lastWords(socket, this.#words);
      over.abort();
    }
    await closed;
    removeSocketNow(this.path, { folder: false });
    await removeEmptyFolder(dirname(this.path));
    process.off("exit", this.#onExit);
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) =>
        reject(new BktuiError("io", `cannot listen at ${this.path}: ${error.message}`, { cause: error })),
      );
      this.#server.listen(this.path, resolve);
    });
    // The folder keeps others out; this does where a system looks at the socket too.
    await quietly(chmod(this.path, 0o600));
    process.once("exit", this.#onExit);
    // What goes wrong with one who connects is no reason to end a build.
    this.#server.on("error", () => undefined);
  }

  #connected(socket: Socket): void {
    const over = new AbortController();
    this.#sockets.set(socket, over);
    const reader = new FrameReader(["hello", "input", "size", "stopped", "resumed"]);
    let terminal: RemoteTerminal | undefined;
    const timer = setTimeout(() => socket.destroy(), HELLO_MS);
    const take = (frame: Frame): void => {
      if (terminal !== undefined) {
        terminal.take(frame);
        return;
      }
      clearTimeout(timer);
      terminal = this.#greeted(socket, frame, over.signal);
    };
    socket.on("error", () => undefined);
    socket.on("end", () => over.abort());
    socket.on("close", () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
      over.abort();
    });
    socket.on("data", (chunk) => {
      try {
        for (const frame of reader.push(chunk)) take(frame);
      } catch (error) {
        lastWords(socket, toBktuiError(error).message);
        over.abort();
      }
    });
    socket.write(GREETING);
  }

  /** Undefined when it gets no screen. */
  #greeted(socket: Socket, { type, payload }: Frame, over: AbortSignal): RemoteTerminal | undefined {
    const hello = type === "hello" ? readHello(payload) : undefined;
    if (hello === undefined) {
      lastWords(socket, "who attaches says hello first");
      return undefined;
    }
    if (hello.wish === "facts") {
      const facts = { ...this.#options.facts(), name: this.name, pid: process.pid, screens: this.#screens };
      lastFrame(socket, framedJson("facts", facts));
      return undefined;
    }
    if (this.#screens >= MAX_VISITORS) {
      lastWords(socket, `${MAX_VISITORS} screens are attached already`);
      return undefined;
    }
    const terminal = new RemoteTerminal(socket, hello.size);
    void this.#visit(socket, { hello, terminal, over });
    return terminal;
  }

  async #visit(socket: Socket, visitor: Visitor): Promise<void> {
    this.#count(1);
    try {
      lastWords(socket, await this.#options.visit(visitor));
    } catch (error) {
      const what = visitor.hello.wish === "shell" ? "shell" : "screen";
      lastWords(socket, `the ${what} ended: ${toBktuiError(error).message}`);
    } finally {
      this.#count(-1);
    }
  }

  #count(by: 1 | -1): void {
    this.#screens += by;
    this.#options.onScreens?.(this.#screens);
  }
}

function lastWords(socket: Socket, words: string): void {
  lastFrame(socket, framed("bye", Buffer.from(words, "utf8")));
}

/** The connection ends with it, whether it is read or not. */
function lastFrame(socket: Socket, frame: Buffer): void {
  if (socket.writableEnded || socket.destroyed) return;
  socket.end(frame);
  const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
  socket.once("close", () => clearTimeout(timer));
}
