/** How an error is told: for programs in the protocol's words, for people in one text with what helps. Pure. */

import type { BktuiError, ErrorCode } from "../../base/errors.ts";
import { visibleText } from "../../base/visible.ts";
import { remedyWords, typedWords } from "../../console/phrases/remedy-words.ts";
import { remediesOf } from "../../debugger/remedies.ts";

/** Of `body.error.id`; the number of a code never changes. */
const NUMBERS: Readonly<Record<ErrorCode, number>> = {
  usage: 1001,
  "bad-request": 1002,
  "not-now": 1003,
  "not-found": 1004,
  unsupported: 1005,
  cancelled: 1006,
  "no-engine": 1007,
  "engine-unreachable": 1008,
  engine: 1009,
  io: 1010,
  internal: 1011,
};

/** Asked by editors on their own, again and again: a message for each would be a nuisance. */
const QUIET: ReadonlySet<string> = new Set([
  "stackTrace",
  "scopes",
  "variables",
  "evaluate",
  "threads",
  "source",
  "completions",
  "exceptionInfo",
  "readMemory",
  "breakpointLocations",
  "dataBreakpointInfo",
  "loadedSources",
  "modules",
  "cancel",
]);

const LONGEST = 4000;

/** The message and what helps, each in a line of its own; untrusted. */
export function errorWords(error: BktuiError): string {
  const remedies = remediesOf(error).flatMap((remedy) => {
    const command = remedyWords(remedy) === undefined ? undefined : typedWords(remedy);
    return command === undefined ? [] : [`${command} ${remedy.does}`];
  });
  return [error.message, ...(error.hint === undefined ? [] : [error.hint]), ...remedies].join("\n");
}

export function errorBody(
  error: BktuiError,
  command: string,
  masked: (text: string) => string,
): { readonly message: string; readonly body: { readonly error: object } } {
  const text = errorWords(error)
    .split("\n")
    .map((line) => visibleText(masked(line)))
    .join("\n")
    .slice(0, LONGEST);
  const short = error.code === "cancelled" ? "cancelled" : text;
  const format = text.replaceAll("{", "(").replaceAll("}", ")");
  return {
    message: short,
    body: {
      error: { id: NUMBERS[error.code], format, showUser: error.code !== "cancelled" && !QUIET.has(command) },
    },
  };
}
