/** What a program prints, in bounded memory: its beginning and its end. */

/** Keeps the first and the last bytes, half of the room each. */
export class BoundedOutput {
  readonly #most: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #total = 0;

  /** @param most bytes in all */
  constructor(most: number) {
    this.#most = most;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk);
    this.#total += bytes.length;
    const half = this.#most / 2;
    const room = Math.max(0, half - this.#headBytes);
    const begin = bytes.subarray(0, room);
    if (begin.length > 0) {
      this.#head.push(begin);
      this.#headBytes += begin.length;
    }
    const rest = bytes.subarray(begin.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    if (this.#tailBytes > 2 * half) this.#cut(half);
  }

  /** @returns the output, and how many bytes are left out between its beginning and its end */
  take(): { readonly text: string; readonly omitted: number } {
    this.#cut(this.#most / 2);
    const omitted = this.#total - this.#headBytes - this.#tailBytes;
    const [head, tail] = [Buffer.concat(this.#head), Buffer.concat(this.#tail)];
    if (omitted === 0) return { text: Buffer.concat([head, tail]).toString("utf8"), omitted };
    return {
      text: `${head.toString("utf8")}\n[${omitted} bytes left out]\n${tail.toString("utf8")}`,
      omitted,
    };
  }

  #cut(most: number): void {
    if (this.#tailBytes <= most) return;
    const all = Buffer.concat(this.#tail);
    this.#tail = [Buffer.from(all.subarray(all.length - most))];
    this.#tailBytes = most;
  }
}
