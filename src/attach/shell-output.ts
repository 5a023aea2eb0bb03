/** What an attached shell's terminal is sent: the shell's own bytes, filtered, and lines of the debugger between them. */
import { visibleLine } from "../base/visible.ts";
import type { ScreenOutput } from "../tui/terminal/tty-output.ts";
import { isLineBegun } from "./line-start.ts";

/** More is not kept for a terminal that does not read: its shell waits. */
const MOST_WAITING = 64 * 1024;
const IN_ASCII: readonly (readonly [string, string])[] = [
  ["—", "--"],
  ["·", "-"],
  ["…", "..."],
];

/** One write is under way at a time; what comes meanwhile goes with the next one. */
export class ShellOutput {
  /** The terminal takes more again. */
  onDrain: () => void = () => undefined;
  readonly #output: ScreenOutput;
  readonly #ascii: boolean;
  readonly #dumb: boolean;
  #waiting = "";
  #isWriting = false;
  #isGone = false;
  #isLineBegun = false;

  /** @param ascii the terminal shows nothing else @param dumb it obeys no sequences */
  constructor(output: ScreenOutput, { ascii, dumb }: { readonly ascii: boolean; readonly dumb: boolean }) {
    this.#output = output;
    this.#ascii = ascii;
    this.#dumb = dumb;
  }

  /** Text of a shell that has been through its filter; false = no more is wanted until `onDrain`. */
  write(text: string): boolean {
    this.#isLineBegun = isLineBegun(text, this.#isLineBegun);
    this.#send(text);
    return this.#waiting.length < MOST_WAITING;
  }

  /** Sequences that no shell has printed: what undoes and redoes its modes. */
  modes(sequences: string): void {
    if (!this.#dumb) this.write(sequences);
  }

  /** A line of the debugger's own, in a row of its own. @param words untrusted text */
  line(words: string): void {
    let line = visibleLine(words);
    if (this.#ascii) for (const [glyph, ascii] of IN_ASCII) line = line.replaceAll(glyph, ascii);
    this.#send(`${this.#isLineBegun ? "\r\n" : ""}${line}\r\n`);
    this.#isLineBegun = false;
  }

  /** Shows the other side that this one answers. */
  beat(): void {
    if (!this.#isWriting) this.#write("");
  }

  #send(text: string): void {
    if (this.#isGone || text === "") return;
    this.#waiting += text;
    if (!this.#isWriting) this.#write(this.#waiting);
  }

  #write(text: string): void {
    this.#waiting = "";
    this.#isWriting = true;
    this.#output.write(text, (error) => {
      this.#isWriting = false;
      this.#isGone ||= error !== undefined;
      if (this.#isGone) this.#waiting = "";
      else if (this.#waiting !== "") this.#write(this.#waiting);
      this.onDrain();
    });
  }
}
