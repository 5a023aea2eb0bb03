/** What a call refuses with. */
import { BktuiError } from "../../src/base/errors.ts";

/** @throws {Error} when nothing was thrown; anything but a BktuiError as it is. */
export function failureOf(run: () => unknown): BktuiError {
  try {
    run();
  } catch (error) {
    if (error instanceof BktuiError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
