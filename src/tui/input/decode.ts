/** Decodes the bytes of a terminal into keys, mouse events and focus changes. */
import { StringDecoder } from "node:string_decoder";
import type { InputEvent, KeyEvent, MouseEvent } from "./events.ts";
import {
  FINAL_KEYS,
  KEYPAD_KEYS,
  LINUX_KEYS,
  NAMED_CODES,
  NUMBERED_KEYS,
  RXVT_ARROWS,
} from "./key-tables.ts";

const ESC = "\u001b";
/** An answer of the terminal (OSC, DCS) that does not end is given up after this many characters. */
const STRING_LIMIT = 4096;

interface Modifiers {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** `event` is undefined for sequences that mean nothing to bktui (answers of the terminal, unknown keys). */
interface Parsed {
  readonly length: number;
  readonly event: InputEvent | undefined;
}

/**
 * Typed bytes to events, whatever the chunks' borders. Pastes do not come here (see PasteSplitter).
 * An Esc at the end may be the key or the beginning of a sequence: `pending` tells, and `flush` decides for the key.
 */
export class KeyDecoder {
  readonly #utf8 = new StringDecoder("utf8");
  #text = "";

  /** True when an incomplete sequence is kept; call `flush` when nothing follows within some 30 ms. */
  get pending(): boolean {
    return this.#text !== "";
  }

  push(bytes: Uint8Array): void {
    this.#text += this.#utf8.write(Buffer.from(bytes));
  }

  /** The next event; undefined when more input is needed. */
  next(): InputEvent | undefined {
    return this.#take(false);
  }

  /** As `next`, when no more input came in time. */
  flush(): InputEvent | undefined {
    return this.#take(true);
  }

  /** Gives back what was not decoded yet: the keyboard now belongs to somebody else. */
  rest(): Buffer {
    const rest = Buffer.from(this.#text, "utf8");
    this.#text = "";
    return rest;
  }

  #take(final: boolean): InputEvent | undefined {
    while (this.#text !== "") {
      const parsed = parse(this.#text, final);
      if (parsed === undefined) return undefined;
      this.#text = this.#text.slice(parsed.length);
      if (parsed.event !== undefined) return parsed.event;
    }
    return undefined;
  }
}

/** The first key of the text; undefined when it is incomplete. */
function parse(text: string, final: boolean): Parsed | undefined {
  if (!text.startsWith(ESC)) return character(text, 0, plain);
  const second = text[1];
  if (second === undefined) return final ? { length: 1, event: named("Esc", plain, ESC) } : undefined;
  if (second === "[") return csi(text, final);
  if (second === "O") return ss3(text, final);
  if (/[\]P_^X]/.test(second)) return terminalAnswer(text, final);
  if (second === ESC) return doubleEscape(text, final);
  return character(text, 1, { ...plain, alt: true });
}

const plain: Modifiers = { ctrl: false, alt: false, shift: false };

function character(text: string, at: number, modifiers: Modifiers): Parsed {
  const code = text.codePointAt(at) ?? 0;
  const length = at + String.fromCodePoint(code).length;
  return { length, event: keyOfCode(code, modifiers, text.slice(0, length)) };
}

function keyOfCode(code: number, modifiers: Modifiers, raw: string): KeyEvent {
  const name = NAMED_CODES.get(code);
  if (name !== undefined) return named(name, modifiers, raw, code === 0x20 ? " " : undefined);
  if (code < 0x20)
    return named(String.fromCharCode(code + 0x40).toLowerCase(), { ...modifiers, ctrl: true }, raw);
  const char = String.fromCodePoint(code);
  // Shift is part of a printable character already.
  return named(modifiers.ctrl ? char.toLowerCase() : char, { ...modifiers, shift: false }, raw, char);
}

function named(name: string, { ctrl, alt, shift }: Modifiers, raw: string, char?: string): KeyEvent {
  const chord = `${ctrl ? "Ctrl-" : ""}${alt ? "Alt-" : ""}${shift && !name.startsWith("S-") ? "S-" : ""}${name}`;
  return { type: "key", chord, char: ctrl || alt ? undefined : char, raw };
}

const CSI_PATTERN = new RegExp(`^${ESC}\\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])`);
const CSI_BEGINNING = new RegExp(`^${ESC}\\[[<=>?]?[0-9;:]*[ -/]*$`);
const RXVT_SHIFTED = new RegExp(`^${ESC}\\[([0-9]+)\\$`);
const SS3_PATTERN = new RegExp(`^${ESC}O([0-9;]*)([A-Za-z])`);
const SS3_BEGINNING = new RegExp(`^${ESC}O[0-9;]*$`);
const BELL = "\u0007";
const ANSWER_PATTERN = new RegExp(`^${ESC}[\\]P_^X][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)`);

function csi(text: string, final: boolean): Parsed | undefined {
  if (text.startsWith("\u001b[[") && text.length > 3) return linuxKey(text);
  const rxvt = RXVT_SHIFTED.exec(text);
  if (rxvt !== null) return numbered(Number(rxvt[1]), { ...plain, shift: true }, rxvt[0]);
  const match = CSI_PATTERN.exec(text);
  if (match === null || text === "\u001b[[") {
    if (!final && (CSI_BEGINNING.test(text) || text === "\u001b[[")) return undefined;
    if (text.length === 2) return { length: 2, event: named("[", { ...plain, alt: true }, text) };
    // Not a sequence after all, or one that was cut off: its introducer means nothing.
    return { length: CSI_BEGINNING.test(text) ? text.length : 2, event: undefined };
  }
  const [raw, prefix = "", parameters = "", between = "", last = ""] = match;
  if (prefix === "<" && /[Mm]/.test(last))
    return { length: raw.length, event: mouse(parameters, last === "m") };
  if (prefix === "" && between === "" && last === "M" && parameters === "") {
    // A mouse report in the oldest encoding: three bytes follow.
    return text.length < 6 && !final ? undefined : { length: Math.min(6, text.length), event: undefined };
  }
  if (prefix !== "" || between !== "") return { length: raw.length, event: undefined };
  return { length: raw.length, event: csiKey(parameters, last, raw) };
}

function linuxKey(text: string): Parsed {
  const raw = text.slice(0, 4);
  const name = LINUX_KEYS.get(text[3] ?? "");
  return { length: 4, event: name === undefined ? undefined : named(name, plain, raw) };
}

function csiKey(parameters: string, last: string, raw: string): InputEvent | undefined {
  const [first = 1, second = 1, third] = parameters === "" ? [] : parameters.split(";").map(firstNumber);
  const modifiers = modifiersOf(second);
  if (last === "~" && first === 27 && third !== undefined) return keyOfCode(third, modifiers, raw);
  if (last === "~") return numbered(first, modifiers, raw).event;
  if (last === "^") return numbered(first, { ...plain, ctrl: true }, raw).event;
  if (last === "@") return numbered(first, { ...plain, ctrl: true, shift: true }, raw).event;
  if (last === "u") return keyOfCode(first, modifiers, raw);
  if (last === "Z") return named("Tab", { ...modifiers, shift: true }, raw);
  if (parameters === "" && (last === "I" || last === "O")) return { type: "focus", focused: last === "I" };
  const arrow = RXVT_ARROWS.get(last);
  if (arrow !== undefined && parameters === "") return named(arrow, { ...plain, shift: true }, raw);
  const name = FINAL_KEYS.get(last);
  // `ESC [ row ; column R` is the terminal's answer to a question, not F3.
  if (name === undefined || (parameters !== "" && first !== 1)) return undefined;
  return named(name, modifiers, raw);
}

function numbered(number: number, modifiers: Modifiers, raw: string): Parsed {
  const name = NUMBERED_KEYS.get(number);
  return { length: raw.length, event: name === undefined ? undefined : named(name, modifiers, raw) };
}

/** `5:1` counts as 5; an empty parameter as 1. */
function firstNumber(parameter: string): number {
  return parameter === "" ? 1 : Number.parseInt(parameter, 10);
}

function modifiersOf(parameter: number): Modifiers {
  const bits = parameter - 1;
  return { shift: (bits & 1) !== 0, alt: (bits & 10) !== 0, ctrl: (bits & 4) !== 0 };
}

function ss3(text: string, final: boolean): Parsed | undefined {
  const match = SS3_PATTERN.exec(text);
  if (match === null) {
    if (!final && SS3_BEGINNING.test(text)) return undefined;
    return { length: 2, event: named("O", { ...plain, alt: true }, text.slice(0, 2)) };
  }
  const [raw, parameters = "", last = ""] = match;
  const modifiers = modifiersOf(Number(parameters.split(";").at(-1) ?? "1") || 1);
  const keypad = KEYPAD_KEYS.get(last);
  if (keypad !== undefined) {
    const char = keypad.length === 1 ? keypad : undefined;
    return { length: raw.length, event: named(keypad, modifiers, raw, char) };
  }
  const arrow = RXVT_ARROWS.get(last);
  if (arrow !== undefined) return { length: raw.length, event: named(arrow, { ...plain, ctrl: true }, raw) };
  const name = FINAL_KEYS.get(last);
  return { length: raw.length, event: name === undefined ? undefined : named(name, modifiers, raw) };
}

/** OSC, DCS and their kin up to BEL or ST are dropped; a lone introducer was Alt and that character. */
function terminalAnswer(text: string, final: boolean): Parsed | undefined {
  const match = ANSWER_PATTERN.exec(text);
  if (match !== null) return { length: match[0].length, event: undefined };
  if (!final && text.length < STRING_LIMIT) return undefined;
  if (text.length > 2 && final) return { length: text.length, event: undefined };
  return character(text, 1, { ...plain, alt: true });
}

/** Two Esc, or Alt with a key that sends a sequence itself. */
function doubleEscape(text: string, final: boolean): Parsed | undefined {
  const third = text[2];
  if (third === undefined && !final) return undefined;
  if (third === "[" || third === "O") {
    const inner = parse(text.slice(1), final);
    if (inner === undefined) return undefined;
    const { event } = inner;
    if (event?.type === "key") {
      const raw = ESC + event.raw;
      const chord = event.chord.startsWith("Ctrl-")
        ? `Ctrl-Alt-${event.chord.slice(5)}`
        : `Alt-${event.chord}`;
      return { length: inner.length + 1, event: { type: "key", chord, char: undefined, raw } };
    }
  }
  return { length: 1, event: named("Esc", plain, ESC) };
}

function mouse(parameters: string, released: boolean): MouseEvent | undefined {
  const [code, column, row] = parameters.split(";").map(Number);
  if (code === undefined || column === undefined || row === undefined || code > 255) return undefined;
  const wheel = (code & 64) !== 0;
  if (wheel && (code & 3) > 1) return undefined;
  const buttons = ["left", "middle", "right", "none"] as const;
  const wheelAction = (code & 1) === 0 ? "wheel-up" : "wheel-down";
  const action = wheel ? wheelAction : (code & 32) !== 0 ? "move" : released ? "release" : "press";
  return {
    type: "mouse",
    action,
    button: wheel ? "none" : (buttons[code & 3] ?? "none"),
    x: column - 1,
    y: row - 1,
    shift: (code & 4) !== 0,
    alt: (code & 8) !== 0,
    ctrl: (code & 16) !== 0,
  };
}
