/** The terminal that a screen is drawn on: this process's own, or one at the other end of a connection. Types only. */
import type { Readable } from "node:stream";
import type { Size } from "../cells/rect.ts";
import type { TerminalGuard, TerminalGuardOptions } from "./terminal-guard.ts";
import type { ScreenOutput } from "./tty-output.ts";

/** What a screen does when its terminal is taken from it, given back, or lost. */
export type TerminalUse = Pick<
  TerminalGuardOptions,
  "send" | "onStop" | "onContinue" | "release" | "onFatal"
>;

/** Owns the modes of a terminal. Disposing gives it back. */
export type ModeGuard = Disposable &
  Pick<
    TerminalGuard,
    "enter" | "startWatcher" | "startWatchdog" | "setMouse" | "mirror" | "handOver" | "stopProcess"
  >;

export interface ScreenTerminal {
  /** What is typed, as a terminal in raw mode sends it. */
  readonly input: Readable;
  readonly output: ScreenOutput;
  /** What a program reads from that gets the whole terminal; undefined = no program of this machine can have it. */
  readonly lent: { readonly fd: number } | undefined;
  size(): Size;
  /** Answers how to listen no longer. */
  onResize(listener: () => void): () => void;
  /** Called once. */
  guard(use: TerminalUse): ModeGuard;
}
