/** What makes a transfer large: bytes by the names at the root of the tree. */

import { visibleLine } from "../../base/visible.ts";
import { byteSize } from "../../base/words.ts";
import { type BytePath, toText } from "./byte-path.ts";

const MOST_NAMED = 3;
/** What makes up less of the whole is not named. */
const LEAST_SHARE = 0.1;

/** Adds up the bytes of one transfer. */
export class Weight {
  #bytes = 0;
  readonly #tops = new Map<string, number>();

  add(path: BytePath, bytes: number): void {
    const [top = ""] = toText(path).split("/", 1);
    this.#bytes += bytes;
    this.#tops.set(top, (this.#tops.get(top) ?? 0) + bytes);
  }

  /** `the context is 3.1 GB (node_modules 2.9 GB): a line "node_modules" in .dockerignore keeps that out`. */
  words(directory: string): string {
    const [largest, ...more] = [...this.#tops]
      .filter(([, bytes]) => bytes >= this.#bytes * LEAST_SHARE)
      .sort((a, b) => b[1] - a[1])
      .slice(0, MOST_NAMED)
      .map(([top, bytes]) => ({ name: visibleLine(top), size: byteSize(bytes) }));
    const whole = `the ${directory} is ${byteSize(this.#bytes)}`;
    if (largest === undefined) return `${whole}, in many small parts; .dockerignore keeps out what it names`;
    const named = [largest, ...more].map(({ name, size }) => `${name} ${size}`).join(", ");
    return `${whole} (${named}): a line "${largest.name}" in .dockerignore keeps that out`;
  }
}
