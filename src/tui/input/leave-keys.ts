/** The keys that take the keyboard from a shell: from their names to what terminals send. */
import { FINAL_KEYS, NUMBERED_KEYS } from "./key-tables.ts";

const ESC = "\u001b";

/** Ctrl with a character, and function keys; others cannot leave a shell, because shells need them. */
export function leaveSequences(chords: readonly string[]): readonly string[] {
  return chords.flatMap((chord) => {
    const control = /^Ctrl-([a-z@[\\\]^_])$/i.exec(chord)?.[1];
    if (control !== undefined) return [String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f)];
    if (!/^F\d+$/.test(chord)) return [];
    return [
      ...[...NUMBERED_KEYS].filter(([, name]) => name === chord).map(([number]) => `${ESC}[${number}~`),
      ...[...FINAL_KEYS].filter(([, name]) => name === chord).map(([final]) => `${ESC}O${final}`),
    ];
  });
}
