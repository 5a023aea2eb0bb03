import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Debugger } from "../../../../src/debugger/debugger.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import { SilenceWatch, silenceWords } from "../../../../src/debugger/state/silence.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { DebugDriver } from "../../../support/debug-driver.ts";
import { digestOf, fxProgram } from "../../../support/graphs.ts";

const AFTER_MS = 60_000;
const ENGINE = { kind: "dockerd", version: "28.5.2", address: "tcp://far:1", origin: "test" } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A build in which step `two` runs, and what is said of it. */
function running(engineSilent = false): {
  readonly said: string[];
  readonly hear: (report: Progress) => void;
  readonly watch: SilenceWatch;
} {
  const progress = new ProgressLog();
  const { state } = DebugDriver.launched(fxProgram(), { run: true });
  const debug: Pick<Debugger, "state" | "engine" | "progress" | "subscribe" | "masked"> = {
    state: { ...state, engineSilent },
    engine: ENGINE,
    progress,
    subscribe: () => () => undefined,
    masked: (text) => text.replace("two", "***"),
  };
  const said: string[] = [];
  const watch = new SilenceWatch(debug, { afterMs: AFTER_MS, say: (line) => said.push(line) });
  const began = { name: "RUN", startedMs: 1, completedMs: undefined, cached: false, error: "" };
  progress.apply({ kind: "vertex", vertex: digestOf("two"), ...began });
  return { said, hear: (report) => progress.apply(report), watch };
}

const line = (text: string): Progress => ({
  kind: "log",
  vertex: digestOf("two"),
  stream: "stdout",
  atMs: 2,
  data: Buffer.from(text),
});

describe("a step without a sign of life", () => {
  test("is told of once a silence, after the time and not before", async () => {
    const { said, hear } = running();
    await vi.advanceTimersByTimeAsync(AFTER_MS - 1000);
    // Also what has no line end is a sign.
    hear(line("."));
    await vi.advanceTimersByTimeAsync(AFTER_MS - 1000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(AFTER_MS * 3);
    expect(said).toEqual([
      expect.stringMatching(/^step 7\/8 has given no sign of life for 60s, since \d\d:\d\d:\d\d$/),
    ]);
    hear(line("."));
    await vi.advanceTimersByTimeAsync(AFTER_MS + 1000);
    expect(said).toHaveLength(2);
  });

  test("is not told of while the engine itself is silent, nor when the watch is over", async () => {
    const silent = running(true);
    const over = running();
    over.watch[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(AFTER_MS * 2);
    expect([silent.said, over.said]).toEqual([[], []]);
  });

  test("is told of with what its processes do, of many the first", () => {
    const program = fxProgram();
    const [step] = program.steps;
    if (step === undefined) throw new Error("no step");
    const one = { command: "make all", does: "runs", cpuSeconds: 75 } as const;
    const other = { command: "curl x", does: "waits", cpuSeconds: 0.1 } as const;
    const processes = [one, other, other, other];
    const masked = (text: string): string => text;
    const words = silenceWords({ step, program, silentMs: 90_000, processes, masked });
    expect(words).toMatch(/: "make all" runs \(75s of CPU\), "curl x" waits, "curl x" waits, and 1 more$/);
  });

  test("does not show the beginning of a secret at the end of a shortened command", () => {
    const program = fxProgram();
    const [step] = program.steps;
    if (step === undefined) throw new Error("no step");
    const secret = "hunter2-and-more";
    const command = `curl --silent --header "Authorization: Bearer of this: ${secret}" https://far`;
    const processes = [{ command, does: "waits", cpuSeconds: 0 }] as const;
    const masked = (text: string): string => text.replaceAll(secret, "***");
    const words = silenceWords({ step, program, silentMs: 90_000, processes, masked });
    expect(words).toMatch(/: "curl --silent .* this: \*\*\*" …" waits$/);
    expect(words).not.toContain("hunter");
  });
});

describe("a frontend that does not answer", () => {
  test("is told of once, and again when something was heard since", async () => {
    const progress = new ProgressLog();
    const { state } = DebugDriver.launched(fxProgram(), { run: true });
    const phase = { kind: "opening", token: 1, resume: undefined } as never;
    const debug: Pick<Debugger, "state" | "engine" | "progress" | "subscribe" | "masked"> = {
      state: { ...state, phase },
      engine: ENGINE,
      progress,
      subscribe: () => () => undefined,
      masked: (text) => text,
    };
    const said: string[] = [];
    using _watch = new SilenceWatch(debug, { afterMs: AFTER_MS, say: (line) => said.push(line) });
    await vi.advanceTimersByTimeAsync(AFTER_MS - 1000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(AFTER_MS * 2);
    expect(said).toEqual([expect.stringMatching(/^the frontend has not answered for 60s; it is waited for/)]);
    const began = { name: "[internal] load", startedMs: 1, completedMs: undefined, cached: false, error: "" };
    progress.apply({ kind: "vertex", vertex: digestOf("two"), ...began });
    await vi.advanceTimersByTimeAsync(AFTER_MS + 1000);
    expect(said).toHaveLength(2);
  });
});
