/** What the commands of the console as data have in common. Types only. */
import type { Attempts } from "../console/attempts.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { Console } from "../console/console.ts";
import type { LineCommand } from "../console/read-command.ts";
import type { EditorDoor } from "../console/serving.ts";
import type { ShownState } from "../console/shown-state.ts";
import type { Command, Debugger } from "../debugger/debugger.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import type { OpenStates } from "../debugger/shells/open-states.ts";
import type { OpenedShell } from "../debugger/shells/shared-container.ts";
import type { ErrorAnswer, Result, StateAnswer } from "./answers.ts";

export interface Parts {
  readonly debug: Debugger;
  readonly console: Console;
  readonly shown: ShownState;
  readonly states: OpenStates<OpenedShell>;
  readonly attempts: Attempts;
  readonly surroundings: Surroundings;
  /** Undefined = nobody can be let in here. */
  readonly editors: EditorDoor | undefined;
  /** Of the failure that is stood at, or of what else went wrong. */
  explanation(): Explanation | undefined;
  /** The last error that was answered, and what there is to say of it. */
  lastError(): { readonly error: ErrorAnswer; readonly blocks: readonly (readonly string[])[] } | undefined;
  state(): StateAnswer;
  /** What the last command that is no `expect` came to. */
  last(): Result | undefined;
  /** @throws {BktuiError} with why it is refused. */
  give(command: Command): Promise<void>;
  /** As `give`, of what the console itself does. @throws {BktuiError} with why it is refused. */
  taken(given: boolean | Promise<boolean>): Promise<void>;
  /** Waits until the build stands and what went wrong is explained; answers where it stands. */
  settled(signal: AbortSignal): Promise<StateAnswer>;
}

type CommandOf<Id> = Extract<LineCommand, { readonly id: Id }>;

/** How commands are performed. @throws {BktuiError} with why one cannot be done. */
export type Handlers<Id extends LineCommand["id"]> = {
  readonly [Each in Id]: (
    command: CommandOf<Each>,
    parts: Parts,
    signal: AbortSignal,
  ) => Result | Promise<Result>;
};
