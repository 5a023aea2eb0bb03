import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { errorBlocks } from "../../../../src/debugger/explain/error-words.ts";

test("an error is told with what it was because of, each said once and without stacks", () => {
  const deepest = new Error("connection reset");
  const wire = new Error("2 UNKNOWN: unknown flag: --frm", { cause: deepest });
  const error = new BktuiError("bad-request", "unknown flag: --frm", {
    hint: "did you mean --from?",
    cause: new Error("unknown flag: --frm", { cause: wire }),
  });
  const explanation = {
    headline: "line 2: COPY: unknown flag --frm",
    why: ["COPY knows --from."],
    kept: undefined,
    next: [],
    also: [],
    cancelled: undefined,
  };
  expect(errorBlocks(error, { explanation, warnings: [] })).toEqual([
    ["line 2: COPY: unknown flag --frm", "COPY knows --from."],
    ["unknown flag: --frm"],
    ["did you mean --from?"],
    ["because: connection reset"],
  ]);
});

test("causes that go in a circle end", () => {
  const error = new BktuiError("engine", "first");
  const second = new Error("second", { cause: error });
  Object.defineProperty(error, "cause", { value: second });
  expect(errorBlocks(error, { explanation: undefined, warnings: [] })).toEqual([
    ["first"],
    ["because: second"],
  ]);
});
