import { expect, test } from "vitest";
import { shortWords } from "../../../src/base/limits.ts";

test.each([
  ["a word of 400 characters stays", "x".repeat(400), "x".repeat(400)],
  ["many short words stay", "a path ".repeat(100), "a path ".repeat(100)],
  [
    "a longer one keeps its beginning and end, and its quotes",
    `lstat "/a/${"b".repeat(5000)}/z": too long`,
    `lstat "/a/${"b".repeat(137)}…${"b".repeat(48)}/z": too long`,
  ],
])("%s", (_, text, short) => {
  expect(shortWords(text)).toBe(short);
});

test("a word of many megabytes is cut like others", () => {
  const short = shortWords(`error: ${"e".repeat(15 << 20)}`);
  expect(short).toMatch(/^error: e+…e+ … \(\d+ characters left out\) … e+…e+$/);
  expect(short.length).toBeLessThan(1000);
});
