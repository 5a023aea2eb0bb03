/** The control sequences that bktui itself writes to the terminal; ECMA-48 and xterm's private modes. */
export const resetStyle = "\u001b[0m";
export const eraseToLineEnd = "\u001b[K";
/** Clears the screen; never `3J`, which would erase the user's scrollback. */
export const eraseScreen = "\u001b[2J";
export const showCursor = "\u001b[?25h";
export const hideCursor = "\u001b[?25l";
/** Terminals that know mode 2026 show everything up to `endUpdate` at once; others ignore it. */
export const beginUpdate = "\u001b[?2026h";
export const endUpdate = "\u001b[?2026l";

/** x and y count from 0. */
export function cursorTo(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

/** x counts from 0; the row stays. */
export function cursorToColumn(x: number): string {
  return `\u001b[${x + 1}G`;
}

const titleLimit = 200;

/** The window title; `title` is reduced to printable characters. */
export function windowTitle(title: string): string {
  const shown = title.replace(/[^\x20-\x7e\u00a1-\ud7ff]|[\u200b-\u200f\u2028-\u202f\u2060-\u206f]/g, "?");
  return `\u001b]0;${shown.slice(0, titleLimit)}\u001b\\`;
}

/** Puts the text on the clipboard of the terminal's machine (OSC 52). */
export function clipboardCopy(text: string): string {
  return `\u001b]52;c;${Buffer.from(text, "utf8").toString("base64")}\u001b\\`;
}
