import { expect, test } from "vitest";
import { namedThread } from "../../../src/console/named-thread.ts";
import { threadLines } from "../../../src/console/phrases/thread-words.ts";
import type { Thread } from "../../../src/debugger/debugger.ts";
import { initialState } from "../../../src/debugger/stepping/reduce.ts";

function stateOf(shown: number, ...platforms: readonly string[]) {
  const threads = platforms.map((platform, id): Thread => {
    return { id, platform, phase: { kind: "idle" }, breakpoints: [], stops: 0 };
  });
  return { ...initialState, threads, shown };
}

const STATE = stateOf(2, "linux/amd64", "linux/arm64", "linux/arm/v7");

test.each<[string, number]>([
  ["linux/arm64", 1],
  ["ARM64", 1],
  ["v7", 2],
  ["1", 0],
  ["next", 0],
])("%s", (typed, id) => {
  expect(namedThread(STATE, typed)).toBe(id);
});

test.each(["linux", "4", "s390x", "0"])("%s is none of them, or of several", (typed) => {
  expect(() => namedThread(STATE, typed)).toThrow(
    `there is no thread "${typed}"; there are linux/amd64, linux/arm64, linux/arm/v7`,
  );
});

test("a build for one platform has none to change to", () => {
  expect(() => namedThread(initialState, "next")).toThrow("the build is for one platform");
});

test("the shown one is marked", () => {
  expect(threadLines(STATE)).toEqual([
    "  1 linux/amd64   idle",
    "  2 linux/arm64   idle",
    "> 3 linux/arm/v7  idle",
  ]);
});
