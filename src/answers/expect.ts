/** `expect` for programs: it holds, or is an error that says what is the case. */
import { BktuiError } from "../base/errors.ts";
import { expectationWords, isEnd, unmet } from "../console/expectations/check-expectation.ts";
import type { Result } from "./answers.ts";
import type { Handlers } from "./parts.ts";

export const EXPECT: Handlers<"expect"> = {
  expect: async ({ expectation }, { debug, shown, last }, signal) => {
    const before = last();
    const exitCode = before?.kind === "program" ? before.exitCode : undefined;
    const why = await unmet(
      expectation,
      { debug, shown, output: before === undefined ? [] : linesOf(before), exitCode },
      { signal },
    );
    if (why === undefined) {
      const words = expectationWords(expectation);
      return { kind: "expected", words, end: isEnd(expectation, { exitCode }) };
    }
    throw new BktuiError("bad-request", `expected ${expectationWords(expectation)}, but ${why}`);
  },
};

/** Of a program its own output, of all else the answer as it is written. */
function linesOf(result: Result): readonly string[] {
  return (result.kind === "program" ? result.output : JSON.stringify(result)).split("\n");
}
