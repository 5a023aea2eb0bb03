/** The signals that end a run without a screen. */
import { BktuiError } from "../base/errors.ts";
import { exitCodeOfSignal } from "./exit-code.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that the build can be ended in order. A second
 * one finds no listener and ends the process at once. For work without a screen: the screen has its own guard.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  #received: NodeJS.Signals | undefined;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#receive);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 + n of the signal that came; undefined while none has. */
  get exitCode(): number | undefined {
    return this.#received === undefined ? undefined : exitCodeOfSignal(this.#received);
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#receive);
  }

  readonly #receive = (name: NodeJS.Signals): void => {
    this.#received = name;
    this[Symbol.dispose]();
    this.#controller.abort(new BktuiError("cancelled", `interrupted by ${name}`));
  };
}
