import { expect, test } from "vitest";
import { compileGlob, globOf, isGlob } from "../../../src/base/glob.ts";

test.each([
  ["*.ts", "a.ts", true],
  ["*.ts", "a.rs", false],
  ["*", "", true],
  ["?.ts", "ab.ts", false],
  ["?.ts", "é.ts", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-b-b", false],
  ["[a-c]x", "bx", true],
  ["[^a-c]x", "bx", false],
  ["[^a-c]x", "dx", true],
  ["a[[]1]", "a[1]", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
])("%s and %s as Go compares them: %s", (pattern, name, expected) => {
  expect(compileGlob(pattern)?.(name)).toBe(expected);
});

test.each(["[", "[]", "[a", "[-a]", "a\\", "[a-]"])("%s is malformed", (pattern) => {
  expect(compileGlob(pattern)).toBeUndefined();
});

test("a name as a pattern matches itself alone", () => {
  for (const name of ["a[1].txt", "b*?c", "back\\slash", "plain"]) {
    const matches = compileGlob(globOf(name));
    expect(matches?.(name)).toBe(true);
    expect(matches?.(`${name}x`)).toBe(false);
  }
  expect(isGlob("plain.txt")).toBe(false);
});

test("many stars cost no more than their number times the length", () => {
  expect(compileGlob(`${"*a".repeat(100)}b`)?.("a".repeat(10_000))).toBe(false);
});
