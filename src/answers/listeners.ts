/** Who is told what happens to a build, and of which kinds of it. */
import type { ConsoleEvent } from "./answers.ts";

export type Wanted = (type: ConsoleEvent["type"]) => boolean;

type Listener = (event: ConsoleEvent) => void;

/** May change while an event is told. */
export class Listeners {
  readonly #all = new Map<Listener, Wanted>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  add(listener: Listener, isWanted: Wanted): void {
    this.#all.set(listener, isWanted);
  }

  remove(listener: Listener): void {
    this.#all.delete(listener);
  }

  /** By any of them. */
  readonly isWanted: Wanted = (type) => [...this.#all.values()].some((wants) => wants(type));

  tell(event: ConsoleEvent): void {
    for (const [listener, wants] of this.#all) if (wants(event.type)) listener(event);
  }
}
