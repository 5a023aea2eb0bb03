/** What stands between a container's terminal output and the user's terminal, where no emulator does. */
import { StringDecoder } from "node:string_decoder";

const ESC = "\u001b";
/** A longer sequence is none. */
const SEQUENCE_LIMIT = 256;

/** Private modes that are on in a terminal at rest: the cursor is shown, lines wrap. */
const ON_AT_REST: ReadonlySet<string> = new Set(["7", "25"]);

/** A whole escape sequence without strings: CSI, charsets and the like, two characters. */
const SEQUENCE = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|[0-OQ-WYZ\\\\\\x60-~])`);
const UNFINISHED = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*|[ -/]*)$`);
/** OSC, DCS, APC, PM, SOS: titles, the clipboard, pictures, answers that would be typed into the container. */
const STRING_START = new RegExp(`^${ESC}[\\]PX^_]`);
/** BEL, CAN, SUB or Esc. */
const STRING_END = new RegExp(`[\u0007\u0018\u001a${ESC}]`);
const MODE_CHANGE = new RegExp(`^${ESC}\\[\\?([0-9;]+)([hl])$`);
/**
 * What reaches beyond the screen: orders to the window and the printer, other codes for keys, 8-bit answers, another level of
 * the terminal, another character set than UTF-8. Nothing would undo them when a program is killed.
 */
const BEYOND = new RegExp(
  [`\\[[0-9;]*t`, `\\[\\??[0-9;]*i`, `\\[[<=>][0-?]*[ -/]*[@-bd-~]`, `\\[[0-9;]*"p`, `[ %][ -/]*[0-~]`]
    .map((sequence) => `^${ESC}${sequence}$`)
    .join("|"),
);
/** Gives the cursor another shape. */
const SHAPE = new RegExp(`^${ESC}\\[[0-9]* q$`);
/** Scrolling of all rows, with the cursor where it is; ASCII in place of line drawing; typed text replaces what is there. */
const AT_REST = `${ESC}7${ESC}[r${ESC}8${ESC}(B\u000f${ESC}[4l`;

/** Cursor positions and device attributes: what a terminal answers by itself to a program that asks. */
const ANSWERS = new RegExp(`^(?:${ESC}\\[(?:\\??[0-9]+;[0-9]+R|[?>][0-9;]*c|0n))+$`);

/**
 * Whether a terminal says of itself (in TERM) that it obeys no sequences, or does not say what it is: it would show them as
 * text. What a program prints there is its own affair.
 */
export function isDumb(term: string | undefined): boolean {
  return term === undefined || term === "" || term === "dumb";
}

/** Input that nobody typed. */
export function isAnswer(chunk: Uint8Array): boolean {
  return chunk[0] === 0x1b && ANSWERS.test(Buffer.from(chunk).toString("latin1"));
}

/**
 * Lets a container draw on the terminal but not reach beyond the screen: strings (clipboard, titles), window orders and
 * the like are dropped. Remembers what was switched, so that `restore` can undo it when the keyboard comes back.
 */
export class RelayFilter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #changed = new Set<string>();
  #held = "";
  #inString = false;
  #drew = false;
  #shaped = false;

  /** What of the next chunk may reach the terminal; an unfinished sequence waits for its end. */
  push(chunk: Uint8Array): string {
    let text = this.#held + this.#decoder.write(Buffer.from(chunk)).replace(/[\u0080-\u009f]/g, "");
    this.#held = "";
    let out = "";
    while (text !== "") {
      if (this.#inString) {
        text = this.#skipString(text);
        continue;
      }
      const at = text.indexOf(ESC);
      if (at < 0) return out + text;
      out += text.slice(0, at);
      const [passed, rest] = this.#sequence(text.slice(at));
      out += passed;
      if (rest === undefined) break;
      text = rest;
    }
    return out;
  }

  /** Undoes modes and colours that were left behind; "" when nothing was. */
  restore(): string {
    if (!this.#drew) return "";
    const shape = this.#shaped ? `${ESC}[0 q` : "";
    return `${this.#modes("at rest")}${AT_REST}${shape}${ESC}>${ESC}[0m`;
  }

  /** Switches again what was switched, for a program that goes on. */
  again(): string {
    return this.#modes("as left");
  }

  #modes(how: "at rest" | "as left"): string {
    return [...this.#changed]
      .map((mode) => `${ESC}[?${mode}${ON_AT_REST.has(mode) === (how === "at rest") ? "h" : "l"}`)
      .join("");
  }

  /** What passes of a text that begins with Esc, and what follows; undefined = wait for more. */
  #sequence(text: string): readonly [string, string | undefined] {
    if (STRING_START.test(text)) {
      this.#inString = true;
      return ["", text.slice(2)];
    }
    const sequence = SEQUENCE.exec(text)?.[0];
    if (sequence !== undefined) return [this.#passed(sequence), text.slice(sequence.length)];
    if (UNFINISHED.test(text) && text.length < SEQUENCE_LIMIT) {
      this.#held = text;
      return ["", undefined];
    }
    return ["", text.slice(1)];
  }

  #passed(sequence: string): string {
    if (BEYOND.test(sequence)) return "";
    this.#drew = true;
    this.#shaped ||= SHAPE.test(sequence);
    const change = MODE_CHANGE.exec(sequence);
    for (const mode of change?.[1]?.split(";") ?? []) {
      const atRest = (change?.[2] === "h") === ON_AT_REST.has(mode);
      if (atRest) this.#changed.delete(mode);
      else this.#changed.add(mode);
    }
    return sequence;
  }

  /** Strings end with BEL, ST, CAN or SUB; any other Esc ends them too and begins its own sequence. */
  #skipString(text: string): string {
    const end = STRING_END.exec(text);
    if (end === null) return "";
    this.#inString = false;
    return text.slice(end.index + (end[0] === ESC ? 0 : 1));
  }
}
