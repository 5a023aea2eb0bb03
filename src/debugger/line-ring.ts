import type { LogLine, LogView } from "./progress-store.ts";

/** The newest lines within a number of lines and of bytes; the oldest are dropped. Indexes stay. */
export class LineRing implements LogView {
  #lines: LogLine[] = [];
  /** Dropped lines that are still in the array: it is cut in large pieces only. */
  #skipped = 0;
  #first = 0;
  #bytes = 0;
  readonly #limits: { readonly lines: number; readonly bytes: number };

  constructor(limits: { readonly lines: number; readonly bytes: number }) {
    this.#limits = limits;
  }

  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#lines.length - this.#skipped;
  }

  line(index: number): LogLine | undefined {
    return index < this.#first ? undefined : this.#lines[index - this.#first + this.#skipped];
  }

  push(line: LogLine): void {
    this.#lines.push(line);
    this.#bytes += line.text.length;
    while (this.#isOver()) this.#dropOldest();
  }

  #isOver(): boolean {
    const count = this.#lines.length - this.#skipped;
    return count > this.#limits.lines || (this.#bytes > this.#limits.bytes && count > 1);
  }

  #dropOldest(): void {
    this.#bytes -= this.#lines[this.#skipped]?.text.length ?? 0;
    this.#skipped++;
    this.#first++;
    if (this.#skipped * 2 <= this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#skipped);
    this.#skipped = 0;
  }
}
