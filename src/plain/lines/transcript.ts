/** The output of the line mode: whole lines, and a prompt that stands alone at the end. */
import { visibleLine } from "../../base/visible.ts";
import type { Output } from "../output.ts";

/** Lines that are kept of a command. */
const MOST_SAID = 10_000;

/** Writes each event on a line of its own, and the prompt once. */
export class Transcript {
  readonly #output: Output;
  /** Lines come from a script and are repeated behind the prompt; a terminal shows what is typed by itself. */
  readonly #repeatsInput: boolean;
  #promptOpen = false;
  #said: string[] = [];

  constructor(output: Output, options: { readonly repeatsInput: boolean }) {
    this.#output = output;
    this.#repeatsInput = options.repeatsInput;
  }

  /** What has been said since `begin`; of very much the end. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** What is said from now on belongs to another command. */
  begin(): void {
    this.#said = [];
  }

  /** One event, on a line of its own; harmless text only. */
  say(line: string): void {
    if (this.#promptOpen) this.#output.write("\n");
    this.#promptOpen = false;
    this.#said.push(line);
    if (this.#said.length > 2 * MOST_SAID) this.#said.splice(0, MOST_SAID);
    this.#output.line(line);
  }

  /** Written once until something else is. */
  prompt(text: string): void {
    if (this.#promptOpen) return;
    this.#promptOpen = true;
    this.#output.write(text);
  }

  /** A terminal has shown `^C` where the cursor was. */
  interrupted(): void {
    if (!this.#repeatsInput) this.#output.write("\n");
    this.#promptOpen = false;
  }

  /** A line was read: the cursor stands in a new row. */
  entered(line: string, prompt: string): void {
    if (this.#repeatsInput) {
      this.prompt(prompt);
      this.#output.write(`${visibleLine(line)}\n`);
    }
    this.#promptOpen = false;
  }
}
