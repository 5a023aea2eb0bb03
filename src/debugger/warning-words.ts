/** What a frontend warns of, in one line. Untrusted text: the front end makes it harmless. */
import type { ProgressStore } from "./progress-store.ts";

/** The frontend's own text ends with the line in BuildKit 0.20 and newer. */
export function warningWords({ text, ranges }: ProgressStore["warnings"][number]): string {
  const line = ranges[0]?.start;
  const place = line === undefined || text.endsWith(`(line ${line})`) ? "" : ` (line ${line})`;
  return `warning: ${text}${place}`;
}
