import { expect, test } from "vitest";
import { doubtfulBreakpoint, whyWords } from "../../../../src/console/phrases/breakpoint-why.ts";
import { parseOrder } from "../../../../src/debugger/breakpoints/break-order.ts";
import { DebugDriver, REQUEST } from "../../../support/debug-driver.ts";
import { makeProgram } from "../../../support/graphs.ts";

const TEXT = "FROM busybox AS base\nENV A=b\nRUN one\nRUN two\nFROM busybox AS unused\nRUN three\n";
const PROGRAM = makeProgram(TEXT, [
  { id: "image", kind: "source", at: [1] },
  { id: "one", on: "image", at: [3], env: ["CI=0"] },
  { id: "two", on: "one", at: [4], env: ["CI=1"] },
]);

function set(driver: DebugDriver, place: string): DebugDriver {
  const order = parseOrder(place);
  if (!("spec" in order)) throw new Error(place);
  return driver.give({ kind: "add-breakpoint", ...order });
}

function waiting(place: string): DebugDriver {
  return set(new DebugDriver(), place);
}

function loaded(place: string): DebugDriver {
  return waiting(place).give({ kind: "launch", request: REQUEST, stopOnEntry: true }).opened(PROGRAM);
}

/** Until it stands; nothing that is asked is answered but that a step made the path. */
function ran(driver: DebugDriver): DebugDriver {
  driver.give("continue");
  while (driver.state.phase.kind === "running") {
    if (driver.state.phase.asking === undefined) driver.solved();
    else driver.asked({ "data /x": { kind: "data", change: "made", text: undefined } });
  }
  return driver;
}

function why(driver: DebugDriver): string {
  return whyWords(driver.breakpoint(), driver.state).join(" ");
}

test.each<readonly [string, () => DebugDriver, string]>([
  ["nothing is loaded", () => waiting("3"), "Nothing is loaded yet: it is looked for when the file is."],
  [
    "it is switched off",
    () => loaded("3").give({ kind: "enable-breakpoint", id: 1, enabled: false }),
    "Breakpoint 1 is switched off: on 1 switches it on.",
  ],
  [
    "it is where nothing runs",
    () => loaded("2"),
    "Line 2 runs nothing: breakpoint moved to line 3. It is asked next before line 3.",
  ],
  [
    "it is in a stage that is not built",
    () => loaded("stage:unused"),
    "Breakpoint at any step in stage unused cannot stop: stage unused runs nothing for this target. Set it elsewhere (break PLACE), build the stage that it is in (target STAGE), or delete it (delete 1).",
  ],
  ["it is ahead", () => loaded("4"), "It is asked next before line 4."],
  ["the build stands at it", () => ran(loaded("4")), "The build stands at it: breakpoint at line 4."],
  [
    "its step has run",
    () => ran(loaded("4 if cached")),
    "What it asks for is known when the step has run: it stops behind the step.",
  ],
  [
    "its rule did not hold",
    () => ran(loaded("RUN if ENV.CI == 2")),
    'Its rule (if ENV.CI == 2) did not let it stop before line 4: ENV.CI is "1". Nothing that it is at is left to run in this attempt: rerun asks it again.',
  ],
  [
    "its hits have not come",
    () => ran(loaded("RUN hits 5")),
    "Its rule (hits 5) did not let it stop before line 4: this is hit 2. It was hit 2 times in this attempt, and nothing that it is at is left to run.",
  ],
  [
    "it is a log point",
    () => ran(loaded("3 text CI")),
    "As a log point it never stops, and was passed before line 3. It was hit 1 time in this attempt, and nothing that it is at is left to run.",
  ],
  [
    "no step did that to the path",
    () => ran(loaded("data:/x removed")),
    "No step had removed /x yet, as of at the end of stage base: /x was made. Nothing that it is at is left to run in this attempt: rerun asks it again.",
  ],
])("why it does not stop: %s", (_name, driver, words) => {
  expect(why(driver())).toContain(words);
});

test("what cannot be decided is said with the reason", () => {
  const driver = loaded("4 if exists('/x')").give("continue").solved();
  driver.apply({
    kind: "asked",
    token: driver.token,
    answers: [{ kind: "unknown", why: "the engine is odd" }],
  });
  expect(why(driver)).toBe("The build stands at it: breakpoint at line 4. The engine is odd.");
});

test("without a number it is about the last one that cannot stop, else about the last one", () => {
  const driver = loaded("6");
  expect(doubtfulBreakpoint(driver.state)?.id).toBe(1);
  set(driver, "3");
  expect(doubtfulBreakpoint(driver.state)?.id).toBe(1);
  driver.give({ kind: "remove-breakpoint", id: 1 });
  expect(doubtfulBreakpoint(driver.state)?.id).toBe(2);
  driver.give({ kind: "remove-breakpoint", id: 2 });
  expect(doubtfulBreakpoint(driver.state)).toBeUndefined();
});
