/** Makes a line of untrusted text harmless for the screen, keeping its colours where that is wanted. */
import { limits } from "../../base/limits.ts";
import { clustersOf } from "./cluster-width.ts";
import { clusterWidth, textWidth } from "./width.ts";

export interface SanitizeOptions {
  /**
   * "keep" only in log panes: 16, 256 and RGB colours, bold, dim, italic, underline, inverse; closed at the end.
   * "show" for names: one that has a sequence in it is not the one without.
   */
  readonly sgr: "keep" | "strip" | "show";
  /** Nothing but ASCII comes out: `^M` instead of `␍`, `?` for each cell of other characters. */
  readonly ascii?: boolean | undefined;
  /** Characters looked at; what is beyond is only counted. Default 16,384. */
  readonly limit?: number | undefined;
}

const TAB_STOP = 8;
const MARKS_KEPT = 8;
const RESET = "\u001b[0m";

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const NON_ASCII = /[^\x20-\x7e]/;
/**
 * What must not reach a terminal as it is: control characters and whole CSI sequences, bidi controls and other
 * characters that are invisible or reorder text, unpaired surrogates, piles of combining marks.
 * A joiner between two pictographs (family emoji) is harmless and stays.
 */
const HOSTILE = new RegExp(
  [
    "\\u001b\\[[0-?]{0,128}[ -/]{0,8}[@-~]",
    "[\\u0000-\\u001f\\u007f-\\u009f]",
    "(?<joiner>(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{Extended_Pictographic}))",
    "[\\p{Cf}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2028\\u2029\\u3164\\uffa0\\p{Surrogate}]",
    `\\p{M}{${MARKS_KEPT + 1},}`,
  ].join("|"),
  "gu",
);

/**
 * One line of untrusted text as harmless text: tabs expanded, control characters as visible pictures, invisible
 * and reordering characters named (`<U+202E>`), other CSI sequences shown as one `␛`. Text around a carriage
 * return or backspace stays visible, and so does one at the very end: lines come without their ends.
 * Linear in the length of the text. The caller clips the result to its cells.
 */
export function sanitizeLine(text: string, options: SanitizeOptions): string {
  const limit = options.limit ?? limits.lineCharacters;
  const folded = text.length - limit;
  const shown = folded > 0 ? text.slice(0, limit) : text;
  if (PRINTABLE_ASCII.test(shown)) return folded > 0 ? shown + foldMark(folded, options) : shown;
  const writer = new LineWriter(options);
  let at = 0;
  for (const match of shown.matchAll(HOSTILE)) {
    writer.text(shown.slice(at, match.index));
    if (match.groups?.["joiner"] !== undefined && options.ascii !== true) writer.joiner(match[0]);
    else writer.hostile(match[0]);
    at = match.index + match[0].length;
  }
  writer.text(shown.slice(at));
  return writer.end() + (folded > 0 ? foldMark(folded, options) : "");
}

/** Untrusted text of several lines, without any SGR. */
export function sanitizeText(text: string, options: Omit<SanitizeOptions, "sgr"> = {}): string[] {
  return text.split("\n").map((line) => sanitizeLine(line, { ...options, sgr: "strip" }));
}

function foldMark(folded: number, options: SanitizeOptions): string {
  return `${options.ascii === true ? "~" : "…"} (+${folded} characters)`;
}

class LineWriter {
  readonly #options: SanitizeOptions;
  #out = "";
  /** Cells since the start of the line, for tab stops. */
  #column = 0;
  #sgrOpen = false;

  constructor(options: SanitizeOptions) {
    this.#options = options;
  }

  text(text: string): void {
    if (text === "") return;
    const shown = this.#options.ascii === true && NON_ASCII.test(text) ? toAscii(text) : text;
    this.#out += shown;
    this.#column += textWidth(shown);
  }

  joiner(match: string): void {
    this.#out += match;
  }

  hostile(match: string): void {
    if (match === "\t") {
      this.text(" ".repeat(TAB_STOP - (this.#column % TAB_STOP)));
    } else if (match.startsWith("\u001b[") && match.length > 2) {
      this.#sequence(match);
    } else {
      this.text(picture(match, this.#options.ascii === true));
    }
  }

  #sequence(sequence: string): void {
    if (this.#options.sgr === "show") {
      this.text(picture("\u001b", this.#options.ascii === true) + sequence.slice(1));
      return;
    }
    if (!sequence.endsWith("m") || !/^[0-9;:]*$/.test(sequence.slice(2, -1))) {
      this.text(this.#options.ascii === true ? "^[" : "␛");
      return;
    }
    if (this.#options.sgr === "strip") return;
    const parameters = harmlessSgr(sequence.slice(2, -1));
    if (parameters === undefined) return;
    this.#sgrOpen = parameters !== "0";
    this.#out += `\u001b[${parameters}m`;
  }

  end(): string {
    return this.#sgrOpen ? this.#out + RESET : this.#out;
  }
}

function toAscii(text: string): string {
  let out = "";
  for (const cluster of clustersOf(text)) {
    out += NON_ASCII.test(cluster) ? "?".repeat(clusterWidth(cluster)) : cluster;
  }
  return out;
}

function picture(match: string, ascii: boolean): string {
  const code = match.codePointAt(0) ?? 0;
  if (/^\p{M}{2,}$/u.test(match)) return ascii ? "" : `${[...match].slice(0, MARKS_KEPT).join("")}<+marks>`;
  if (code < 0x20) return ascii ? `^${String.fromCharCode(code + 0x40)}` : String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return ascii ? "^?" : "␡";
  return named(match);
}

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/**
 * The parameters that only colour text. Blink and conceal (5, 6, 8) are dropped: concealed text would be
 * invisible. Undefined when nothing is left.
 */
function harmlessSgr(parameters: string): string | undefined {
  const values = parameters.split(/[;:]/, 64).map((value) => (value === "" ? 0 : Number(value)));
  const kept: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value === 38 || value === 48) {
      const color = extendedColor(values, index);
      if (color === undefined) break;
      kept.push(value, ...color);
      index += color.length;
    } else if (isHarmless(value)) {
      kept.push(value);
    }
  }
  return kept.length === 0 ? undefined : kept.join(";");
}

function extendedColor(values: readonly number[], index: number): readonly number[] | undefined {
  const length = values[index + 1] === 5 ? 2 : values[index + 1] === 2 ? 4 : 0;
  const color = values.slice(index + 1, index + 1 + length);
  const complete = length > 0 && color.length === length && color.every((value) => value <= 255);
  return complete ? color : undefined;
}

function isHarmless(value: number): boolean {
  return (
    value <= 4 ||
    value === 7 ||
    (value >= 21 && value <= 24) ||
    value === 27 ||
    (value >= 30 && value <= 49) ||
    (value >= 90 && value <= 107)
  );
}
