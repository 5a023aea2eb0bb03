/** How many cells a character takes. */

export const JOINER = "\u200d";
/** What is one cell for certain: ASCII, Latin, dashes, arrows, lines, blocks, braille. */
export const SINGLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2199\u2500-\u25fc\u2800-\u28ff]*$/;
export const JOINS = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)$/u;
export const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;
