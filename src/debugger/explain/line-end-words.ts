/** Line ends of Windows (CRLF) that became part of a name, in words. */
import type { StepFacts } from "./facts.ts";

/** Stands for the character wherever a person reads it. */
export const CARRIAGE_RETURN = "^M";

export const CRLF_WORDS = "The line ends with CR: save the file with Unix line ends.";

/** A name as it was meant. */
export function withoutCarriageReturn(text: string): string {
  return text.endsWith(CARRIAGE_RETURN) ? text.slice(0, -CARRIAGE_RETURN.length) : text;
}

/** The last lines hold a carriage return only where a message is about a name that ends with it. */
export function lineEndWords({ lastLines }: StepFacts, said: readonly string[]): readonly string[] {
  if (said.includes(CRLF_WORDS)) return [];
  const isNamed = lastLines.some((line) => line.includes(CARRIAGE_RETURN) || QUOTED_BY_RUNTIME.test(line));
  return isNamed
    ? [
        `${CARRIAGE_RETURN} is a carriage return: a file with Windows line ends (CRLF) was read; save it with Unix line ends.`,
      ]
    : [];
}

/** runc quotes what it cannot find: `exec: "set -e\r": executable file not found`. */
const QUOTED_BY_RUNTIME = /^(?:runc|container_linux|exec)\b.*\\r"/;
