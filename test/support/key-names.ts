/** Finds keys of the screen in sentences: the usual ones, by the way a sentence or a hint names a key. */
import { KEYMAP, printedKey } from "../../src/tui/commands/keymap.ts";

const USUAL = [...new Set(KEYMAP.flatMap(({ keys }) => keys.map(printedKey)))];
/** Words that mean something else as well. */
const WORDS = /^(?:Up|Down|Left|Right|End|Home)$/;
const LONG = USUAL.filter((key) => key.length > 1 && !WORDS.test(key)).map(literal);
/** The article and the numbers have forms of their own below. */
const SHORT = USUAL.filter((key) => key.length === 1 && !/[a\d]/.test(key)).map(literal);

/** A long name anywhere, a character at the beginning of what it does. */
const FORMS: readonly RegExp[] = [
  new RegExp(`(?<![\\w-])(?:${LONG.join("|")})(?![\\w-])`, "u"),
  // "; r runs it again", "  n  next step", "(x shows BASE", "u: no breakpoint was deleted"
  new RegExp(`(?:^ ?| {2}|[;(·,:] )(?:${SHORT.join("|")})(?: {1,2}[a-z]|: )`, "u"),
  // "a adds one by name", but not "a program"
  /(?:[;(,] | {2})a [a-z]+s /u,
  // "1  list the files"
  / {2}\d {2}[a-z]/u,
  // "[ 1 Source ]", "─ 3 Log"
  /[─[] [\w:] [A-Z][a-z]/u,
  // "x=BASE"
  /(?<![\w-])\w=[A-Z]{4}/u,
];

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

export function namesKey(line: string): boolean {
  return FORMS.some((form) => form.test(line));
}
