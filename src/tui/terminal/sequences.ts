/** The control sequences that bktui itself writes to the terminal; ECMA-48 and xterm's private modes. */
export const RESET_STYLE = "\u001b[0m";
export const ERASE_TO_LINE_END = "\u001b[K";
/** Clears the screen; never `3J`, which would erase the user's scrollback. */
export const ERASE_SCREEN = "\u001b[2J";
export const SHOW_CURSOR = "\u001b[?25h";
export const HIDE_CURSOR = "\u001b[?25l";
/** Terminals that know mode 2026 show everything up to `endUpdate` at once; others ignore it. */
export const BEGIN_UPDATE = "\u001b[?2026h";
export const END_UPDATE = "\u001b[?2026l";

/** x and y count from 0. */
export function cursorTo(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

/** x counts from 0; the row stays. */
export function cursorToColumn(x: number): string {
  return `\u001b[${x + 1}G`;
}

const TITLE_LIMIT = 200;

/** The window title; `title` is reduced to printable characters. */
export function windowTitle(title: string): string {
  return `\u001b]0;${harmlessText(title)}\u001b\\`;
}

function harmlessText(text: string): string {
  const shown = text.replace(/[^\x20-\x7e\u00a1-\ud7ff]|[\u200b-\u200f\u2028-\u202f\u2060-\u206f]/g, "?");
  return shown.slice(0, TITLE_LIMIT);
}

/** What may stand between bktui and the terminal, and keeps clipboard sequences to itself. */
export type Multiplexer = "none" | "tmux" | "screen";

/** By what they set for their programs. */
export function multiplexerOf(env: Readonly<Record<string, string | undefined>>): Multiplexer {
  if ((env["TMUX"] ?? "") !== "") return "tmux";
  return (env["STY"] ?? "") === "" ? "none" : "screen";
}

/** GNU screen takes strings of at most 768 bytes, wrapping included (4.9). */
const SCREEN_STRING_BYTES = 700;

/**
 * Puts the text on the clipboard of the terminal's machine (OSC 52). tmux obeys the plain form with `set-clipboard on`
 * and passes the wrapped one on with `allow-passthrough on` (3.3 and newer): it gets both. screen passes on what is
 * wrapped, in pieces that it puts together again.
 */
export function clipboardCopy(text: string, multiplexer: Multiplexer = "none"): readonly string[] {
  const content = `52;c;${Buffer.from(text, "utf8").toString("base64")}`;
  const plain = `\u001b]${content}\u001b\\`;
  switch (multiplexer) {
    case "none":
      return [plain];
    case "tmux":
      return [plain, `\u001bPtmux;\u001b\u001b]${content}\u0007\u001b\\`];
    case "screen": {
      const whole = `\u001b]${content}\u0007`;
      const pieces: string[] = [];
      for (let at = 0; at < whole.length; at += SCREEN_STRING_BYTES) {
        pieces.push(`\u001bP${whole.slice(at, at + SCREEN_STRING_BYTES)}\u001b\\`);
      }
      return pieces;
    }
  }
}

/** Rings the terminal's bell; many terminals mark the window or the tab. */
export const BELL = "\u0007";

/** A notification of the desktop, where the terminal has them (OSC 9: iTerm2, kitty, Windows Terminal, foot). */
export function desktopNotification(text: string): string {
  return `\u001b]9;${harmlessText(text)}\u001b\\`;
}
