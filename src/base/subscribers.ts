/** Who is told that there is another state, and when. */
import { type BktuiError, toBktuiError } from "./errors.ts";

/** They look at the state themselves; each state is told of before there is another one. */
export class Subscribers {
  readonly #all = new Set<() => void>();
  readonly #onStray: (error: BktuiError) => void;
  #soon: NodeJS.Immediate | undefined;

  /** @param onStray gets what a listener throws that is told by nobody's call */
  constructor(onStray: (error: BktuiError) => void) {
    this.#onStray = onStray;
  }

  /** @returns what ends it */
  add(listener: () => void): () => void {
    const notify = (): void => listener();
    this.#all.add(notify);
    return () => this.#all.delete(notify);
  }

  tell(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    for (const listener of [...this.#all]) listener();
  }

  /** When what has been written in this turn is on the wire: what they make of the news would delay it. */
  tellSoon(): void {
    this.#soon = setImmediate(() => {
      try {
        this.tell();
      } catch (error) {
        this.#onStray(toBktuiError(error));
      }
    });
  }

  /** For who is about to make another state: what was to be told soon is told now. */
  catchUp(): void {
    if (this.#soon !== undefined) this.tell();
  }
}
