/** What the server needs of the program around it. Types only: the rest of bktui is not in this part of the bundle. */
import type { Answer, ConsoleEvent, StateAnswer } from "../answers/answers.ts";
import type { StepName } from "../console/step-names.ts";
import type { Places } from "./places.ts";

/** The console of one build, as data. */
export interface BuildConsole {
  /** A line as it would be typed; answers once it is done: one that runs the build, when that stands again. */
  perform(text: string, options: { readonly signal: AbortSignal }): Promise<Answer>;
  readLog(
    asked: {
      readonly step?: StepName | undefined;
      readonly from?: number;
      readonly count: number;
      readonly pattern?: string;
    },
    options: { readonly signal: AbortSignal },
  ): Promise<Answer>;
  readFile(
    asked: {
      readonly step?: StepName | undefined;
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    },
    options: { readonly signal: AbortSignal },
  ): Promise<Answer>;
  runProgram(
    args: readonly string[],
    options: { readonly step?: StepName | undefined; readonly signal: AbortSignal },
  ): Promise<Answer>;
  state(): StateAnswer;
  /** Answers the function that ends it. */
  onEvent(listener: (event: ConsoleEvent) => void): () => void;
}

/** A build that is debugged; disposing ends it with all it has in the engine. */
export interface LaunchedBuild extends AsyncDisposable {
  readonly console: BuildConsole;
  /** Resolves once it has been loaded and stands, or cannot be. */
  readonly ready: Promise<Answer>;
  /** What a client may read and change. */
  readonly places: Places;
  /** The text with `***` in place of each value of a secret. */
  masked(text: string): string;
}

/** What a client asks of a new build; what is left out is as on the command line of the server. */
export interface LaunchOptions {
  /** Absolute. */
  readonly path: string | undefined;
  /** Absolute. */
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** As --secret takes them. */
  readonly secrets: readonly string[];
  readonly platform: string | undefined;
  readonly noCache: boolean;
  /** Undefined = as the command line says. */
  readonly stopOnEntry: boolean | undefined;
  readonly breakpoints: readonly string[];
}

export interface McpHost {
  readonly version: string;
  /** Nothing is changed: no edits, no exports. */
  readonly isReadOnly: boolean;
  /** Where a launch may find its files: the directories of the command line's build. */
  readonly places: Places;
  /** Names of variables whose values the command line gives to its build as secrets. */
  readonly secretVariables: ReadonlySet<string>;
  /** @throws {BktuiError} with why it cannot be begun. */
  launch(
    options: LaunchOptions,
    waiting: { readonly signal: AbortSignal; readonly onProgress: (words: string) => void },
  ): Promise<LaunchedBuild>;
}
