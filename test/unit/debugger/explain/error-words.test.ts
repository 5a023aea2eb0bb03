import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { errorBlocks } from "../../../../src/debugger/explain/error-words.ts";
import { Refused, type Remedy } from "../../../../src/debugger/remedies.ts";

const remedyWords = ({ command, does }: Remedy): string => `${command} ${does}`;

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
  expect(errorBlocks(error, { explanation, warnings: [], remedyWords })).toEqual([
    ["line 2: COPY: unknown flag --frm", "COPY knows --from."],
    ["unknown flag: --frm"],
    ["did you mean --from?"],
    ["because: connection reset"],
  ]);
});

test("what helps stands behind the error, but not what shows these lines", () => {
  const error = new Refused("not-found", "no /bin/sh here", {
    remedies: [
      { command: "debug-shell", does: "opens one" },
      { command: "error", does: "shows the engine's words" },
    ],
  });
  expect(errorBlocks(error, { explanation: undefined, warnings: [], remedyWords })).toEqual([
    ["no /bin/sh here"],
    ["debug-shell opens one"],
  ]);
});

test("causes that go in a circle end", () => {
  const error = new BktuiError("engine", "first");
  const second = new Error("second", { cause: error });
  Object.defineProperty(error, "cause", { value: second });
  expect(errorBlocks(error, { explanation: undefined, warnings: [], remedyWords })).toEqual([
    ["first"],
    ["because: second"],
  ]);
});
