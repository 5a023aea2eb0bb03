import { randomInt } from "node:crypto";
import { describe, expect, inject, test, vi } from "vitest";
import { statusOf } from "../../src/engine/private/private-engine.ts";
import { busyboxContext } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const WITHIN = { timeout: 20_000, interval: 50 };

/** A bktui whose step sleeps for so many seconds, which is its name among the processes. */
async function inStep(
  own: OwnEngine,
  seconds: number,
): Promise<AsyncDisposable & { readonly terminal: Terminal }> {
  const dockerfile = `FROM scratch\nADD busybox /busybox\nRUN ["/busybox", "sleep", "${seconds}"]\n`;
  const context = await busyboxContext({ files: { Dockerfile: dockerfile } });
  const terminal = await Terminal.start({ engine: own.engine, args: ["--run", context.path] });
  await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(1), WITHIN);
  return {
    terminal,
    [Symbol.asyncDispose]: async () => {
      await terminal[Symbol.asyncDispose]();
      await context[Symbol.asyncDispose]();
    },
  };
}

describe.runIf(inject("privateSuite") !== undefined)("a private engine", () => {
  test.each(["works", "is suspended"])(
    "R06 · that %s is stopped within 10 s in the middle of a step",
    async (how) => {
      await using own = await OwnEngine.start();
      const seconds = randomInt(1e6, 1e9);
      await using _step = await inStep(own, seconds);
      if (how === "is suspended") await own.suspend();
      const stoppedMs = performance.now();
      await own.stop();
      expect(performance.now() - stoppedMs).toBeLessThan(10_000);
      expect(running(`/busybox sleep ${seconds}`)).toBe(0);
      expect(await statusOf(own.directory)).toEqual({ kind: "stopped" });
    },
  );

  test("R07 · whose daemon is killed takes its steps along within 5 s, and starts again", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using _step = await inStep(own, seconds);
    const killedMs = performance.now();
    await own.killDaemon();
    await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(0), WITHIN);
    expect(performance.now() - killedMs).toBeLessThan(5000);
    await own.startAgain();
    expect((await statusOf(own.directory)).kind).toBe("running");
  });
});
