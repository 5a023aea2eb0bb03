/** The two ways in which docker refuses what was typed, which differ in the exit code. */
import { BktuiError } from "../base/errors.ts";

/** A wrong command line: exit code 125. */
export function usageError(message: string, hint?: string): BktuiError {
  return new BktuiError("usage", message, hint === undefined ? {} : { hint });
}

/** A value that docker refuses after it has read the command line: exit code 1. */
export function badValue(message: string, hint?: string): BktuiError {
  return new BktuiError("bad-request", message, hint === undefined ? {} : { hint });
}
