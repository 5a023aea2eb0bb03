/** One line of output as a terminal shows it in the end: what was written over is gone from it, and kept beside it. */
import { limits } from "../base/limits.ts";

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

/**
 * What stands behind a carriage return that belongs to a name in a message, as in `env: 'bash\r': No such file`: the
 * end of what the name stands in. Who draws a line anew begins with something else.
 */
const BEHIND_A_NAME = /(?:['"`’”»](?=[\s.,:;)\]}]|$)|[:;,](?=\s|$)|[\])}]| \(no such package\))/y;
/** `sh: set: illegal option -`, `E: Unable to locate package curl`: what was meant ends with the carriage return. */
const COMPLAINT =
  /^[^\s:]+: .*\b(?:illegal|invalid|unknown|unrecognized|unexpected|bad|unable|cannot|can't|couldn't|could not|not|no such)\b.*[^\s.]$/i;
const MOST_OF_A_COMPLAINT = 500;

/** Whether a line (without its end) is more than text and colours: whether it moves, or erases. */
export function movesInLine(line: string): boolean {
  return MOVES.test(line);
}

/**
 * The text of a line that does not move, without the carriage return of `\r\n`; where that is what the message is about
 * it stays, as in a script whose lines end with it.
 */
export function withoutLineEnd(line: string): string {
  if (!line.endsWith("\r")) return line;
  const text = line.replace(/\r+$/, "");
  return isComplaint(text) ? `${text}\r` : text;
}

function isComplaint(text: string): boolean {
  return text.length <= MOST_OF_A_COMPLAINT && COMPLAINT.test(text);
}

/** Takes a line in pieces that may be cut anywhere between characters. */
export class TerminalLine {
  /** One cell each; the right half of a wide character is "". */
  #cells: string[] = [];
  /** The colours of each cell, as the sequences that set them. */
  #styles: string[] = [];
  #column = 0;
  #style = "";
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
    return this.#cells.length + this.#undecided.length + this.#raw.size;
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
    copy.#column = this.#column;
    copy.#style = this.#style;
    copy.#joins = this.#joins;
    const known = this.#undecided.replace(UNFINISHED, "");
    copy.#interpret(known, known.length);
    return copy.#text();
  }

  /** The line has ended. */
  end(): ShownLine {
    const rest = this.#undecided;
    this.#undecided = "";
    this.#interpret(rest, rest.length);
    const shown = this.#text();
    const text = rest.endsWith("\r") && isComplaint(shown) ? `${shown}\r` : shown;
    return this.#isRewritten ? { text, raw: this.#raw.text() } : text;
  }

  /** Up to `end`; what stands behind it is only looked at. */
  #interpret(text: string, end: number): void {
    for (const match of text.slice(0, end).matchAll(TOKENS)) {
      const [token] = match;
      const { final, values = "" } = match.groups ?? {};
      if (final !== undefined) this.#sequence(final, values, token);
      else if (token === "\r") this.#return(text, match.index + 1);
      else if (token === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (token === "\t") this.#column += TAB - (this.#column % TAB);
      else if (isControl(token)) this.#put(token, 1);
      else this.#run(token);
    }
  }

  #return(text: string, behind: number): void {
    BEHIND_A_NAME.lastIndex = behind;
    const isAtEnd = this.#column === this.#cells.length && (this.#cells.at(-1) ?? " ").trim() !== "";
    if (behind < text.length && isAtEnd && BEHIND_A_NAME.test(text)) this.#put("\r", 1);
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
    if (base !== undefined && base.length < MOST_IN_A_CELL) this.#cells[at] = base + character;
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
    this.#cells[at] = character;
    this.#styles[at] = this.#style;
    if (width === 2) {
      this.#cells[at + 1] = "";
      this.#styles[at + 1] = this.#style;
    }
    this.#column = at + width;
  }

  #cutHere(): void {
    this.#full.push(this.#text());
    this.#cells = [];
    this.#styles = [];
    this.#column = 0;
  }

  #fillTo(column: number): void {
    while (this.#cells.length < column) {
      this.#cells.push(" ");
      this.#styles.push("");
    }
  }

  /** What stands there gives way; `by`: a character that takes its place. */
  #clear(from: number, to: number, by: string): void {
    const { length } = this.#cells;
    if (from >= length) return;
    // Half a wide character is none.
    if (this.#cells[from] === "") this.#blank(from - 1);
    if (this.#cells[to] === "") this.#blank(to);
    for (let at = from; at < Math.min(to, length); at++) {
      const old = this.#cells[at];
      if (old !== by && old !== " " && old !== "") this.#isRewritten = true;
      if (old !== " ") this.#blank(at);
    }
  }

  #blank(at: number): void {
    this.#cells[at] = " ";
    this.#styles[at] = "";
  }

  #sequence(final: string, values: string, sequence: string): void {
    const [first = ""] = values.split(";");
    const count = Math.min(limits.lineCharacters, Math.max(1, Number(first) || 1));
    switch (final) {
      case "m":
        this.#colour(values, sequence);
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
        this.#clear(this.#column, this.#column + count, "");
        this.#cells.splice(this.#column, count);
        this.#styles.splice(this.#column, count);
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
    this.#column = Math.min(column, Math.max(EDGE, this.#cells.length));
  }

  #erase(what: string): void {
    const { length } = this.#cells;
    if (what === "1") this.#clear(0, this.#column + 1, "");
    else this.#clear(what === "" || what === "0" ? this.#column : 0, length, "");
  }

  /** Later sequences add to earlier ones until a reset. */
  #colour(values: string, sequence: string): void {
    if (values === "" || /^0+$/.test(values)) this.#style = "";
    else if (/^0*;/.test(values) || this.#style.length > MOST_OF_A_STYLE) this.#style = sequence;
    else if (!this.#style.endsWith(sequence)) this.#style += sequence;
  }

  /** Blanks at the end are not seen. */
  #text(): string {
    let length = this.#cells.length;
    while (length > 0 && this.#cells[length - 1] === " " && this.#styles[length - 1] === "") length--;
    let text = "";
    let style = "";
    for (let at = 0; at < length; at++) {
      const wanted = this.#styles[at] ?? "";
      if (wanted !== style) {
        text += (style === "" ? "" : RESET) + wanted;
        style = wanted;
      }
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
const MOST_OF_A_STYLE = 128;
const MOST_IN_A_CELL = 32;
const JOINER = "\u200d";
/** What is one cell for certain: ASCII, Latin, dashes, arrows, lines, blocks, braille. */
const SINGLE = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2199\u2500-\u25fc\u2800-\u28ff]*$/;
const JOINS = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)$/u;
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;

/** Up to where it is clear what the text does, whatever comes behind it. */
function decidedEnd(text: string): number {
  const unfinished = UNFINISHED.exec(text.slice(-80));
  const end = unfinished === null ? text.length : text.length - unfinished[0].length;
  const near = text.lastIndexOf("\r");
  // Of two in a row the first one is followed by something that can be told.
  return near >= 0 && text.length - near <= LOOK_AHEAD ? Math.min(end, near) : end;
}

/** The beginning and the end of what was written. */
class RawText {
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
