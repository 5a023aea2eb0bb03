import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lastLines } from "../../../../src/debugger/progress/last-output.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import type { Digest } from "../../../../src/graph/graph.ts";

const FAILED = "sha256:failed" as Digest;
const { signal } = new AbortController();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function reportsOf(progress: ProgressLog): { prints(lines: number): void; ends(): void } {
  const vertex = { kind: "vertex", vertex: FAILED, name: "RUN", startedMs: 1, cached: false } as const;
  progress.apply({ ...vertex, completedMs: undefined, error: "" });
  return {
    prints: (lines) => {
      const data = Buffer.from("line\n".repeat(lines));
      progress.apply({ kind: "log", vertex: FAILED, stream: "stdout", atMs: 1, data });
    },
    ends: () => progress.apply({ ...vertex, completedMs: 2, error: "exit code: 1" }),
  };
}

async function hasEnded(waiting: Promise<void>): Promise<boolean> {
  let ended = false;
  void waiting.then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return ended;
}

test("a step's end is enough when it printed little", async () => {
  using progress = new ProgressLog();
  const { prints, ends } = reportsOf(progress);
  prints(10);
  const waiting = lastLines(progress, FAILED, { signal });
  await vi.advanceTimersByTimeAsync(900);
  expect(await hasEnded(waiting)).toBe(false);
  ends();
  await vi.advanceTimersByTimeAsync(50);
  expect(await hasEnded(waiting)).toBe(true);
});

test("output of a flood that goes on being reported is waited for, also behind the step's end", async () => {
  using progress = new ProgressLog();
  const { prints, ends } = reportsOf(progress);
  const waiting = lastLines(progress, FAILED, { signal });
  for (let round = 0; round < 10; round += 1) {
    prints(5000);
    if (round === 5) ends();
    await vi.advanceTimersByTimeAsync(400);
    expect(await hasEnded(waiting)).toBe(false);
  }
  await vi.advanceTimersByTimeAsync(600);
  expect(await hasEnded(waiting)).toBe(true);
});

test("an engine that reports nothing more is not waited for", async () => {
  using progress = new ProgressLog();
  reportsOf(progress).prints(1);
  const waiting = lastLines(progress, FAILED, { signal });
  await vi.advanceTimersByTimeAsync(1100);
  expect(await hasEnded(waiting)).toBe(true);
});
