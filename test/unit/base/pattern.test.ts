import { describe, expect, test } from "vitest";
import { compilePattern } from "../../../src/base/pattern.ts";

function isIn(source: string, text: string): boolean {
  return compilePattern(source).isIn(text, { left: 1_000_000 });
}

test.each([
  ["RUN npm", "RUN npm ci"],
  ["run NPM", "RUN npm ci"],
  ["^run", "RUN a"],
  ["ci$", "RUN npm ci"],
  ["a.c", "xabcx"],
  ["a*b+c?", "bb"],
  ["(apt|apk) (add|install)", "RUN apk add git"],
  ["x{2,3}y", "xxxy"],
  ["x{2}$", "axx"],
  ["[^a-y]\\d+", "z42"],
  ["[\\d-]$", "a-"],
  ["\\bnpm\\b", "RUN npm"],
  ["\\(a\\)", "f(a)"],
  ["(?:a|)b", "b"],
  ["(a*)*$", "aaa"],
  ["ü", "Ü"],
])("/%s/ is in %j", (source, text) => {
  expect(isIn(source, text)).toBe(true);
  expect(new RegExp(source, "iu").test(text)).toBe(true);
});

test.each([
  ["^npm", "RUN npm"],
  ["x{3}", "xx"],
  ["[a-c]", "xyz"],
  ["\\bpm", "RUN npm"],
  ["a+b", "b"],
  ["\\Bnpm", "RUN npm"],
])("/%s/ is not in %j", (source, text) => {
  expect(isIn(source, text)).toBe(false);
});

describe("patterns that are refused", () => {
  test.each([
    ["(a", '"(" is not closed'],
    ["a)", '")" closes nothing'],
    ["[a", '"[" is not closed'],
    ["*a", '"*" repeats nothing'],
    ["a**", "between two repetitions"],
    ["(?=a)", "no looking ahead"],
    ["(a)\\1", "no references"],
    ["a{5,2}", "the smaller one first"],
    ["a\\", 'ends with "\\"'],
    ["((a{100}){100}){100}", "repetitions are too large"],
    ["a".repeat(201), "longer than 200"],
  ])("%s", (source, why) => {
    expect(() => compilePattern(source)).toThrow(why);
  });
});

test("what blows up elsewhere ends here, and the work is bounded", () => {
  const text = "a".repeat(2000);
  const budget = { left: 1_000_000 };
  expect(compilePattern("(a|a)*(a+)+b").isIn(text, budget)).toBe(false);
  expect(budget.left).toBeGreaterThan(0);
  expect(() => compilePattern("(a|a)*(a+)+b").isIn(text, { left: 1000 })).toThrow("takes too long");
});
