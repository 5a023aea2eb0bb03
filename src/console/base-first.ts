/** Words that need BASE of a step that failed before the steps above it had run: those run first, then the word counts. */

import type { Debugger, Phase } from "../debugger/debugger.ts";
import { canMakeBase, makesOnlyBase, stopOf } from "../debugger/state/inspect.ts";
import type { LineCommand } from "./read-command.ts";
import { namedStep } from "./step-names.ts";

type Debug = Pick<Debugger, "state" | "progress" | "states" | "dispatch">;

/** What waits until BASE has been made. */
export class BaseFirst {
  readonly #debug: Debug;
  readonly #say: (line: string) => void;
  #waiting: { readonly command: LineCommand; readonly step: number } | undefined;

  constructor(debug: Debug, say: (line: string) => void) {
    this.#debug = debug;
    this.#say = say;
  }

  /** The build stands again where a word waits for BASE. */
  isFor({ execution, at, reason }: Extract<Phase, { kind: "paused" }>): boolean {
    return reason.kind === "exception" && execution.program.stops[at]?.step === this.#waiting?.step;
  }

  /**
   * True when the word is not to be obeyed now: the steps above run, and `due` gives it back; or `swap` would have them
   * run for nothing, which is said. @throws {BktuiError} for a step that is not there.
   */
  holds(command: LineCommand): boolean {
    const { state } = this.#debug;
    const stop = stopOf(state);
    if (stop === undefined || !canMakeBase(state, stop.step) || !needsBase(this.#debug, command, stop.step))
      return false;
    if (command.id === "swap" && makesOnlyBase(state, stop.step)) {
      this.#say(
        `swap: BASE will be the only state of step ${stop.step + 1}; shell runs the steps above it and opens it`,
      );
      return true;
    }
    this.#waiting = { command, step: stop.step };
    this.#say(
      `BASE of step ${stop.step + 1} is made first: the steps above it run; Ctrl-C or cancel stops that`,
    );
    this.#debug.dispatch({ kind: "make-base" });
    return true;
  }

  /** The build has come to rest: the word that waited, if BASE is there now. */
  due(): LineCommand | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return undefined;
    const { state } = this.#debug;
    const stop = stopOf(state);
    if (state.phase.kind === "paused" && stop?.step === waiting.step) {
      if (this.#debug.states(stop.step).length > 0) return waiting.command;
      const why = canMakeBase(state, stop.step) ? "" : ": a step above was interrupted; rerun runs it again";
      this.#say(`BASE of step ${stop.step + 1} was not made${why}`);
    }
    return undefined;
  }
}

function needsBase(debug: Debug, command: LineCommand, failed: number): boolean {
  switch (command.id) {
    case "shell":
    case "shell-new":
    case "shell-restart":
    case "shell-retry":
    case "debug-shell":
    case "changes":
    case "files":
    case "file-diff":
    case "file-show":
    case "shell-command":
      return command.step === undefined || namedStep(debug, command.step).id === failed;
    case "swap":
      return true;
    default:
      return false;
  }
}
