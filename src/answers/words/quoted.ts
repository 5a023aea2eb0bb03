/** A short text of the build among bktui's own words: on one line, in quotes, so that nobody takes it for these. */
import { clipText } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";

const LONGEST = 600;

export function quoted(text: string): string {
  return JSON.stringify(clipText(visibleLine(text), LONGEST));
}
