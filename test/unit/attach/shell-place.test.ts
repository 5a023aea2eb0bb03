import { expect, test } from "vitest";
import { headerWords, type StoodAt, standingOf } from "../../../src/attach/shell-place.ts";
import type { ShellSide } from "../../../src/console/serving.ts";
import { DebugDriver, failureOf } from "../../support/debug-driver.ts";
import { fxProgram } from "../../support/graphs.ts";

function fx(): DebugDriver {
  return DebugDriver.launched(fxProgram());
}

/** "failed 7", or why there is none. */
function at({ state }: DebugDriver, wanted: ShellSide = "shown"): string {
  const standing = standingOf(state, wanted);
  return standing.kind === "at" ? `${standing.side} ${standing.step.id + 1}` : standing.words;
}

function stood(driver: DebugDriver, wanted: ShellSide = "shown"): StoodAt {
  const standing = standingOf(driver.state, wanted);
  if (standing.kind !== "at") throw new Error(standing.words);
  return standing;
}

test("a shell is in the state of the step that is stood at which is worth most, or in that which was chosen", () => {
  const driver = fx();
  expect(at(driver)).toBe("base 1");
  driver.give("next").solved();
  expect(at(driver)).toBe("base 2");
  driver.give("continue").failed(failureOf("two"));
  expect(at(driver)).toBe("failed 7");
  expect(at(driver, "base")).toBe("base 7");
  expect(at(driver, "failed")).toBe("failed 7");
  expect(at(driver, "after")).toBe("step 7/8 has no state AFTER");
});

test("there is none while the build runs, and it says what runs", () => {
  const driver = new DebugDriver();
  expect(at(driver)).toBe("the build is being loaded");
  const running = fx().give("continue");
  expect(at(running)).toBe("step 1/8 runs");
  running.solved();
  expect(at(running)).toBe("the target is built, its outputs are being made");
  running.apply({ kind: "outputs-made", token: running.token, imageId: undefined });
  expect(at(running)).toBe("after 8");
  running.give("rerun");
  expect(at(running)).toBe("the build is being loaded");
});

test("a place is the same only where the same shell belongs: another side, step or attempt has another key", () => {
  const driver = fx();
  const first = stood(driver).key;
  expect(stood(driver).key).toBe(first);
  driver.give("next").solved();
  const second = stood(driver).key;
  driver.give("continue").failed(failureOf("two"));
  const [failed, base] = [stood(driver).key, stood(driver, "base").key];
  driver.give({ kind: "rerun", here: false }).opened(fxProgram());
  expect(new Set([first, second, failed, base, stood(driver).key]).size).toBe(5);
});

test("what must be made first is told, and what cannot be made any more", () => {
  const early = fx()
    .give("continue")
    .failed(failureOf("two", { states: undefined, exitCode: undefined }));
  const standing = standingOf(early.state, "shown");
  expect(standing.kind).toBe("unmade");
  expect(at(early)).toBe("step 7/8 failed before the steps above it had run");
  expect(standingOf(early.state, "after").kind).toBe("away");
});

test("the header names state, step and what is different about them", () => {
  const driver = fx().give("continue").failed(failureOf("two"), ["add", "install", "dir", "copy"]);
  const place = stood(driver, "base");
  expect(headerWords(place, driver.state, { debugRoot: false })).toBe(`BASE of step 7/8: ${place.step.text}`);
  expect(headerWords(place, driver.state, { debugRoot: true })).toBe(
    `BASE of step 7/8 · debug root · state at /target: ${place.step.text}`,
  );
  const again = fx()
    .give("continue")
    .failed(failureOf("two", { states: undefined }), ["add", "install", "dir", "copy"]);
  expect(headerWords(stood(again), again.state, { debugRoot: false })).toMatch(
    /^FAILED \(reproduced\) of step 7\/8: /,
  );
});
