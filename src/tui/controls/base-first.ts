/** Keys that need BASE of a step that failed before the steps above it had run: those run first, then the key counts. */

import type { CommandId } from "../../console/command-table.ts";
import type { Command, DebugState } from "../../debugger/debugger.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { canMakeBase, statesOf, stopOf } from "../../debugger/state/inspect.ts";
import type { StepId } from "../../graph/program.ts";
import type { App } from "./app.ts";

const NEED_BASE: ReadonlySet<CommandId> = new Set<CommandId>([
  "shell",
  "shell-enter",
  "shell-new",
  "shell-retry",
  "debug-shell",
  "run-program",
  "changes",
  "files",
  "swap",
  "export",
]);

export interface BaseFirstOptions {
  readonly app: App;
  readonly dispatch: (command: Command) => void;
  readonly run: (command: CommandId) => void;
}

/** What waits until BASE has been made. */
export class BaseFirst {
  readonly #options: BaseFirstOptions;
  #waiting: { readonly command: CommandId; readonly step: StepId; hasBegun: boolean } | undefined;

  constructor(options: BaseFirstOptions) {
    this.#options = options;
  }

  /** True when the steps above run now, and the key waits for them. */
  takes(command: CommandId): boolean {
    const { app, dispatch } = this.#options;
    const { selected, availability } = app.view();
    if (selected === undefined || availability.makesBase !== true || !NEED_BASE.has(command)) return false;
    this.#waiting = { command, step: selected.id, hasBegun: false };
    app.say(`BASE is made first: the steps above run; ${app.keys.keyOf("interrupt")} stops that`);
    dispatch({ kind: "make-base" });
    return true;
  }

  /** Call after each change of state. */
  release(state: DebugState | undefined): void {
    const waiting = this.#waiting;
    if (waiting === undefined || state === undefined) return;
    if (isBusy(state)) {
      waiting.hasBegun = true;
      return;
    }
    // A shell may be in the way, and ends first.
    if (!waiting.hasBegun) return;
    this.#waiting = undefined;
    const { app, run } = this.#options;
    const { command, step } = waiting;
    const isThere = state.phase.kind === "paused" && stopOf(state)?.step === step;
    if (!isThere) return;
    if (statesOf(state, step).length > 0) run(command);
    else if (canMakeBase(state, step)) app.say(`BASE of step ${step + 1} was not made`);
    else
      app.say(`BASE of step ${step + 1} cannot be made now; ${app.keys.keyOf("rerun")} runs the build again`);
  }
}
