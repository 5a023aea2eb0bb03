/** Reads conditions character by character: words, numbers, texts, operators, each with its place. Pure. */
import { BktuiError } from "../../../base/errors.ts";
import { visibleLine } from "../../../base/visible.ts";

export type Token = { readonly at: number } & (
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "word"; readonly word: string }
  /** `$NAME`, `${NAME}`. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "sign"; readonly sign: string }
  | { readonly kind: "end" }
);

/** Longer ones first. */
const SIGNS = ["==", "!=", "<=", ">=", "=~", "&&", "||", "<", ">", "!", "(", ")", ".", ",", "{", "}"];
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
]);
/** Of a text that an error repeats. */
const SHOWN = 60;

/** One token at a time, so that what stands behind an expression need not be one. */
export class Scanner {
  readonly text: string;
  /** Of the next token, blanks left out; from 0. */
  #at: number;
  #next: Token | undefined;
  #lastEnd: number;

  constructor(text: string, from = 0) {
    this.text = text;
    this.#at = from;
    this.#lastEnd = from;
  }

  /** The next token, which stays. @throws {BktuiError} "usage" with its place. */
  get next(): Token {
    this.#next ??= this.#read();
    return this.#next;
  }

  /** Goes on behind it. */
  take(): Token {
    const token = this.next;
    this.#next = undefined;
    this.#lastEnd = this.#at;
    return token;
  }

  /** Behind what was taken last. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** Takes it where it is that sign or word. */
  takes(sign: string): boolean {
    const { next } = this;
    const is = (next.kind === "sign" && next.sign === sign) || (next.kind === "word" && next.word === sign);
    if (is) this.take();
    return is;
  }

  /** `/…/`, in which `\/` is the character. */
  pattern(): string {
    // What was looked at ahead would be an operator.
    this.#next = undefined;
    this.#skipBlanks();
    const start = this.#at;
    if (this.text[start] !== "/") throw this.error(start, "=~ wants a pattern between slashes, e.g. /npm/");
    let source = "";
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at] ?? "";
      if (char === "/") {
        this.#at = at + 1;
        this.#lastEnd = this.#at;
        return source;
      }
      const isSlash = char === "\\" && this.text[at + 1] === "/";
      source += isSlash ? "/" : char;
      if (char !== "\\") continue;
      at += 1;
      if (!isSlash) source += this.text[at] ?? "";
    }
    throw this.error(start, "this pattern is not closed by a /");
  }

  error(at: number, why: string): BktuiError {
    const shown = this.text.length > SHOWN ? `${this.text.slice(0, SHOWN)}…` : this.text;
    return new BktuiError("usage", `"${visibleLine(shown)}", column ${at + 1}: ${why}`);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at += 1;
  }

  #read(): Token {
    this.#skipBlanks();
    const at = this.#at;
    const char = this.text.charAt(at);
    if (char === "") return { kind: "end", at };
    if (char === '"' || char === "'") return { kind: "text", at, value: this.#quoted(at, char) };
    const number = this.#taken(/\d+(?:\.\d+)?/y);
    if (number !== undefined) return { kind: "number", at, value: Number(number) };
    const word = this.#taken(/[A-Za-z_][A-Za-z0-9_-]*/y);
    if (word !== undefined) return { kind: "word", at, word };
    const variable = this.#taken(/\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})/y);
    if (variable !== undefined) return { kind: "variable", at, name: variable.replace(/[${}]/g, "") };
    const sign = SIGNS.find((each) => this.text.startsWith(each, at));
    if (sign === undefined) throw this.error(at, strangerWords(char));
    this.#at += sign.length;
    return { kind: "sign", at, sign };
  }

  #taken(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #quoted(start: number, quote: string): string {
    let value = "";
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at] ?? "";
      if (char === quote) {
        this.#at = at + 1;
        return value;
      }
      if (char !== "\\") {
        value += char;
        continue;
      }
      at += 1;
      const escaped = this.text[at] ?? "";
      value += ESCAPES.get(escaped) ?? escaped;
    }
    throw this.error(start, `this text is not closed by a ${quote}`);
  }
}

function strangerWords(char: string): string {
  switch (char) {
    case "=":
      return '"=" compares nothing; == does';
    case "&":
      return '"&" is no sign; && is "and"';
    case "|":
      return '"|" is no sign; || is "or"';
    case "/":
      return "a pattern stands behind =~, and a path in quotes";
    case "$":
      return '"$" wants a name behind it, e.g. $CI';
    default:
      return `"${visibleLine(char)}" means nothing here`;
  }
}
