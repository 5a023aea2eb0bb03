import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DelayedCancels } from "../../../../src/debugger/stepping/delayed-cancels.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("the old solve goes on until the one that takes over has had its time", () => {
  const delayedCancels = new DelayedCancels();
  const old = new AbortController();
  delayedCancels.begin(1, old, 2);
  vi.advanceTimersByTime(150);
  expect(old.signal.aborted).toBe(false);
  vi.advanceTimersByTime(100);
  expect(old.signal.aborted).toBe(true);
});

test("cancelling what was to take over ends the old solves at once, and no others", () => {
  const delayedCancels = new DelayedCancels();
  const [first, second, another] = [new AbortController(), new AbortController(), new AbortController()];
  delayedCancels.begin(1, first, 2);
  delayedCancels.begin(2, second, 3);
  delayedCancels.begin(7, another, 8);
  delayedCancels.endFor(3);
  expect([first, second, another].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
});

test("after its end nothing is cancelled any more", () => {
  const delayedCancels = new DelayedCancels();
  const old = new AbortController();
  delayedCancels.begin(1, old, 2);
  delayedCancels.clear();
  vi.advanceTimersByTime(1000);
  expect(old.signal.aborted).toBe(false);
});
