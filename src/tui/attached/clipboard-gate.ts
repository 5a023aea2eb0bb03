/** Programs in a shell may set the clipboard (OSC 52) when the user allows it: he is asked once. */

import { count } from "../../base/words.ts";
import type { App } from "../controls/app.ts";

/** Beyond this a terminal hardly takes it, and nobody meant it. */
const MAX_CHARACTERS = 100_000;

export interface ClipboardGateOptions {
  readonly app: App;
  copy(text: string): void;
  /** After the question: the shell gets the keyboard back. */
  resume(): void;
}

/** Asks once whether programs may set the clipboard; the answer holds for all later ones. */
export class ClipboardGate {
  readonly #options: ClipboardGateOptions;
  /** The answer counts until bktui ends. */
  #answer: "none" | "asking" | "yes" | "no" = "none";

  constructor(options: ClipboardGateOptions) {
    this.#options = options;
  }

  /** A program wants `text` on the clipboard; untrusted. */
  offer(text: string): void {
    const { app } = this.#options;
    const { clipboard } = app.ui.settings;
    if (clipboard === "deny" || text.length > MAX_CHARACTERS || this.#answer === "asking") return;
    if (clipboard === "allow" || this.#answer === "yes") this.#copy(text);
    else if (this.#answer === "none") app.background(this.#ask(text));
  }

  async #ask(text: string): Promise<void> {
    const { app, resume } = this.#options;
    const hadKeyboard = app.ui.keyboard === "shell";
    this.#answer = "asking";
    const [line = ""] = text.split("\n");
    const yes = await app.ask({
      title: "Let programs in the shells set the clipboard?",
      lines: [
        `One wants to copy ${count(text.length, "character")}: ${line.slice(0, 200)}`,
        "",
        "The answer counts until bktui ends; :set clipboard allow or deny changes it.",
      ],
    });
    this.#answer = yes ? "yes" : "no";
    if (hadKeyboard) resume();
    if (yes) this.#copy(text);
  }

  #copy(text: string): void {
    this.#options.copy(text);
    this.#options.app.say(`a program in the shell copied ${count(text.length, "character")}`);
  }
}
