import { limits } from "../base/limits.ts";

/** A longer line is cut into pieces, so that output without line ends cannot grow without bound. */
const MAX_LINE = limits.lineCharacters;

/** Bytes cut anywhere -> lines of text without their ends. Invalid UTF-8 becomes U+FFFD. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #rest = "";

  /** Characters of the line that has no end yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** Lines that are complete with this chunk. */
  push(data: Uint8Array): readonly string[] {
    const parts = (this.#rest + this.#decoder.decode(data, { stream: true })).split("\n");
    const rest = parts.pop() ?? "";
    const lines = parts.flatMap((part) => cut(part.endsWith("\r") ? part.slice(0, -1) : part));
    const pieces = cut(rest);
    this.#rest = pieces.pop() ?? "";
    return [...lines, ...pieces];
  }

  /** What is left when the command has ended. */
  end(): string | undefined {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return rest === "" ? undefined : rest;
  }
}

function cut(line: string): string[] {
  if (line.length <= MAX_LINE) return [line];
  const pieces: string[] = [];
  for (let start = 0; start < line.length; ) {
    const end = start + MAX_LINE;
    // Never between the two halves of one character.
    const last = line.charCodeAt(end - 1);
    const next = end < line.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
    pieces.push(line.slice(start, next));
    start = next;
  }
  return pieces;
}
