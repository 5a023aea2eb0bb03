import { limits } from "../base/limits.ts";
import { movesInLine, type ShownLine, TerminalLine, withoutLineEnd } from "./terminal-line.ts";

/** A longer line is cut into pieces, so that output without line ends cannot grow without bound. */
const MAX_LINE = limits.lineCharacters;

const ORDINARY = "[^\\b\\u001b\\r]*";
/** Nothing in it is more than text, and lines end with `\n` or `\r\n`. */
const ALL_PLAIN = new RegExp(`^${ORDINARY}(?:\\r\\n${ORDINARY})*$`);

/** Bytes cut anywhere -> lines as a terminal shows them, without their ends. Invalid UTF-8 becomes U+FFFD. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** A line that has no end yet: as text, or since it moved within itself as what a terminal makes of it. */
  #rest = "";
  #moving: TerminalLine | undefined;

  /** Characters of the line that has no end yet. */
  get pending(): number {
    return this.#rest.length + (this.#moving?.size ?? 0);
  }

  /** The line that has no end yet, as it stands; "" = there is none. */
  soFar(): string {
    return this.#moving?.soFar() ?? withoutLineEnd(this.#rest);
  }

  /** Lines that are complete with this chunk. */
  push(data: Uint8Array): readonly ShownLine[] {
    const text = this.#rest + this.#decoder.decode(data, { stream: true });
    const parts = text.split("\n");
    const rest = parts.pop() ?? "";
    const lines: ShownLine[] = [];
    const mayMove = this.#moving !== undefined || !isPlain(text);
    if (mayMove) for (const part of parts) this.#add(part, lines);
    else for (const part of parts) addPlain(part, lines);
    this.#rest = rest;
    if (mayMove && (this.#moving !== undefined || movesInLine(rest))) this.#move(rest, lines);
    else if (rest.length > MAX_LINE) this.#cut(lines);
    return lines;
  }

  /** What is left when the command has ended. */
  end(): ShownLine | undefined {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    if (this.#moving === undefined) return rest === "" ? undefined : withoutLineEnd(rest);
    const line = this.#moving;
    this.#moving = undefined;
    line.write(rest);
    return line.end();
  }

  #add(part: string, lines: ShownLine[]): void {
    if (this.#moving === undefined && !movesInLine(part)) {
      addPlain(part, lines);
      return;
    }
    const line = this.#move(part, lines);
    this.#moving = undefined;
    lines.push(line.end());
  }

  #move(text: string, lines: ShownLine[]): TerminalLine {
    const line = this.#moving ?? new TerminalLine();
    this.#moving = line;
    this.#rest = "";
    line.write(text);
    lines.push(...line.takeFull());
    return line;
  }

  #cut(lines: ShownLine[]): void {
    const pieces = cut(this.#rest);
    this.#rest = pieces.pop() ?? "";
    lines.push(...pieces);
  }
}

/** Most output is: two searches for single characters are much faster than looking at each line. */
function isPlain(text: string): boolean {
  if (!text.includes("\r")) return !text.includes("\u001b") && !text.includes("\b");
  return ALL_PLAIN.test(text);
}

function addPlain(part: string, lines: ShownLine[]): void {
  const line = withoutLineEnd(part);
  if (line.length <= MAX_LINE) lines.push(line);
  else lines.push(...cut(line));
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
