/** The next line of the input, read while the build still runs. */
import type { ScriptLines } from "../../console/script-lines.ts";
import type { LineInput } from "./line-input.ts";

export interface HeldLine {
  /** undefined = the input has ended. */
  readonly text: string | undefined;
  /** Where it begins, from 1. */
  readonly number: number;
}

/**
 * Reads one line ahead and no more: what follows `shell` in a script is for the shell.
 */
export class ReadAhead {
  readonly #input: LineInput;
  /** Of a script: comments are left out, lines that go on are put together. */
  readonly #script: ScriptLines | undefined;
  /** The line that is being waited for; another one's arrival is not ours. */
  #reading: symbol | undefined;
  #held: HeldLine | undefined;

  constructor(input: LineInput, script?: ScriptLines) {
    this.#input = input;
    this.#script = script;
  }

  /** The line that has been read. */
  get held(): HeldLine | undefined {
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
        this.#held = this.#complete(text);
        if (this.#held === undefined) this.want(arrived);
        else arrived();
      } else if (text !== undefined) this.#input.unread(text);
    });
  }

  #complete(text: string | undefined): HeldLine | undefined {
    const { number } = this.#input;
    if (this.#script === undefined) return { text, number };
    return text === undefined ? (this.#script.end() ?? { text, number }) : this.#script.take(text, number);
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
