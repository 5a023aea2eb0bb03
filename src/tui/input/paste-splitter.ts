/** Bytes from the terminal, split into what was typed and what was pasted. */
export type InputPart =
  | { readonly kind: "typed"; readonly bytes: Buffer }
  | { readonly kind: "paste"; readonly text: string };

const START = Buffer.from("\u001b[200~");
const END = Buffer.from("\u001b[201~");
/** A longer paste is delivered in several parts. */
const PART_LIMIT = 1 << 20;

/**
 * Finds bracketed pastes in a stream of chunks cut anywhere. Some terminals let an end marker inside the pasted
 * text through; then the last end marker before the next paste is the real one and the others are removed, so
 * that a paste cannot type.
 */
export class PasteSplitter {
  readonly #markers: readonly Buffer[];
  #buffer: Buffer = Buffer.alloc(0);
  #pasting = false;

  /** @param keys sequences that must not be torn apart between two typed parts */
  constructor(keys: readonly Buffer[] = []) {
    this.#markers = [START, END, ...keys];
  }

  /**
   * What is being waited for: nothing, the rest of a sequence or a second end marker (a few ms; then `flush`),
   * or the end of a paste (longer).
   */
  get waitsFor(): "nothing" | "rest" | "paste-end" {
    if (!this.#pasting) return this.#buffer.length === 0 ? "nothing" : "rest";
    return this.#buffer.includes(END) ? "rest" : "paste-end";
  }

  /** @param shortestHeld a beginning of a marker at the end of the chunk is held back from this length on */
  push(chunk: Uint8Array, shortestHeld: number): InputPart[] {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#buffer, chunk]);
    return this.#split(shortestHeld);
  }

  /** Nothing more came in time: gives out what is held back. */
  flush(): InputPart[] {
    return this.#split("final");
  }

  #split(held: number | "final"): InputPart[] {
    const parts: InputPart[] = [];
    while (this.#buffer.length > 0) {
      const part = this.#pasting ? this.#paste(held === "final") : this.#typed(held);
      if (part === undefined) break;
      if (part.kind === "paste" || part.bytes.length > 0) parts.push(part);
    }
    return parts;
  }

  #typed(shortestHeld: number | "final"): InputPart | undefined {
    const paste = this.#buffer.indexOf(START);
    const stray = this.#buffer.indexOf(END);
    if (stray !== -1 && (paste === -1 || stray < paste)) return this.#typedUntil(stray, END.length);
    if (paste !== -1) {
      const part = this.#typedUntil(paste, START.length);
      this.#pasting = true;
      return part;
    }
    const held = shortestHeld === "final" ? 0 : this.#heldLength(shortestHeld);
    if (held === this.#buffer.length) return undefined;
    return this.#typedUntil(this.#buffer.length - held, 0);
  }

  #typedUntil(index: number, skip: number): InputPart {
    const bytes = this.#buffer.subarray(0, index);
    this.#buffer = this.#buffer.subarray(index + skip);
    return { kind: "typed", bytes };
  }

  #heldLength(shortest: number): number {
    const longest = Math.max(...this.#markers.map((marker) => marker.length)) - 1;
    for (let length = Math.min(longest, this.#buffer.length); length >= shortest; length--) {
      const tail = this.#buffer.subarray(-length);
      if (this.#markers.some((marker) => marker.length > length && marker.subarray(0, length).equals(tail))) {
        return length;
      }
    }
    return 0;
  }

  #paste(final: boolean): InputPart | undefined {
    const next = this.#buffer.indexOf(START);
    const region = next === -1 ? this.#buffer : this.#buffer.subarray(0, next);
    const last = region.lastIndexOf(END);
    if (last === -1) {
      if (next !== -1 || final) return this.#pasteUntil(region.length, 0, next !== -1);
      return this.#buffer.length > PART_LIMIT ? this.#pasteUntil(textBoundary(region), 0, true) : undefined;
    }
    // Bytes behind the marker may be typed, or the rest of a paste that held an end marker: wait a moment.
    if (last + END.length < region.length && next === -1 && !final) return undefined;
    return this.#pasteUntil(last, END.length, false);
  }

  #pasteUntil(index: number, skip: number, goesOn: boolean): InputPart {
    const bytes = this.#buffer.subarray(0, index);
    this.#buffer = this.#buffer.subarray(index + skip);
    if (goesOn && this.#buffer.indexOf(START) === 0) this.#buffer = this.#buffer.subarray(START.length);
    this.#pasting = goesOn;
    return { kind: "paste", text: bytes.toString("utf8").replaceAll(END.toString(), "") };
  }
}

/** Where the buffer can be cut without splitting a UTF-8 character or an end marker. */
function textBoundary(buffer: Buffer): number {
  let index = buffer.length - END.length;
  while (index > 1 && ((buffer[index] ?? 0) & 0xc0) === 0x80) index--;
  return index;
}
