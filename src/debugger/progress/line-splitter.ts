/** Splits a command's output into lines, wherever its chunks are cut. */
import { limits } from "../../base/limits.ts";
import { LineEnds } from "./carriage-return.ts";
import { cut } from "./cut-line.ts";
import { movesInLine, type ShownLine, TerminalLine } from "./terminal-line.ts";

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
  readonly #ends = new LineEnds();

  /** Characters of the line that has no end yet. */
  get pending(): number {
    return this.#rest.length + (this.#moving?.size ?? 0);
  }

  /** The line that has no end yet, as it stands; "" = there is none. */
  soFar(): string {
    return this.#moving?.soFar() ?? this.#ends.soFar(this.#rest);
  }

  /** Lines that are complete with this chunk. */
  push(data: Uint8Array): readonly ShownLine[] {
    const text = this.#rest + this.#decoder.decode(data, { stream: true });
    const parts = text.split("\n");
    const rest = parts.pop() ?? "";
    const lines: ShownLine[] = [];
    const mayMove = this.#moving !== undefined || !isPlain(text);
    if (mayMove) for (const part of parts) this.#add(part, lines);
    else for (const part of parts) this.#addPlain(part, lines);
    this.#rest = rest;
    if (mayMove && (this.#moving !== undefined || movesInLine(rest))) this.#move(rest, lines);
    else if (rest.length > MAX_LINE) this.#cut(lines);
    return lines;
  }

  /** What is left when the command has ended. */
  end(): readonly ShownLine[] {
    const rest = this.#rest + this.#decoder.decode();
    const lines: ShownLine[] = [];
    this.#rest = "";
    if (this.#moving !== undefined || rest !== "") this.#add(rest, lines);
    return lines;
  }

  #add(part: string, lines: ShownLine[]): void {
    if (this.#moving === undefined && !movesInLine(part)) {
      this.#addPlain(part, lines);
      return;
    }
    const line = this.#move(part, lines);
    this.#moving = undefined;
    const shown = line.end(this.#ends);
    lines.push(...line.takeFull(), shown);
  }

  #addPlain(part: string, lines: ShownLine[]): void {
    const line = this.#ends.without(part);
    if (line.length <= MAX_LINE) lines.push(line);
    else lines.push(...cut(line));
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
