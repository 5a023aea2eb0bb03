import { expect, test } from "vitest";
import { byteSize, count, exactByteSize } from "../../../src/base/words.ts";

test.each([
  [0, "0 steps"],
  [1, "1 step"],
  [2, "2 steps"],
])("%d is %s", (number, words) => {
  expect(count(number, "step")).toBe(words);
});

test.each([
  [0, "0 B", "0B"],
  [999, "999 B", "999B"],
  [1000, "1.0 kB", "1.00kB"],
  [9_940, "9.9 kB", "9.94kB"],
  [117_140_000, "117 MB", "117.14MB"],
  [2_500_000_000_000_000, "2500 TB", "2500.00TB"],
])("%d bytes are %s, and %s beside other clients", (bytes, size, exact) => {
  expect(byteSize(bytes)).toBe(size);
  expect(exactByteSize(bytes)).toBe(exact);
});
