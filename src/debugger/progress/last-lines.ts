/** The end of a step's output, for those who look for a cause in it. */
import { CARRIAGE_RETURN } from "./carriage-return.ts";
import type { LogView } from "./progress-store.ts";

/** Shells write what they miss last, or nearly so. */
const LAST_LINES = 20;
const LAST_COLUMNS = 500;

/** Oldest first, shortened; a carriage return that stays in a line is `^M`. Untrusted text. */
export function lastLines(log: LogView): readonly string[] {
  const lines: string[] = [];
  for (let index = Math.max(log.first, log.end - LAST_LINES); index < log.end; index++) {
    const text = log.line(index)?.text;
    if (text !== undefined) lines.push(text.slice(-LAST_COLUMNS).replaceAll("\r", CARRIAGE_RETURN));
  }
  return lines;
}
