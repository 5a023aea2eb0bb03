/** What a full screen is started with. */
import type { Connected, Waiting } from "../console/connect.ts";
import type { FailureExport } from "../console/exports/failure-export.ts";
import type { RememberedStore } from "../console/remembered-breakpoints.ts";
import type { EditorDoor, Served } from "../console/serving.ts";
import type { Settings } from "../console/settings.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import type { Visited } from "./attached/attached-debugger.ts";
import type { SharedDebugger } from "./attached/shared-debugger.ts";
import type { Question } from "./controls/app.ts";
import type { ScreenMemory } from "./state/screen-memory.ts";
import type { StartLocal } from "./terminal/local-pty.ts";
import type { ScreenTerminal } from "./terminal/screen-terminal.ts";

/** As for the other front ends; a question is a dialog. */
export type ConnectContext = Omit<Waiting, "confirm"> & {
  /** A question with yes or no, e.g. whether to start an engine. */
  readonly ask: (question: Question) => Promise<boolean>;
};

export interface TuiOptions {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Do not stop on entry. */
  readonly run: boolean;
  /** What was asked to be exported when the build fails: what `E` proposes. */
  readonly failureExport?: FailureExport | undefined;
  /** Things to say first. */
  readonly notes: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: ScreenTerminal;
  /** undefined = as NO_COLOR, FORCE_COLOR and TERM say. */
  readonly color?: boolean | undefined;
  /** undefined = as the locale and TERM say. */
  readonly ascii?: boolean | undefined;
  /** Default: those of a configuration that sets nothing. */
  readonly settings?: Settings | undefined;
  /** Sizes and typed commands of earlier runs; undefined = nothing is remembered. */
  readonly memory?: ScreenMemory | undefined;
  /** Breakpoints of earlier runs; undefined = nothing is remembered. */
  readonly remembered?: RememberedStore | undefined;
  /** Starts a program on a terminal of this machine, for an editor in a pane; undefined = that cannot be done. */
  readonly startLocal?: StartLocal | undefined;
  /** One more screen of a debugger that is elsewhere; undefined = the debugger is this screen's own. */
  readonly visited?: (Visited & VisitedEnds) | undefined;
  /** Lets others have screens of the debugger, until it is disposed; undefined = nobody is to. */
  readonly share?: ((shared: SharedDebugger, end: (code: number) => void) => Promise<Served>) | undefined;
  /** Lets editors attach to the debugger; undefined = that cannot be done here. */
  readonly editors?: ((shared: SharedDebugger, end: (code: number) => void) => EditorDoor) | undefined;
  /** Where they may attach from the start, "" = a name is made up; undefined = not before `:dap`. */
  readonly dap?: string | undefined;
  /** Finds or starts the engine; the screen shows its progress. Called again when the user tries again. */
  connect(context: ConnectContext): Promise<Pick<Connected, "debugger"> & AsyncDisposable>;
  /** After an uncaught error, when the terminal is restored and the message written; must end the process. */
  onFatal(error: unknown): void;
}

/** How a screen of a debugger that is elsewhere ends. */
export interface VisitedEnds {
  /** Fires when the screen is to be closed: the debugger ends, or the terminal is gone. */
  readonly over: AbortSignal;
  /** Ends the debugger for all its screens, and what runs it with this exit code. */
  end(code: number): void;
}
