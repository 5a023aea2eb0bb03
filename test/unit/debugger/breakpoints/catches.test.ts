import { describe, expect, it, test } from "vitest";
import type { CatchFilter } from "../../../../src/debugger/breakpoint.ts";
import { parseOrder } from "../../../../src/debugger/breakpoints/break-order.ts";
import { catchText, parseCatches } from "../../../../src/debugger/breakpoints/catches.ts";
import type { SolveFailed } from "../../../../src/engine/failures.ts";
import { DebugDriver, failureOf, REQUEST } from "../../../support/debug-driver.ts";
import { makeProgram } from "../../../support/graphs.ts";

describe("catch as it is typed", () => {
  test.each<readonly [string, readonly CatchFilter[]]>([
    ["none", []],
    ["all", [{ kind: "all" }]],
    ["run", [{ kind: "run" }]],
    ["run, source", [{ kind: "run" }, { kind: "source" }]],
    ["run if exitCode == 137", [{ kind: "run", condition: "exitCode == 137" }]],
    [
      "run if exitCode == 137 && stage == 'a, b', copy if ENV.CI, other",
      [
        { kind: "run", condition: "exitCode == 137 && stage == 'a, b'" },
        { kind: "copy", condition: "ENV.CI" },
        { kind: "other" },
      ],
    ],
  ])("%s", (text, filters) => {
    expect(parseCatches(text)).toEqual(filters);
    expect(parseCatches(catchText(filters))).toEqual(filters);
  });

  test("kinds may follow each other without a comma", () => {
    expect(parseCatches("run source")).toEqual([{ kind: "run" }, { kind: "source" }]);
  });

  test.each([
    ["", "no kind of failure"],
    ["everything", "no kind of failure"],
    ["run if", "no kind of failure"],
    ["run if exitCode = 1", "column 10"],
    ["run if file('/x') == ''", "reads no files"],
  ])("%j is refused", (text, why) => {
    expect(() => parseCatches(text)).toThrow(why);
  });
});

const PROGRAM = makeProgram("FROM busybox\nRUN a\nCOPY b /\nWORKDIR /w\n", [
  { id: "image", kind: "source", at: [1] },
  { id: "a", on: "image", at: [2], env: ["CI=1"] },
  { id: "context", kind: "source" },
  { id: "b", kind: "file", on: "a", uses: ["context"], at: [3] },
  { id: "w", kind: "file", on: "b", at: [4] },
]);

const COPIED: SolveFailed = failureOf("b", { exitCode: undefined, states: undefined });

function failing(catches: string, failure: SolveFailed, ...breaks: readonly string[]): DebugDriver {
  const driver = new DebugDriver();
  driver.give({ kind: "catch", filters: parseCatches(catches) });
  for (const text of breaks) {
    const order = parseOrder(text);
    if ("spec" in order) driver.give({ kind: "add-breakpoint", ...order });
  }
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(PROGRAM).give("continue");
  return driver.failed(failure);
}

function uncaught({ state: { phase } }: DebugDriver): string | undefined {
  if (phase.kind !== "paused" || phase.reason.kind !== "exception") throw new Error(phase.kind);
  return phase.reason.uncaught?.why;
}

describe("a failure", () => {
  it.each([
    ["all", failureOf("a"), undefined],
    ["run", failureOf("a"), undefined],
    ["run", COPIED, "catch is run: it is a failure of kind copy"],
    ["copy", COPIED, undefined],
    ["source", failureOf("context", { exitCode: undefined, states: undefined }), undefined],
    ["other", failureOf("w", { exitCode: undefined, states: undefined }), undefined],
    ["none", failureOf("a"), "catch is none"],
    ["run if exitCode == 1 && ENV.CI", failureOf("a"), undefined],
    [
      "run if exitCode == 137",
      failureOf("a"),
      "catch is run if exitCode == 137: it is a failure of kind run, exitCode is 1",
    ],
    ["run if exitCode == 137, all if !cached", failureOf("a"), undefined],
    // What a COPY would get has to be asked for, and nobody is passed by for that.
    ["copy if ENV.CI == 5", COPIED, undefined],
  ])("under %s", (catches, failure, why) => {
    const driver = failing(catches, failure);
    expect(driver.where).toMatch(/ \(exception\)$/);
    expect(uncaught(driver)).toBe(why);
  });

  it("is stopped at by a breakpoint that asks for what came of the step", () => {
    expect(uncaught(failing("none", failureOf("a"), "2 if exitCode == 1"))).toBeUndefined();
    expect(uncaught(failing("none", failureOf("a"), "2 if exitCode == 0"))).toBe("catch is none");
    const logging = failing("none", failureOf("a"), "2 text {exitCode}");
    expect(logging.state.said.map(({ text }) => text)).toEqual(["1"]);
    expect(uncaught(logging)).toBe("catch is none");
  });

  it("is filtered by what is set when it happens, and a wrong filter changes nothing", () => {
    const driver = failing("all", failureOf("a"));
    expect(driver.refusal({ kind: "catch", filters: [{ kind: "run", condition: "exitCode =" }] })).toContain(
      "column 10",
    );
    expect(driver.state.catches).toEqual([{ kind: "all" }]);
  });
});
