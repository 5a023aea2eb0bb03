/** What the command line starts; main.ts provides it and loads each part only when it is used. */
import type { Settings } from "../console/settings.ts";
import type { BreakpointSpec, Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/engine.ts";
import type { EngineAction, EnginePolicy, EngineStartOptions } from "./commands.ts";

/** Which engine to use and whether one may be started. */
export interface EngineWish {
  readonly addr: string | undefined;
  readonly policy: EnginePolicy;
}

/** A run on the screen. */
export interface ScreenRun {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointSpec[];
  /** Those that earlier runs left behind are neither set nor changed. */
  readonly noEarlierBreaks: boolean;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one line each. */
  readonly notes: readonly string[];
  /** Undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  /** Undefined = as the locale and the terminal say. */
  readonly ascii: boolean | undefined;
  readonly engine: EngineWish;
  readonly settings: Settings;
}

/** Text for standard output, one or more lines without the last line end, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly exitCode: number;
}

/** What finding or starting an engine may do meanwhile. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** One line for the user while he waits. */
  readonly onProgress: (line: string) => void;
  /** Asks a question with yes or no; undefined = there is nobody to be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A debugger and the connection under it; disposing ends both. */
export interface Connected extends AsyncDisposable {
  readonly debugger: Debugger;
}

export interface FrontEnds {
  /** Finds or starts an engine and connects; the caller disposes it. */
  connect(engine: EngineWish, waiting: Waiting): Promise<Connected>;
  /** Runs the full screen until it is left; answers the exit code. Handles signals itself. */
  screen(run: ScreenRun): Promise<number>;
  engineCommand(action: EngineAction, options: EngineStartOptions, waiting: Waiting): Promise<CommandResult>;
  doctor(addr: string | undefined, waiting: Waiting): Promise<CommandResult>;
}
