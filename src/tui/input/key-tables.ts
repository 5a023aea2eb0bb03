/** Which keys terminals mean by which sequences: xterm, VT220, rxvt, PuTTY and the Linux console. */

/** Final byte of `ESC [ … X` and `ESC O X`. */
export const FINAL_KEYS: ReadonlyMap<string, string> = new Map([
  ["A", "Up"],
  ["B", "Down"],
  ["C", "Right"],
  ["D", "Left"],
  ["F", "End"],
  ["H", "Home"],
  ["P", "F1"],
  ["Q", "F2"],
  ["R", "F3"],
  ["S", "F4"],
]);

/** `ESC O X` only: the keypad in application mode. */
export const KEYPAD_KEYS: ReadonlyMap<string, string> = new Map([
  ["M", "Enter"],
  ["I", "Tab"],
  ["X", "="],
  ...[..."jklmnopqrstuvwxy"].map((final, index): [string, string] => [
    final,
    "*+,-./0123456789"[index] ?? "",
  ]),
]);

/** rxvt: lower-case finals are the arrow with Shift (`ESC [ a`) or Ctrl (`ESC O a`). */
export const RXVT_ARROWS: ReadonlyMap<string, string> = new Map([
  ["a", "Up"],
  ["b", "Down"],
  ["c", "Right"],
  ["d", "Left"],
]);

/** Linux console: `ESC [ [ A` to `E`. */
export const LINUX_KEYS: ReadonlyMap<string, string> = new Map([
  ["A", "F1"],
  ["B", "F2"],
  ["C", "F3"],
  ["D", "F4"],
  ["E", "F5"],
]);

/** The number of `ESC [ n ~`. F13 to F20 are what consoles send for Shift and F1 to F8. */
export const NUMBERED_KEYS: ReadonlyMap<number, string> = new Map([
  [1, "Home"],
  [2, "Insert"],
  [3, "Delete"],
  [4, "End"],
  [5, "PgUp"],
  [6, "PgDn"],
  [7, "Home"],
  [8, "End"],
  [11, "F1"],
  [12, "F2"],
  [13, "F3"],
  [14, "F4"],
  [15, "F5"],
  [17, "F6"],
  [18, "F7"],
  [19, "F8"],
  [20, "F9"],
  [21, "F10"],
  [23, "F11"],
  [24, "F12"],
  [25, "S-F1"],
  [26, "S-F2"],
  [28, "S-F3"],
  [29, "S-F4"],
  [31, "S-F5"],
  [32, "S-F6"],
  [33, "S-F7"],
  [34, "S-F8"],
]);

/** Control characters and others that are keys of their own. */
export const NAMED_CODES: ReadonlyMap<number, string> = new Map([
  [0x00, "Ctrl-Space"],
  [0x08, "Backspace"],
  [0x09, "Tab"],
  [0x0d, "Enter"],
  [0x1b, "Esc"],
  [0x20, "Space"],
  [0x7f, "Backspace"],
]);
