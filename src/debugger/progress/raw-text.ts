/** What a step wrote, unchanged, up to a limit: the middle is left out. */
import { limits } from "../../base/limits.ts";

/** The beginning and the end of what was written. */
export class RawText {
  #head = "";
  #tail: string[] = [];
  #tailLength = 0;
  #leftOut = 0;

  get size(): number {
    return this.#head.length + this.#tailLength;
  }

  add(text: string): void {
    const room = HEAD - this.#head.length;
    if (room > 0) this.#head = copied(this.#head + text.slice(0, room));
    const rest = text.slice(Math.max(0, room));
    if (rest === "") return;
    const kept = rest.slice(-TAIL);
    this.#leftOut += rest.length - kept.length;
    this.#tail.push(kept.length < text.length ? copied(kept) : kept);
    this.#tailLength += kept.length;
    while (this.#tailLength - (this.#tail[0]?.length ?? 0) >= TAIL) {
      const gone = this.#tail.shift()?.length ?? 0;
      this.#tailLength -= gone;
      this.#leftOut += gone;
    }
  }

  text(): string {
    const tail = this.#tail.join("");
    const shown = tail.slice(-TAIL);
    const leftOut = this.#leftOut + tail.length - shown.length;
    const note = leftOut === 0 ? "" : ` … (${leftOut} characters left out) … `;
    return copied(this.#head + note + shown);
  }
}

const HEAD = limits.rawCharacters / 4;
const TAIL = limits.rawCharacters - HEAD;

/** A piece of a string keeps the whole string alive. */
function copied(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
