/** Checks everything that is about to be written to the terminal. */
import { BELL } from "./sequences.ts";

const CONTROL = "[\\u0000-\\u001f\\u007f-\\u009f]";
/** Invisible or reordering characters; the joiner inside emoji is the sanitizer's business. */
const INVISIBLE =
  "[\\u00ad\\u061c\\u180e\\u200b\\u200c\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]";
const SURROGATE = "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]";
const STYLE = "\\u001b\\[[0-9;:]*m";
/** Cursor position and column, erase line, erase screen, and the modes bktui uses; nothing else has a reason. */
const OWN = [
  "\\u001b\\[[0-9]+;[0-9]+H",
  "\\u001b\\[[0-9]+G",
  "\\u001b\\[[012]?K",
  "\\u001b\\[2J",
  "\\u001b\\[\\?(?:1|7|25|1000|1002|1003|1004|1006|1007|1049|2004|2026)[hl]",
  "\\u001b[=>]",
].join("|");

/** A string of tmux or screen: Esc is doubled in it, or begins what is wrapped, and ends it with a backslash. */
const WRAPPED = "\\u001bP(?:[^\\u001b]|\\u001b[^\\\\])*\\u001b\\\\";

const ROW_TOKENS = new RegExp(`${STYLE}|${CONTROL}|${INVISIBLE}|${SURROGATE}`, "g");
const STREAM_TOKENS = new RegExp(
  `${STYLE}|${OWN}|\\u001b\\][^\\u0007\\u001b]*\\u001b\\\\|${WRAPPED}|${CONTROL}|${INVISIBLE}|${SURROGATE}`,
  "g",
);
const SUSPICIOUS = new RegExp(`${CONTROL}|${INVISIBLE}|[\\ud800-\\udfff]`);

/**
 * The last gate in front of the terminal. What is not printable text, SGR, or a sequence of bktui's own becomes a
 * visible mark, whatever a pane let through.
 */
export class ScreenFilter {
  readonly #mark: string;
  readonly #stream: (token: string) => string;
  readonly #row: (token: string) => string;
  /** Strings (title, clipboard, notification) and bells issued by bktui itself and not yet written. */
  readonly #permitted = new Set<string>();

  constructor({ ascii = false }: { readonly ascii?: boolean } = {}) {
    this.#mark = ascii ? "?" : "\ufffd";
    this.#row = (token) => (isSequence(token) ? token : this.#mark);
    this.#stream = (token) => (this.#allows(token) ? token : this.#mark);
  }

  /** One row of a pane: printable text and SGR only, so that no pane can move the cursor. */
  row(text: string): string {
    return SUSPICIOUS.test(text) ? text.replace(ROW_TOKENS, this.#row) : text;
  }

  /** Lets this exact sequence pass once. */
  permit(sequence: string): void {
    this.#permitted.add(sequence);
  }

  /** Whole output of one paint; each sequence must be complete within it. */
  stream(output: string): string {
    const passed = output.replace(STREAM_TOKENS, this.#stream);
    this.#permitted.clear();
    return passed;
  }

  #allows(token: string): boolean {
    const isIssued = token === BELL || token.startsWith("\u001b]") || token.startsWith("\u001bP");
    return isIssued ? this.#permitted.has(token) : isSequence(token);
  }
}

/** A match longer than the bare control character is one of the listed sequences. */
function isSequence(token: string): boolean {
  return token.length > 1 && token.startsWith("\u001b");
}
