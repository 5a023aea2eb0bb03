/** What the server needs of the program around it. Types only. */
import type { ProgramConsole } from "../answers/program-console.ts";
import type { TakePiece } from "../base/pieces.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { StateSide } from "../engine/engine.ts";

/** Which state a shell is to be in: the one that is shown at each stop, or always the same side of it. */
export type ShellSide = "shown" | StateSide;

/** One that the same launch asks for, which is debugged by a session of its own. */
export interface OtherBuild {
  /** Harmless. */
  readonly name: string;
  /** Of its launch. */
  readonly configuration: object;
}

/** A build that one client debugs. Disposing ends what the client had of it, and the build too unless `isShared`. */
export interface DapBuild extends AsyncDisposable {
  readonly debug: Debugger;
  /** The client's own: what it looks at is not what others look at. */
  readonly console: ProgramConsole;
  /** As it was launched. */
  readonly request: BuildRequest;
  /** Of the command line and the launch body; the client's own come on top. */
  readonly breakpoints: readonly BreakpointOrder[];
  /** Does not stop on entry. */
  readonly run: boolean;
  /** What a failure does besides: "exit" = it ends the run without a stop, "shell" = one opens in a terminal of the client. */
  readonly atFailure: "pause" | "exit" | "shell";
  /** A screen, another client or a program that waits has it too: it has been launched, and goes on without the client. */
  readonly isShared: boolean;
  /** What else the launch asks for, e.g. further targets of a bake file. */
  readonly others: readonly OtherBuild[];
  /** What is to be told at the start, e.g. of options that mean nothing here. */
  readonly notes: readonly string[];
  /**
   * What another launch body asks for, for a restart; what it leaves out is as it was.
   * @throws {BktuiError} "usage" for a wrong body.
   */
  again(body: unknown): Promise<{ readonly request?: BuildRequest; readonly run?: boolean }>;
  /** As `Debugger.masked`, also of secrets that the build has not asked for yet. */
  masked(text: string): string;
  /** Program and arguments of a shell in the step that is stood at, for a terminal of this machine; follows the build to its next stops. */
  shellCommand(side: ShellSide): Promise<readonly string[]>;
  /** Ends the build for all who have it. */
  end(): Promise<void>;
}

export interface Waiting {
  readonly signal: AbortSignal;
  /** E.g. "starting an engine"; harmless. */
  readonly onProgress: (words: string) => void;
}

export interface DapHost {
  /** Of bktui. */
  readonly version: string;
  /**
   * Connected and prepared, not launched yet (`Debugger` is idle) unless it is shared.
   * @param body the arguments of `launch` or `attach` as the client sent them: anything.
   * @throws {BktuiError} with why it cannot be begun, "usage" for a wrong body.
   */
  open(request: "launch" | "attach", body: unknown, waiting: Waiting): Promise<DapBuild>;
}

/** How a client is reached. */
export interface DapStreams {
  /** Gives each piece to `take`; resolves when no more come, or the signal has fired. */
  read(take: TakePiece, signal: AbortSignal): Promise<void>;
  /** Answers false when no more should be written for now. */
  write(data: string | Uint8Array): boolean;
  /** Resolves when more may be written. */
  drained(): Promise<void>;
  /** Nobody reads any more. */
  readonly closed: AbortSignal;
  /** Something about the connection, for standard error; harmless. */
  onProblem(words: string): void;
}

/** Serves one client until it is gone, has left or the signal fires; by then all that it had is over. */
export type ServeDap = (
  host: DapHost,
  streams: DapStreams,
  options: { readonly signal: AbortSignal },
) => Promise<void>;
