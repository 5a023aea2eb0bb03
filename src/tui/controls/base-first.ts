/** Keys that need BASE of a step that failed before the steps above it had run: those run first, then the key counts. */

import type { CommandId } from "../../console/command-table.ts";
import type { Command, DebugState } from "../../debugger/debugger.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";
import { canMakeBase, sidesOf, stopOf } from "../../debugger/state/inspect.ts";
import type { StepId } from "../../graph/program.ts";
import type { Desk } from "./app.ts";

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
]);

export interface BaseFirstOptions {
  readonly desk: Desk;
  readonly dispatch: (command: Command) => void;
  readonly run: (command: CommandId) => void;
}

export class BaseFirst {
  readonly #options: BaseFirstOptions;
  #waiting: { readonly command: CommandId; readonly step: StepId; hasBegun: boolean } | undefined;

  constructor(options: BaseFirstOptions) {
    this.#options = options;
  }

  /** True when the steps above run now, and the key waits for them. */
  takes(command: CommandId): boolean {
    const { desk, dispatch } = this.#options;
    const { selected, situation } = desk.view();
    if (selected === undefined || situation.makesBase !== true || !NEED_BASE.has(command)) return false;
    this.#waiting = { command, step: selected.id, hasBegun: false };
    desk.say(`BASE is made first: the steps above run; ${desk.keys.keyOf("interrupt")} stops that`);
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
    const { desk, run } = this.#options;
    const { command, step } = waiting;
    const isThere = state.phase.kind === "paused" && stopOf(state)?.step === step;
    if (!isThere) return;
    if (sidesOf(state, step).length > 0) run(command);
    else if (canMakeBase(state, step)) desk.say(`BASE of step ${step + 1} was not made`);
    else
      desk.say(
        `BASE of step ${step + 1} cannot be made now; ${desk.keys.keyOf("rerun")} runs the build again`,
      );
  }
}
