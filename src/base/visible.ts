/** Untrusted text made harmless: what a terminal would obey is written out instead. */
const ESCAPE = 0x1b;
const TAB = 0x09;

/**
 * Untrusted text made harmless for a plain stream (a pipe, a log file, a terminal outside the screen): colour
 * sequences are dropped, every other control character shows in caret notation, invisible and text-reordering
 * characters show as `<U+202E>`. Tabs stay; the result never contains an escape byte. Linear in the length.
 */
export function visibleText(text: string): string {
  if (isPlainAscii(text)) return text;
  let result = "";
  let index = 0;
  while (index < text.length) {
    const afterColour = endOfColourSequence(text, index);
    if (afterColour !== undefined) {
      index = afterColour;
      continue;
    }
    const code = text.codePointAt(index) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    result += isHarmful(code) ? markOf(code) : text.slice(index, index + width);
    index += width;
  }
  return result;
}

/** Untrusted text as one line: as `visibleText`, and line breaks become single blanks. */
export function visibleLine(text: string): string {
  return visibleText(text.trim().replaceAll(/\s*[\r\n]+\s*/g, " "));
}

/**
 * The text of a file for an editor, which counts lines and columns in it: line ends and tabs stay, every control character
 * below U+0080 is one picture (`␛`, `␍`), as on the screen, and a colour sequence is text too. What has no picture shows as
 * `<U+202E>`: a column behind it is another one.
 */
export function visibleSource(text: string): string {
  // A carriage return alone would be a line end to an editor, and none to the engine.
  const pieces = text.split(/(\r?\n)/);
  return pieces.map((piece, index) => (index % 2 === 1 ? piece : pictured(piece))).join("");
}

function pictured(line: string): string {
  if (isPlainAscii(line)) return line;
  let result = "";
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    result += isHarmful(code) ? pictureOf(code) : character;
  }
  return result;
}

function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : markOf(code);
}

/**
 * Whether showing the code point as it is could move the cursor, give the terminal an order, reorder the text
 * around it (bidi controls) or hide in it (zero-width characters).
 */
export function isHarmful(code: number): boolean {
  if (code < 0x20) return code !== TAB;
  if (code < 0x7f) return false;
  if (code < 0xa0) return true;
  return INVISIBLE.test(String.fromCodePoint(code));
}

/** Format characters (zero-width, bidi controls, byte order mark, tags), blank fillers, unpaired surrogates. */
const INVISIBLE = /^(?:[\p{Cf}\p{Cs}\u115f\u1160\u2028\u2029\u3164\uffa0]|\u034f|\u17b4|\u17b5)$/u;

/** What stands for a harmful code point: `^[` for escape, `^?` for delete, `<U+009B>` beyond ASCII. */
export function markOf(code: number): string {
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return "^?";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** By an expression, which is machine code from its second use on: a loop over the characters is interpreted for long. */
function isPlainAscii(text: string): boolean {
  return PLAIN_ASCII.test(text);
}

const PLAIN_ASCII = /^[\t -~]*$/;

/** Index after an SGR sequence (`ESC [ … m`) that begins at `index`; undefined when there is none. */
function endOfColourSequence(text: string, index: number): number | undefined {
  if (text.charCodeAt(index) !== ESCAPE || text[index + 1] !== "[") return undefined;
  let end = index + 2;
  while (/[0-9;:]/.test(text.charAt(end))) end++;
  return text[end] === "m" ? end + 1 : undefined;
}
