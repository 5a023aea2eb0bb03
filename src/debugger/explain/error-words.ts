/** All that is known of an error (`:error`, `error`), in words that all front ends share. Untrusted text. */
import type { BktuiError } from "../../base/errors.ts";
import type { Warning } from "../progress/progress-store.ts";
import { type Remedy, remediesOf } from "../remedies.ts";
import type { Explanation } from "./explanation.ts";
import { refusingWarnings } from "./lint-words.ts";
import { warningLines } from "./warning-words.ts";

/**
 * What it was explained as, what the engine said, what to do next, what that was because of, and what the lint refuses, each
 * a block of lines. The stacks of bktui's own functions tell a user nothing, and are for `--debug`.
 */
export function errorBlocks(
  error: BktuiError,
  known: {
    readonly explanation: Explanation | undefined;
    readonly warnings: readonly Warning[];
    /** As the front end says it; undefined = not at all. */
    remedyWords(remedy: Remedy): string | undefined;
  },
): readonly (readonly string[])[] {
  const { explanation } = known;
  // What shows these blocks is what `error` advises.
  const remedies = remediesOf(error).flatMap((remedy) =>
    remedy.command === "error" ? [] : (known.remedyWords(remedy) ?? []),
  );
  const blocks = [
    explanation === undefined ? [] : [explanation.headline, ...explanation.why],
    [error.message],
    [...(error.hint === undefined ? [] : [error.hint]), ...remedies],
    ...causes(error).map((message) => [`because: ${message}`]),
    warningLines(refusingWarnings(error, known.warnings)),
  ];
  return blocks.filter((lines) => lines.length > 0).map((lines) => lines.flatMap((line) => line.split("\n")));
}

/**
 * An error's own words are passed on by most that wrap it, often behind a status of theirs (`13 INTERNAL: no space left`): what
 * ends like something that was said is not said again.
 */
function causes(error: Error): readonly string[] {
  const said = [error.message];
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < MOST_CAUSES; depth++) {
    const { message } = cause;
    if (!said.some((words) => words === message || message.endsWith(`: ${words}`))) said.push(message);
    ({ cause } = cause);
  }
  return said.slice(1);
}

/** A chain may be a circle. */
const MOST_CAUSES = 20;
