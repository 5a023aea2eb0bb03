/** The signals that end a run without a screen. */
import { BktuiError } from "../base/errors.ts";
import { exitCodeOfSignal } from "./exit-code.ts";

const ENDING = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Turns the first signal that ends programs into an abort, so that the build can be ended in order. A second one finds no
 * listener and ends the process at once. For work without a screen: the screen has its own guard.
 */
export class Interruption implements Disposable {
  /** What Ctrl-C means; until it is set, Ctrl-C ends the work like the others. */
  onInterrupt: (() => void) | undefined;
  readonly #controller = new AbortController();
  #received: NodeJS.Signals | undefined;

  constructor() {
    process.on("SIGINT", this.#interrupt);
    for (const name of ENDING) process.on(name, this.#end);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 + n of the signal that came; undefined while none has. */
  get exitCode(): number | undefined {
    return this.#received === undefined ? undefined : exitCodeOfSignal(this.#received);
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#interrupt);
    for (const name of ENDING) process.off(name, this.#end);
  }

  readonly #interrupt = (name: NodeJS.Signals): void => {
    if (this.onInterrupt === undefined) this.#end(name);
    else this.onInterrupt();
  };

  readonly #end = (name: NodeJS.Signals): void => {
    this.#received = name;
    this[Symbol.dispose]();
    this.#controller.abort(new BktuiError("cancelled", `interrupted by ${name}`));
  };
}
