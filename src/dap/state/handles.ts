/** Numbers that stand for frames, variables and targets until the build moves on. A number is never given out twice. */

/** Clients keep numbers in 32 bits. */
const FIRST = 1000;

/** One for each kind of thing that a client gets numbers for. */
export class Handles<Item> {
  #next = FIRST;
  readonly #items = new Map<number, Item>();
  readonly #numbers = new Map<string, number>();

  /** @param key the same one gets the same number until all are forgotten */
  numberOf(key: string, make: () => Item): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#next;
    this.#next += 1;
    this.#numbers.set(key, number);
    this.#items.set(number, make());
    return number;
  }

  /** Undefined: it never was one, or the build has moved on since. */
  get(number: number): Item | undefined {
    return this.#items.get(number);
  }

  forget(): void {
    this.#items.clear();
    this.#numbers.clear();
  }
}
