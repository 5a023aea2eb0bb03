/** One line of output as a terminal shows it in the end: what was written over is gone from it, and kept beside it. */
import { limits } from "../../base/limits.ts";
import { BEHIND_A_NAME, type LineEnds } from "./carriage-return.ts";
import { JOINER, JOINS, SINGLE, WIDE } from "./cell-width.ts";
import { cut } from "./cut-line.ts";
import { LineStyle } from "./line-style.ts";
import { RawText } from "./raw-text.ts";

/** A line that wrote over itself. */
export interface RewrittenLine {
  /** What a terminal would show; its own colours are in it. */
  readonly text: string;
  /** All that was written, without the line end; beyond `limits.rawCharacters` the middle is left out. */
  readonly raw: string;
}

/** Text, or what a terminal made of text when something of it was lost on the way. */
export type ShownLine = string | RewrittenLine;

/** Where the right edge is for programs that move there: output of builds has no terminal that could say. */
const EDGE = 79;
const TAB = 8;
const ESC = "\\u001b";
const CONTROL = "\\u0000-\\u001f\\u007f";
const PARAMETERS = "[0-?]{0,64}[ -/]{0,8}";
/** All but colours. */
const MOVES = new RegExp(`[\\b]|\\r(?!$)|${ESC}\\[${PARAMETERS}[@-ln-~]`);
const TOKENS = new RegExp(
  `[^${CONTROL}]+|${ESC}\\[(?<values>[0-?]{0,64})[ -/]{0,8}(?<final>[@-~])|[${CONTROL}]`,
  "gu",
);
const UNFINISHED = new RegExp(`${ESC}(?:\\[${PARAMETERS})?$`);
/** How much behind a carriage return must be known to tell what it does. */
const LOOK_AHEAD = 20;

const NAME_END = new RegExp(BEHIND_A_NAME, "y");
/** Cells that may be touched without writing them: for each character of the line, and for any line. */
const WORK_PER_CHARACTER = 8;
const WORK_AT_LEAST = 64 * limits.lineCharacters;

/** Whether a line (without its end) is more than text and colours: whether it moves, or erases. */
export function movesInLine(line: string): boolean {
  return MOVES.test(line);
}

/** Takes a line in pieces that may be cut anywhere between characters. */
export class TerminalLine {
  /** One cell each; the right half of a wide character is "". */
  #cells: string[] = [];
  /** The colours of each cell, as the sequence that sets them. */
  #styles: string[] = [];
  /** Characters of all these sequences. */
  #styled = 0;
  /** Characters that share a cell with others. */
  #joined = 0;
  #column = 0;
  /** Cells before it are blank. */
  #blankTo = 0;
  /** As long as it ever was. */
  #widest = 0;
  #style = new LineStyle();
  #work = 0;
  #taken = 0;
  /** So much was erased and moved that no more of it is followed: what comes is shown as it is. */
  #isPlain = false;
  /** Something that could be seen is gone. */
  #isRewritten = false;
  #joins = false;
  /** The end of what came, which may go on. */
  #undecided = "";
  readonly #raw = new RawText();
  /** Pieces of a line that is too long, not yet fetched. */
  #full: string[] = [];

  /** Characters that it holds. */
  get size(): number {
    return this.#cells.length + this.#joined + this.#styled + this.#undecided.length + this.#raw.size;
  }

  write(text: string): void {
    this.#raw.add(text);
    const all = this.#undecided + text;
    const end = decidedEnd(all);
    this.#undecided = all.slice(end);
    this.#interpret(all, end);
  }

  /** Pieces that are full: a line is as long as `limits.lineCharacters` at most. */
  takeFull(): readonly string[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** As it stands: more may come. */
  soFar(): string {
    const copy = new TerminalLine();
    copy.#cells = [...this.#cells];
    copy.#styles = [...this.#styles];
    copy.#styled = this.#styled;
    copy.#column = this.#column;
    copy.#blankTo = this.#blankTo;
    copy.#widest = this.#widest;
    copy.#style = this.#style.copy();
    copy.#joins = this.#joins;
    copy.#isPlain = this.#isPlain;
    const known = this.#undecided.replace(UNFINISHED, "");
    copy.#interpret(known, known.length);
    return copy.#text();
  }

  /** The line has ended; what is in front of the text that is returned is full. */
  end(ends: LineEnds): ShownLine {
    const rest = this.#undecided;
    this.#undecided = "";
    this.#interpret(rest, rest.length);
    const pieces = cut(this.#text());
    const text = ends.ofMoved(pieces.pop() ?? "", rest);
    this.#full.push(...pieces);
    return this.#isRewritten ? { text, raw: this.#raw.text() } : text;
  }

  /** Up to `end`; what stands behind it is only looked at. */
  #interpret(text: string, end: number): void {
    for (const match of text.slice(0, end).matchAll(TOKENS)) {
      const [token] = match;
      const { final, values = "" } = match.groups ?? {};
      this.#taken += token.length;
      if (this.#isPlain && final !== "m") this.#append(token);
      else if (final !== undefined) this.#sequence(final, values, token);
      else if (token === "\r") this.#return(text, match.index + 1);
      else if (token === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (token === "\t") this.#column += TAB - (this.#column % TAB);
      else if (isControl(token)) this.#put(token, 1);
      else this.#run(token);
    }
  }

  #append(token: string): void {
    this.#column = this.#cells.length;
    for (const character of token) this.#put(character, 1);
  }

  /** @param cells that are touched and not written */
  #spend(cells: number): void {
    this.#work += cells;
    this.#isPlain ||= this.#work > WORK_AT_LEAST + WORK_PER_CHARACTER * this.#taken;
  }

  #return(text: string, behind: number): void {
    NAME_END.lastIndex = behind;
    const isAtEnd = this.#column === this.#cells.length && (this.#cells.at(-1) ?? " ").trim() !== "";
    if (behind < text.length && isAtEnd && NAME_END.test(text)) this.#put("\r", 1);
    else this.#column = 0;
  }

  #run(text: string): void {
    if (SINGLE.test(text)) {
      for (const character of text) this.#put(character, 1);
      return;
    }
    for (const character of text) {
      if (this.#joins || JOINS.test(character)) this.#join(character);
      else this.#put(character, WIDE.test(character) ? 2 : 1);
    }
  }

  /** Marks stand in the cell of what they are put on. */
  #join(character: string): void {
    this.#joins = character === JOINER;
    const at = this.#cells[this.#column - 1] === "" ? this.#column - 2 : this.#column - 1;
    const base = this.#cells[at];
    if (base === undefined || base.length >= MOST_IN_A_CELL || !this.#hasRoomToJoin()) return;
    this.#cells[at] = base + character;
    this.#joined += character.length;
  }

  /** What was written over is only missed when it matters. */
  #hasRoomToJoin(): boolean {
    if (this.#joined < limits.lineCharacters) return true;
    if (this.#isPlain) return false;
    this.#spend(this.#cells.length);
    this.#joined = Math.max(0, this.#cells.join("").length - this.#cells.length);
    return this.#joined < limits.lineCharacters;
  }

  #put(character: string, width: 1 | 2): void {
    const at = this.#column;
    if (at + width > limits.lineCharacters) {
      this.#cutHere();
      this.#put(character, width);
      return;
    }
    this.#fillTo(at);
    this.#clear(at, at + width, character);
    this.#set(at, character);
    if (width === 2) this.#set(at + 1, "");
    this.#blankTo = Math.min(this.#blankTo, at);
    this.#column = at + width;
    this.#widest = Math.max(this.#widest, this.#cells.length);
  }

  #set(at: number, cell: string): void {
    const { sequence } = this.#style;
    this.#styled += sequence.length - (this.#styles[at]?.length ?? 0);
    this.#cells[at] = cell;
    this.#styles[at] = sequence;
  }

  #cutHere(): void {
    this.#full.push(...cut(this.#text()));
    this.#truncate(0);
    this.#joined = 0;
    this.#widest = 0;
    this.#column = 0;
  }

  #fillTo(column: number): void {
    if (column <= this.#cells.length) return;
    this.#spend(column - this.#cells.length);
    while (this.#cells.length < column) {
      this.#cells.push(" ");
      this.#styles.push("");
    }
  }

  /** What stands there gives way; `by`: a character that takes its place. */
  #clear(from: number, to: number, by: string): void {
    const end = Math.min(to, this.#cells.length);
    if (from >= end) return;
    if (by === "") this.#spend(end - from);
    // Half a wide character is none.
    if (this.#cells[from] === "") this.#blank(from - 1);
    if (this.#cells[to] === "") this.#blank(to);
    for (let at = from; at < end; at++) {
      const old = this.#cells[at];
      if (old !== by && old !== " " && old !== "") this.#isRewritten = true;
      if (old !== " ") this.#blank(at);
    }
  }

  #blank(at: number): void {
    this.#styled -= this.#styles[at]?.length ?? 0;
    this.#cells[at] = " ";
    this.#styles[at] = "";
  }

  /** What is behind it is not even blank. */
  #truncate(length: number): void {
    if (length >= this.#cells.length) return;
    for (let at = length; at < this.#styles.length; at++) this.#styled -= this.#styles[at]?.length ?? 0;
    this.#cells.length = length;
    this.#styles.length = length;
    this.#blankTo = Math.min(this.#blankTo, length);
  }

  #sequence(final: string, values: string, sequence: string): void {
    const [first = ""] = values.split(";");
    const count = Math.min(limits.lineCharacters, Math.max(1, Number(first) || 1));
    switch (final) {
      case "m":
        // With anything else in it it is no colour.
        if (/^[\d;:]*$/.test(values) && sequence.length === values.length + 3) this.#style.apply(values);
        return;
      case "D":
        this.#column = Math.max(0, this.#column - count);
        return;
      case "C":
        this.#moveTo(this.#column + count);
        return;
      case "G":
      case "`":
        this.#moveTo(count - 1);
        return;
      case "H":
      case "f":
        // A place on the whole screen: seen, as nothing else tells that lines do not stand where they were meant to.
        for (const character of sequence) this.#put(character, 1);
        return;
      case "E":
      case "F":
        this.#column = 0;
        return;
      case "K":
        this.#erase(first);
        return;
      case "J":
        // The log keeps what stood on a screen that is wiped.
        if (first === "" || first === "0") this.#erase(first);
        else for (const character of sequence) this.#put(character, 1);
        return;
      case "P":
        this.#delete(count);
        return;
      case "X":
        this.#clear(this.#column, this.#column + count, "");
        return;
      default:
        // Other lines, the cursor's look, modes: nothing of this line changes.
        return;
    }
  }

  #moveTo(column: number): void {
    this.#column = Math.min(column, Math.max(EDGE, this.#widest));
  }

  #delete(count: number): void {
    this.#spend(Math.max(0, this.#cells.length - this.#column));
    this.#clear(this.#column, this.#column + count, "");
    this.#cells.splice(this.#column, count);
    this.#styles.splice(this.#column, count);
    this.#blankTo = Math.min(this.#blankTo, this.#column);
  }

  #erase(what: string): void {
    const { length } = this.#cells;
    if (what === "1") {
      const end = this.#column + 1;
      this.#clear(this.#blankTo, end, "");
      if (end < length) this.#blankTo = Math.max(this.#blankTo, end);
      else this.#truncate(0);
      return;
    }
    const from = what === "" || what === "0" ? this.#column : 0;
    this.#clear(from, length, "");
    this.#truncate(from);
  }

  /** Blanks at the end are not seen. Colours give way to text where a line would become too long. */
  #text(): string {
    let length = this.#cells.length;
    while (length > 0 && this.#cells[length - 1] === " " && this.#styles[length - 1] === "") length--;
    const plain = this.#cells.slice(0, length).join("");
    if (this.#styled === 0) return plain;
    let room = limits.lineCharacters - plain.length;
    let text = "";
    let style = "";
    for (let at = 0; at < length; at++) {
      let wanted = this.#styles[at] ?? "";
      if (wanted !== style) {
        const cost = wanted === "" ? 0 : wanted.length + RESET.length;
        if (cost > room) wanted = "";
        room = cost > room ? 0 : room - cost;
      }
      if (wanted !== style) text += (style === "" ? "" : RESET) + wanted;
      style = wanted;
      text += this.#cells[at] ?? "";
    }
    return style === "" ? text : text + RESET;
  }
}

function isControl(token: string): boolean {
  const code = token.charCodeAt(0);
  return code < 0x20 || code === 0x7f;
}

const RESET = "\u001b[0m";
const MOST_IN_A_CELL = 32;

/** Up to where it is clear what the text does, whatever comes behind it. */
function decidedEnd(text: string): number {
  const unfinished = UNFINISHED.exec(text.slice(-80));
  const end = unfinished === null ? text.length : text.length - unfinished[0].length;
  const near = text.lastIndexOf("\r");
  // Of two in a row the first one is followed by something that can be told.
  return near >= 0 && text.length - near <= LOOK_AHEAD ? Math.min(end, near) : end;
}
