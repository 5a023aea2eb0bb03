/** The next line of the input, read while the build still runs. */
import type { LineInput } from "./line-input.ts";

/**
 * Reads one line ahead and no more: what follows `shell` in a script is for the shell.
 */
export class ReadAhead {
  readonly #input: LineInput;
  /** The line that is being waited for; another one's arrival is not ours. */
  #reading: symbol | undefined;
  #held: { readonly text: string | undefined } | undefined;

  constructor(input: LineInput) {
    this.#input = input;
  }

  /** The line that has been read; its text is undefined at the end of the input. */
  get held(): { readonly text: string | undefined } | undefined {
    return this.#held;
  }

  /** Begins to read when nothing is held; `arrived` is called once it is. */
  want(arrived: () => void): void {
    if (this.#held !== undefined || this.#reading !== undefined) return;
    const reading = Symbol("line");
    this.#reading = reading;
    // Reading lines does not fail: an input that breaks ends.
    void this.#input.line().then((text) => {
      if (this.#reading === reading) {
        this.#reading = undefined;
        this.#held = { text };
        arrived();
      } else if (text !== undefined) this.#input.unread(text);
    });
  }

  /** The held line has been dealt with. */
  drop(): void {
    this.#held = undefined;
  }

  /** Somebody else reads from now on, beginning with what was read ahead. */
  stop(): void {
    if (this.#reading !== undefined) this.#input.forgetReader();
    this.#reading = undefined;
    const text = this.#held?.text;
    if (text === undefined) return;
    this.#held = undefined;
    this.#input.unread(text);
  }
}
