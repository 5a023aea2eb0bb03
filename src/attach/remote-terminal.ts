/** A terminal at the other end of a socket, as a screen has its own. */
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { BktuiError } from "../base/errors.ts";
import type { Size } from "../tui/cells/rect.ts";
import { MirroredModes } from "../tui/terminal/mirrored-modes.ts";
import type { ModeGuard, ScreenTerminal, TerminalUse } from "../tui/terminal/screen-terminal.ts";
import type { ShellModes } from "../tui/terminal/terminal-modes.ts";
import type { ScreenOutput } from "../tui/terminal/tty-output.ts";
import { type Frame, framed } from "./frames.ts";
import { readSize } from "./hello.ts";

/**
 * The other side takes, suspends and restores its terminal; here are what it types, its size and the modes that a shell asks
 * for. A frame is written when the one before has been taken, so what does not read keeps one frame here and no more.
 */
export class RemoteTerminal implements ScreenTerminal {
  readonly input = new PassThrough();
  readonly output: ScreenOutput;
  /** A program of this machine would have to draw there. */
  readonly lent = undefined;
  readonly #socket: Socket;
  #size: Size;
  #onResize: (() => void) | undefined;
  #use: TerminalUse | undefined;
  #modes: RemoteModes | undefined;

  constructor(socket: Socket, size: Size) {
    this.#socket = socket;
    this.#size = size;
    this.output = {
      write: (text, done) => {
        // What is written behind the last words would destroy the connection before they are sent.
        if (socketEnded(socket)) {
          done(gone());
          return;
        }
        socket.write(framed("screen", typeof text === "string" ? Buffer.from(text, "utf8") : text), (error) =>
          done(error === null || error === undefined ? undefined : gone(error)),
        );
      },
    };
  }

  size(): Size {
    return this.#size;
  }

  onResize(listener: () => void): () => void {
    this.#onResize = listener;
    return () => {
      this.#onResize = undefined;
    };
  }

  guard(use: TerminalUse): ModeGuard {
    this.#use = use;
    this.#modes = new RemoteModes(use, () => {
      if (!socketEnded(this.#socket)) this.#socket.write(framed("stop"));
    });
    return this.#modes;
  }

  /** Of the other side, behind its hello. Typing that nobody takes makes it wait. */
  take({ type, payload }: Frame): void {
    switch (type) {
      case "input":
        if (this.input.write(payload)) return;
        this.#socket.pause();
        this.input.once("drain", () => this.#socket.resume());
        return;
      case "size":
        this.#size = readSize(payload) ?? this.#size;
        this.#onResize?.();
        return;
      case "stopped":
        this.#use?.onStop?.();
        return;
      case "resumed":
        this.#use?.onContinue?.();
        // Behind a stop all are off there.
        this.#modes?.anew();
        return;
      default:
        // The reader lets no other pass.
        return;
    }
  }
}

function socketEnded({ writableEnded, destroyed }: Socket): boolean {
  return writableEnded || destroyed;
}

function gone(cause?: Error): BktuiError {
  return new BktuiError("io", "the attached terminal is gone", { cause });
}

/** The modes of a terminal that another process takes and restores: only what changes meanwhile is told. */
class RemoteModes implements ModeGuard {
  readonly #use: TerminalUse;
  readonly #stop: () => void;
  readonly #modes = new MirroredModes();

  constructor(use: TerminalUse, stop: () => void) {
    this.#use = use;
    this.#stop = stop;
  }

  enter(): void {
    // The other side has done so before it said hello.
  }

  startWatcher(): void {
    // The other side has its own.
  }

  startWatchdog(): void {
    // A blocked loop draws nothing there, and the other side can be left all the same.
  }

  setMouse(on: boolean): void {
    this.#modes.mouse = on;
    this.#tell(this.#modes.change());
  }

  mirror(modes: ShellModes | undefined): void {
    this.#modes.shell = modes;
    this.#tell(this.#modes.change());
  }

  stopProcess(): void {
    this.#stop();
  }

  handOver<T>(): Promise<T> {
    return Promise.reject(
      new BktuiError("unsupported", "a program of the build's machine cannot have this terminal"),
    );
  }

  [Symbol.dispose](): void {
    // The other side restores everything when the connection ends.
  }

  /** Tells them to a terminal in which all are off. */
  anew(): void {
    this.#tell(this.#modes.anew());
  }

  #tell(sequence: string): void {
    if (sequence !== "") this.#use.send?.(sequence);
  }
}
