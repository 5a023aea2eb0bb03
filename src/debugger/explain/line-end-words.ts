/** Line ends of Windows (CRLF) that became part of a name, in words. */
import { BEHIND_A_NAME, CARRIAGE_RETURN } from "../progress/carriage-return.ts";
import type { StepFacts } from "./facts.ts";

export const CRLF_WORDS = "The line ends with CR: save the file with Unix line ends.";

/** A carriage return at a line's end may be its end, as in what a server or a terminal answers: it tells of no cause. */
export function lineEndWords({ lastLines }: StepFacts, said: readonly string[]): readonly string[] {
  if (said.includes(CRLF_WORDS)) return [];
  return lastLines.some((line) => IN_A_NAME.test(line) || QUOTED_BY_RUNTIME.test(line))
    ? [
        `${CARRIAGE_RETURN} is a carriage return: text with Windows line ends (CRLF) was read; if it is a file, save it with Unix line ends.`,
      ]
    : [];
}

/** Behind the dash of an option, too, where its letter would stand. */
const IN_A_NAME = new RegExp(String.raw`\S\^M${BEHIND_A_NAME}|: illegal option -\^M$`);
/** runc quotes what it cannot find: `exec: "set -e\r": executable file not found`. */
const QUOTED_BY_RUNTIME = /^(?:runc|container_linux|exec)\b.*\\r"/;
