/** Raw mode for a program that changes nothing else about its terminal. */

/** The input side of a terminal; `tty.ReadStream` is one. */
export interface RawInput {
  setRawMode(raw: boolean): unknown;
}

/**
 * Keys come as they are typed until this is disposed, or the process ends or is stopped (it goes on raw). For the
 * line mode, which leaves all other modes alone; the full screen has its TerminalGuard.
 */
export class RawMode implements Disposable {
  readonly #input: RawInput;
  readonly #onExit = (): void => this.#leave();
  readonly #onStop = (): void => {
    this.#leave();
    process.off("SIGTSTP", this.#onStop);
    process.kill(process.pid, "SIGTSTP");
  };
  readonly #onContinue = (): void => {
    process.off("SIGTSTP", this.#onStop);
    process.on("SIGTSTP", this.#onStop);
    this.#enter();
  };

  constructor(input: RawInput) {
    this.#input = input;
    process.on("exit", this.#onExit);
    process.on("SIGTSTP", this.#onStop);
    process.on("SIGCONT", this.#onContinue);
    this.#enter();
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#onExit);
    process.off("SIGTSTP", this.#onStop);
    process.off("SIGCONT", this.#onContinue);
    this.#leave();
  }

  #enter(): void {
    // Off and on again: libuv skips a mode that it believes to be set, but a job-control shell may have changed it.
    this.#input.setRawMode(false);
    this.#input.setRawMode(true);
  }

  #leave(): void {
    this.#input.setRawMode(false);
  }
}
