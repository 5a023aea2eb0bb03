/** The width table that the emulator uses. */
import { clusterWidth } from "../cells/width.ts";

/** What @xterm/headless asks of a width table (its `IUnicodeVersionProvider`). */
export interface UnicodeWidths {
  readonly version: string;
  wcwidth(codepoint: number): 0 | 1 | 2;
  charProperties(codepoint: number, preceding: number): number;
}

/** The id under which the emulator knows this table. */
export const WIDTHS_VERSION = "bktui";

/**
 * The widths that the rest of the screen uses, per code point. The emulator's own table is Unicode 6: emoji would
 * be one cell there and two on the terminal.
 */
export function unicodeWidths(): UnicodeWidths {
  const known = new Map<number, 0 | 1 | 2>();
  const wcwidth = (codepoint: number): 0 | 1 | 2 => {
    if (codepoint >= 0x20 && codepoint < 0x7f) return 1;
    let width = known.get(codepoint);
    if (width === undefined) {
      width = widthOf(codepoint);
      known.set(codepoint, width);
    }
    return width;
  };
  return {
    version: WIDTHS_VERSION,
    wcwidth,
    charProperties: (codepoint, preceding) => properties(wcwidth(codepoint), preceding),
  };
}

function widthOf(codepoint: number): 0 | 1 | 2 {
  const width = clusterWidth(String.fromCodePoint(codepoint));
  return width === 0 ? 0 : width === 1 ? 1 : 2;
}

/**
 * The emulator's packing: bit 0 = joins the preceding character, bits 1 and 2 = width (@xterm/headless 6.0.0).
 * A character without width joins, and the pair keeps the preceding width.
 */
function properties(width: 0 | 1 | 2, preceding: number): number {
  const precedingWidth = (preceding >> 1) & 3;
  const joins = width === 0 && precedingWidth !== 0;
  return ((joins ? precedingWidth : width) << 1) | (joins ? 1 : 0);
}
