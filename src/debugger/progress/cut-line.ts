/** Cuts a line of output that is longer than the log keeps. */
import { limits } from "../../base/limits.ts";

/** Into pieces that are short enough for one line each. */
export function cut(line: string): string[] {
  if (line.length <= limits.lineCharacters) return [line];
  const pieces: string[] = [];
  for (let start = 0; start < line.length; ) {
    const end = start + limits.lineCharacters;
    // Never between the two halves of one character.
    const last = line.charCodeAt(end - 1);
    const next = end < line.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
    pieces.push(line.slice(start, next));
    start = next;
  }
  return pieces;
}
