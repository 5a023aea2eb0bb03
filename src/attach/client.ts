/** `bktui attach`: moves bytes, sizes and modes between this terminal and a process that draws on it. */
import type { Socket } from "node:net";
import type { ReadStream, WriteStream } from "node:tty";
import { toBktuiError } from "../base/errors.ts";
import { isDumb } from "../base/relay-filter.ts";
import { connectToSocket, nameOf } from "../base/socket-folder.ts";
import { usageError } from "../console/bad-values.ts";
import type { ShellSide } from "../console/serving.ts";
import type { Size } from "../tui/cells/rect.ts";
import { askTerminalSettings } from "../tui/terminal/stty-settings.ts";
import { TerminalGuard } from "../tui/terminal/terminal-guard.ts";
import {
  NO_SEQUENCES,
  RELAY_SEQUENCES,
  SCREEN_SEQUENCES,
  type TakingSequences,
} from "../tui/terminal/terminal-modes.ts";
import { ttyOutput } from "../tui/terminal/tty-output.ts";
import { type Frame, FrameReader, framed, GREETING } from "./frames.ts";
import { helloFrame, readBye, sizeFrame, type Wish } from "./hello.ts";
import { isLineBegun } from "./line-start.ts";

export interface AttachClientOptions {
  /** Of the socket. */
  readonly path: string;
  readonly wish: Exclude<Wish, "facts">;
  /** Of a shell. */
  readonly side?: ShellSide | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: ReadStream & { readonly fd: number };
  readonly stdout: WriteStream & { readonly fd: number };
  /** After an uncaught error; must end the process. */
  onFatal(): void;
}

/** How it ended, in words for the terminal. */
export interface Left {
  readonly words: string;
  /** The process said so itself. */
  readonly inOrder: boolean;
  /** The cursor is left behind something that a shell printed. */
  readonly isLineBegun: boolean;
}

const CTRL_BACKSLASH = 0x1c;
/** As a shell is usually left. */
const CTRL_BRACKET = 0x1d;
/** A process that does not answer the key that leaves is left without it. */
const ANSWER_MS = 2000;

/**
 * Attaches until either side ends it. The terminal is as before then, also when the other process was killed.
 * @throws {BktuiError} "usage" without a terminal; as `connectToSocket`.
 */
export async function attach(options: AttachClientOptions): Promise<Left> {
  const { stdin, stdout, path } = options;
  if (!stdin.isTTY || !stdout.isTTY)
    throw usageError("attach needs a terminal", withoutTerminal(options.wish));
  const [socket, settings] = await Promise.all([connectToSocket(path), askTerminalSettings(stdin.fd)]);
  return await new AttachClient(socket, options, settings).run();
}

function withoutTerminal(wish: Wish): string {
  return wish === "shell"
    ? "without one, exec runs a program in a state: in a session by lines, with --json or over MCP"
    : "run it in one; docker exec and ssh need -t";
}

/** A screen cannot do without them. */
function sequencesFor({ wish, env }: AttachClientOptions): TakingSequences {
  if (wish !== "shell") return SCREEN_SEQUENCES;
  return isDumb(env["TERM"]) ? NO_SEQUENCES : RELAY_SEQUENCES;
}

class AttachClient {
  readonly #socket: Socket;
  readonly #options: AttachClientOptions;
  readonly #guard: TerminalGuard;
  readonly #output: ReturnType<typeof ttyOutput>;
  readonly #reader = new FrameReader(["screen", "stop", "bye"]);
  /** What came while the terminal was not ours, or had not taken the last. */
  #waiting: Buffer[] = [];
  #writing = false;
  #isStopped = false;
  #words: string | undefined;
  #deaf: NodeJS.Timeout | undefined;
  #isLineBegun = false;
  #leave: (left: Omit<Left, "isLineBegun">) => void = () => undefined;
  readonly #left: Promise<Omit<Left, "isLineBegun">>;

  constructor(socket: Socket, options: AttachClientOptions, settings: string | undefined) {
    const { stdin, stdout } = options;
    this.#socket = socket;
    this.#options = options;
    this.#output = ttyOutput(stdout.fd);
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#guard = new TerminalGuard({
      sequences: sequencesFor(options),
      input: stdin,
      inputFd: stdin.fd,
      outputFd: stdout.fd,
      settings,
      onStop: () => this.#stopped(),
      onContinue: () => this.#resumed(),
      onFatal: () => options.onFatal(),
    });
  }

  async run(): Promise<Left> {
    const { stdin, stdout, wish, side, env } = this.#options;
    const typed = (bytes: Buffer): void => this.#typed(bytes);
    const gone = (): void => this.#leave({ words: "the terminal is gone", inOrder: false });
    const resized = (): void => void this.#socket.write(sizeFrame(this.#size()));
    this.#guard.enter();
    try {
      this.#guard.startWatcher();
      this.#socket.on("data", (chunk) => this.#received(chunk));
      this.#socket.on("error", () => undefined);
      this.#socket.on("close", () => this.#closed());
      this.#socket.write(GREETING);
      this.#socket.write(helloFrame({ wish, side, size: this.#size(), env }));
      stdin.on("data", typed);
      stdin.once("end", gone);
      stdout.on("resize", resized);
      const left = await this.#left;
      return { ...left, isLineBegun: this.#isShell && this.#isLineBegun };
    } finally {
      clearTimeout(this.#deaf);
      stdin.off("data", typed);
      stdin.off("end", gone);
      stdin.pause();
      stdout.off("resize", resized);
      this.#socket.destroy();
      this.#guard[Symbol.dispose]();
    }
  }

  #size(): Size {
    const { columns, rows } = this.#options.stdout;
    return { columns: columns ?? 80, rows: rows ?? 24 };
  }

  #typed(bytes: Buffer): void {
    // The process reads keys; of one that hangs, this is the way out.
    const wantsOut = bytes.includes(CTRL_BACKSLASH) || (this.#isShell && bytes.includes(CTRL_BRACKET));
    if (wantsOut)
      this.#deaf ??= setTimeout(
        () => this.#leave({ words: "left; the process does not answer", inOrder: true }),
        ANSWER_MS,
      );
    this.#socket.write(framed("input", bytes));
    // A shell may have nothing to say to that; to a size the process itself does.
    if (wantsOut && this.#isShell) this.#socket.write(sizeFrame(this.#size()));
  }

  get #isShell(): boolean {
    return this.#options.wish === "shell";
  }

  #received(chunk: Buffer): void {
    clearTimeout(this.#deaf);
    this.#deaf = undefined;
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
    } catch (error) {
      const { message, hint } = toBktuiError(error);
      this.#leave({ words: hint === undefined ? message : `${message}; ${hint}`, inOrder: false });
    }
  }

  #take({ type, payload }: Frame): void {
    switch (type) {
      case "screen":
        this.#isLineBegun = isLineBegun(payload.toString("latin1"), this.#isLineBegun);
        this.#waiting.push(payload);
        this.#draw();
        return;
      case "stop":
        this.#guard.stopProcess();
        return;
      case "bye":
        this.#words = readBye(payload);
        return;
      default:
        return;
    }
  }

  /** One write at a time; the process is not read from meanwhile, and draws less then. */
  #draw(): void {
    if (this.#writing || this.#isStopped || this.#waiting.length === 0) return;
    this.#writing = true;
    this.#socket.pause();
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#output.write(bytes, (error) => {
      this.#writing = false;
      if (error !== undefined) this.#leave({ words: error.message, inOrder: false });
      else if (this.#waiting.length > 0) this.#draw();
      else if (!this.#isStopped) this.#socket.resume();
    });
  }

  #stopped(): void {
    this.#isStopped = true;
    this.#forget();
    this.#options.stdin.pause();
    this.#socket.write(framed("stopped"));
  }

  #resumed(): void {
    this.#isStopped = false;
    this.#forget();
    this.#draw();
    this.#options.stdin.resume();
    this.#socket.write(sizeFrame(this.#size()));
    this.#socket.write(framed("resumed"));
    this.#socket.resume();
  }

  /** What was on its way is older than the whole screen that comes later; of a shell nothing comes twice. */
  #forget(): void {
    if (!this.#isShell) this.#waiting = [];
  }

  #closed(): void {
    const name = nameOf(this.#options.path);
    this.#leave(
      this.#words === undefined
        ? { words: `the process of ${name} is gone: it was killed, or has crashed`, inOrder: false }
        : { words: `${name}: ${this.#words}`, inOrder: true },
    );
  }
}
