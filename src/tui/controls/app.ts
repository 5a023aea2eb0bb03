/** What the controller offers to its parts: state and view of the screen, the debugger, messages, questions. */
import type { Debugger } from "../../debugger/debugger.ts";
import type { Keys } from "../commands/key-bindings.ts";
import type { View } from "../screen/view.ts";
import type { UiAction, UiState } from "../state/ui-state.ts";

export interface Question {
  readonly title: string;
  /** What happens, and what is lost. */
  readonly lines: readonly string[];
}

export interface App {
  readonly keys: Keys;
  readonly ui: UiState;
  /** undefined until the engine is found. */
  readonly debug: Debugger | undefined;
  act(...actions: readonly UiAction[]): void;
  /** Something that is drawn changed outside the interface's own state. */
  changed(): void;
  /** What the screen shows now. */
  view(): View;
  say(text: string): void;
  /** Shows an error until Esc; its details are kept for `:error`. */
  fail(error: unknown): void;
  /** Resolves with true only for an explicit yes. A second question answers the first with no. */
  ask(question: Question): Promise<boolean>;
  /** Runs work whose failure is shown to the user. */
  background(work: Promise<void>): void;
}
