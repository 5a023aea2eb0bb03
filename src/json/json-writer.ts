/** Lines of JSON to a reader that may lag: what can be asked for later is left out then, and how much is said. */
import type { Output } from "../plain/output.ts";

/** What was left out. */
export interface Gap {
  /** Of logs. */
  readonly lines: number;
  readonly events: number;
}

/** What waits in memory for a reader; of what is never left out there may be more. */
const MOST_WAITING_CHARACTERS = 1024 * 1024;

/** Writes one object a line. It makes nobody wait: the build goes on however slowly it is read. */
export class JsonWriter {
  readonly #output: Output;
  readonly #gapLine: (gap: Gap) => object;
  readonly #waiting: string[] = [];
  #waitingCharacters = 0;
  #isFull = false;
  /** Since it was asked last. */
  #hasWritten = false;
  /** Left out, and not said yet. */
  #gap: Gap = { lines: 0, events: 0 };

  /** @param gapLine the object that tells of a gap */
  constructor(output: Output, gapLine: (gap: Gap) => object) {
    this.#output = output;
    this.#gapLine = gapLine;
  }

  /** A line for when there has been none since the last call, and the reader has taken all. */
  writeIfQuiet(line: object): void {
    if (!this.#hasWritten && this.#waiting.length === 0) this.write(line);
    this.#hasWritten = false;
  }

  /** How many characters wait to be taken. */
  get waiting(): number {
    return this.#waitingCharacters;
  }

  /** Is written in any case. */
  write(line: object): void {
    this.#tellGap();
    this.#put(`${JSON.stringify(line)}\n`);
  }

  /**
   * Is left out while the reader lags too far.
   * @param lines of logs that are in it
   */
  writeThin(line: object, lines: number): void {
    if (this.#waitingCharacters < MOST_WAITING_CHARACTERS) this.write(line);
    else this.#gap = { lines: this.#gap.lines + lines, events: this.#gap.events + 1 };
  }

  /** What was left out stands where it is missing. */
  #tellGap(): void {
    if (this.#gap.events === 0) return;
    const gap = this.#gap;
    this.#gap = { lines: 0, events: 0 };
    this.#put(`${JSON.stringify(this.#gapLine(gap))}\n`);
  }

  #put(text: string): void {
    this.#hasWritten = true;
    this.#waiting.push(text);
    this.#waitingCharacters += text.length;
    this.#flush();
  }

  #flush(): void {
    if (this.#isFull) return;
    let taken = 0;
    while (taken < this.#waiting.length && !this.#isFull) {
      const text = this.#waiting[taken] ?? "";
      taken += 1;
      this.#waitingCharacters -= text.length;
      if (this.#output.write(text)) continue;
      this.#isFull = true;
      this.#output.onDrain(() => {
        this.#isFull = false;
        this.#flush();
      });
    }
    this.#waiting.splice(0, taken);
  }

  /** Gives all that waits to the stream, which keeps it: nothing more comes. */
  end(): void {
    this.#tellGap();
    for (const text of this.#waiting.splice(0)) this.#output.write(text);
    this.#waitingCharacters = 0;
  }
}
