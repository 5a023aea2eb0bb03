/** How soon it is noticed that an engine is silent or lost, where there is no screen to show it. */

import { randomInt } from "node:crypto";
import { describe, expect, inject, test, vi } from "vitest";
import { busyboxContext } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const WITHIN = { timeout: 15_000, interval: 50 };

function sleeping(seconds: number): string {
  return `FROM scratch\nADD busybox /busybox\nRUN ["/busybox", "sleep", "${seconds}"]\n`;
}

describe.runIf(inject("privateSuite") !== undefined)("without a screen", () => {
  test("R01 R03 · --run says within 10 s that the engine is silent, when it answers again, and ends with 1 when it is lost", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using context = await busyboxContext({ files: { Dockerfile: sleeping(seconds) } });
    await using terminal = await Terminal.start({
      engine: own.engine,
      args: ["--run", context.path],
      columns: 120,
      env: { TERM: "dumb" },
    });
    await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(1), WITHIN);
    await own.suspend();
    const suspendedMs = performance.now();
    await terminal.until(/^engine not answering: dockerd /m);
    expect(performance.now() - suspendedMs).toBeLessThan(10_000);
    await terminal.until(/^ {2}bktui gives up after 5m 00s/m);
    await own.resume();
    await terminal.until(/^the engine answers again after \d+s$/m);
    const killedMs = performance.now();
    await own.killDaemon();
    await terminal.until(/^bktui: .*\n(?:.*\n)*? {2}what has run is in the engine's cache/m);
    expect(performance.now() - killedMs).toBeLessThan(1500);
    expect((await terminal.left()).exitCode).toBe(1);
  });
});
