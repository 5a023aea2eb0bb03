/** Takes sequences that could do harm out of a program's output, before the emulator reads it. */
import { limits } from "../../base/limits.ts";
import type { Size } from "../cells/rect.ts";

const ESC = "\u001b";
const { terminalStringCharacters, terminalSequenceCharacters, terminalParameter } = limits;
/** OSC 52 is cut here; what is as long as this counts as damaged. */
export const CLIPBOARD_LIMIT = 128 * 1024;

/** Control characters that a terminal obeys in the middle of a sequence, which then goes on. */
const INNER = "\\u0000-\\u0017\\u0019\\u001c-\\u001f\\u007f";
/**
 * What needs a closer look: strings, and CSI sequences that are long, interrupted, or hold a number of three digits
 * and are no colour. Everything else passes as it is. All patterns here are linear on any input.
 */
const SUSPICIOUS = new RegExp(
  [
    `${ESC}[\\]PX^_${INNER}]`,
    `${ESC}\\[[0-?]{48}`,
    `${ESC}\\[[0-?]{0,47}[ -/]{0,48}[${INNER}]`,
    `${ESC}\\[[0-?]{0,47}[0-9]{3}[0-?]{0,47}(?:[^0-?m]|$)`,
  ].join("|"),
);
const INTERRUPTED_ESCAPE = new RegExp(`${ESC}([${INNER}]+)`, "g");
/** A whole tail that is the beginning of a sequence. */
const UNFINISHED = new RegExp(`^${ESC}(?:[${INNER}]*|\\[[0-?${INNER}]*(?:[ -/][ -/${INNER}]*)?)$`);
/** How its string begins. */
export const CLIPBOARD_START = "52;";

/** A string that has begun: how it ends, how many of its characters were let through, and its first ones. */
interface OpenString {
  readonly end: RegExp;
  readonly length: number;
  readonly start: string;
}

/** One CSI sequence, or the beginning of a string. */
const TOKENS = new RegExp(`${ESC}\\[([0-?${INNER}]*)((?:[ -/][ -/${INNER}]*)?)([@-~])|${ESC}[\\]PX^_]`, "g");
const INNER_CHARACTERS = new RegExp(`[${INNER}]`, "g");
/** Esc ends every string, whatever follows it; it then begins its own sequence, of which `ESC \` is the usual one. */
const OSC_END = new RegExp(`[\u0007\u0018\u001a${ESC}]`, "g");
const OTHER_END = new RegExp(`[\u0018\u001a${ESC}]`, "g");

/** The 7-bit form of the 8-bit controls; those not listed do nothing and are dropped. */
const sevenBit: Readonly<Record<string, string>> = {
  "\u0084": `${ESC}D`,
  "\u0085": `${ESC}E`,
  "\u0088": `${ESC}H`,
  "\u008d": `${ESC}M`,
  "\u0090": `${ESC}P`,
  "\u0098": `${ESC}X`,
  "\u009b": `${ESC}[`,
  "\u009c": `${ESC}\\`,
  "\u009d": `${ESC}]`,
  "\u009e": `${ESC}^`,
  "\u009f": `${ESC}_`,
};

/**
 * Stands in front of the emulator. A CSI parameter of 2147483647 (14 bytes of input) blocks @xterm/headless 6.0.0
 * for minutes and takes gigabytes, and strings may grow to 10 MB; here parameters are clamped to what can have an
 * effect on this screen and strings are cut. Chunks may be cut anywhere.
 */
export class EmulatorFilter {
  #size: Size;
  #held = "";
  /** The string (OSC, DCS, …) that is open, and how many of its characters were let through. */
  #open: OpenString | undefined;

  constructor(size: Size) {
    this.#size = size;
  }

  resize(size: Size): void {
    this.#size = size;
  }

  /** The harmless form of the next chunk; an unfinished sequence at its end is kept for the next call. */
  push(chunk: string): string {
    const text = normalized(this.#held + chunk);
    this.#held = "";
    if (this.#open === undefined && !SUSPICIOUS.test(text)) return this.#holdTail(text);
    let out = "";
    let at = 0;
    while (at < text.length) {
      if (this.#open === undefined) {
        TOKENS.lastIndex = at;
        const match = TOKENS.exec(text);
        if (match === null) return out + this.#holdTail(text.slice(at));
        out += text.slice(at, match.index) + this.#token(match);
        at = match.index + match[0].length;
      } else {
        const [part, next] = this.#string(text, at, this.#open);
        out += part;
        at = next;
      }
    }
    return out;
  }

  #token(match: RegExpExecArray): string {
    const [token, parameters, between = "", final] = match;
    if (parameters === undefined || final === undefined) {
      this.#open = { end: token.endsWith("]") ? OSC_END : OTHER_END, length: 0, start: "" };
      return token;
    }
    const interruptions = (parameters + between).match(INNER_CHARACTERS)?.join("") ?? "";
    const intermediates = between.replace(INNER_CHARACTERS, "");
    const kind = intermediates === "" ? final : "";
    const clamped = this.#clamped(parameters.replace(INNER_CHARACTERS, ""), kind);
    return `${interruptions}${ESC}[${clamped}${intermediates}${final}`;
  }

  #clamped(parameters: string, final: string): string {
    // Colours are masked by the emulator; the quick test lets them pass, so they pass here too.
    if (final === "m") return parameters;
    const limit = parameterLimitOf(final, this.#size);
    return parameters.replace(/[0-9]{2,}/g, (digits) => (Number(digits) > limit ? String(limit) : digits));
  }

  /** What is let through of the open string in `text` from `at`, and where the text goes on. */
  #string(text: string, at: number, open: OpenString): readonly [string, number] {
    open.end.lastIndex = at;
    const end = open.end.exec(text);
    const until = end === null ? text.length : end.index;
    const start = (open.start + text.slice(at, Math.min(until, at + CLIPBOARD_START.length))).slice(
      0,
      CLIPBOARD_START.length,
    );
    const limit =
      open.end === OSC_END && start === CLIPBOARD_START ? CLIPBOARD_LIMIT : terminalStringCharacters;
    const kept = text.slice(at, Math.max(at, Math.min(until, at + limit - open.length)));
    if (end === null) {
      this.#open = { end: open.end, length: open.length + kept.length, start };
      return [kept, text.length];
    }
    this.#open = undefined;
    return end[0] === ESC ? [kept, until] : [kept + end[0], until + 1];
  }

  #holdTail(text: string): string {
    const start = text.lastIndexOf(ESC);
    if (start === -1) return text;
    const tail = text.slice(start);
    if (!UNFINISHED.test(tail)) return text;
    // An endless sequence loses its introducer and its beginning; what follows is text.
    this.#held = tail.length <= terminalSequenceCharacters ? tail : "";
    return text.slice(0, start);
  }
}

function normalized(text: string): string {
  const sevenBitOnly = /[\u0080-\u009f]/.test(text)
    ? text.replace(/[\u0080-\u009f]/g, (code) => sevenBit[code] ?? "")
    : text;
  return SUSPICIOUS.test(sevenBitOnly) ? sevenBitOnly.replace(INTERRUPTED_ESCAPE, `$1${ESC}`) : sevenBitOnly;
}

/** Repeat, insert, delete, erase, tab stops and columns have no effect beyond the width. */
const COLUMN_FINALS = new Set("b@PXIZCD`aG");
/** Scrolling, inserting and deleting lines, and rows: none beyond the height. */
const ROW_FINALS = new Set("LMSTABEFde");

/** Larger numbers have no further effect on a screen of this size. */
function parameterLimitOf(final: string, size: Size): number {
  if (COLUMN_FINALS.has(final)) return size.columns;
  return ROW_FINALS.has(final) ? size.rows : terminalParameter;
}
