/** A debugger that others may attach to, as front ends ask for it; src/attach does it. */
import type { Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { StateSide } from "../engine/engine.ts";
import type { Settings } from "./settings.ts";

/** Which state an attached shell is in: at each stop the most interesting one that there is, or always the same side. */
export type ShellSide = "shown" | StateSide;

export const SHELL_SIDES: readonly ShellSide[] = ["shown", "base", "failed", "after"];

/** What is served. */
export interface ServedBuild {
  readonly debugger: Debugger;
  /** As the program was started. */
  readonly request: BuildRequest;
  readonly settings: Settings;
  /** To attach by; "" = one is made up. */
  readonly name: string;
  /** Somebody ended the build from an attached screen. */
  end(code: number): void;
}

/** Terminals can attach until it is disposed, which closes their screens. */
export interface Served extends AsyncDisposable {
  /** "bktui attach build-3f2a". */
  readonly command: string;
  /** Of the socket: a program that attaches by it need not look in any folder. */
  readonly path: string;
  /** How many are attached now. */
  readonly screens: number;
  /** Called after each change of it; answers how to be called no longer. */
  subscribe(listener: () => void): () => void;
  /** What attached terminals are told when it ends. */
  conclude(words: string): void;
}

/** @throws {BktuiError} "usage" when the name is none or taken, "io" when there is no safe place for the socket. */
export type Serve = (build: ServedBuild) => Promise<Served>;
