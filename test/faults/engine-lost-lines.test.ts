/** An engine that is silent or lost, where there is no screen to show it: what is said, and how it goes on. */

import { randomInt } from "node:crypto";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, inject, test, vi } from "vitest";
import { createDebugger } from "../../src/debugger/runtime.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import { runHeadless } from "../../src/plain/headless.ts";
import { outputTo } from "../../src/plain/output.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { REQUEST } from "../support/debug-driver.ts";
import { busyboxContext } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const WITHIN = { timeout: 15_000, interval: 50 };

function sleeping(seconds: number): string {
  return `FROM scratch\nADD busybox /busybox\nRUN ["/busybox", "sleep", "${seconds}"]\n`;
}

describe.runIf(inject("privateSuite") !== undefined)("without a screen", () => {
  test("R03 · --run gives a silent engine up after its patience, in words", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using context = await busyboxContext({ files: { Dockerfile: sleeping(seconds) } });
    const { signal } = new AbortController();
    const address = parseAddress(own.engine.dockerHost);
    await using engine = await BuildkitEngine.connect(address, { signal, origin: "test", env: {} });
    await using debug = createDebugger(engine);
    const paths = { source: fromDockerfile(context.path, join(context.path, "Dockerfile")) };
    const [stdout, stderr] = [outputTo(new PassThrough()), outputTo(new PassThrough())];
    const run = {
      debugger: debug,
      breakpoints: [],
      notes: [],
      stdout,
      stderr,
      debug: false,
      again: "bktui .",
      patienceMs: 300,
      style: "plain" as const,
    };
    const ended = expect(runHeadless({ ...run, request: { ...REQUEST, ...paths } }, { signal })).rejects;
    await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(1), WITHIN);
    await own.suspend();
    try {
      await ended.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringMatching(/^the engine has not answered for 0s: dockerd /),
        hint: expect.stringContaining("bktui doctor"),
      });
    } finally {
      await own.resume();
    }
  });

  test("R01 R03 · the line mode says it too, and reconnect comes back to the place", async () => {
    await using own = await OwnEngine.start();
    const seconds = randomInt(1e6, 1e9);
    await using context = await busyboxContext({ files: { Dockerfile: sleeping(seconds) } });
    await using terminal = await Terminal.start({
      engine: own.engine,
      args: ["--ui=plain", context.path],
      columns: 120,
      waitMs: 60_000,
    });
    await terminal.until(/^\(bktui 1\/2 loaded\)$/m);
    terminal.type("reconnect\rn\r");
    await terminal.until(/^reconnect: the engine answers; rerun runs the build again$/m);
    await terminal.until(/^\(bktui 2\/2 paused\)$/m);
    terminal.type("n\r");
    await vi.waitFor(() => expect(running(`/busybox sleep ${seconds}`)).toBe(1), WITHIN);
    await own.suspend();
    await terminal.until(/^engine not answering: dockerd .*\n.*reconnect connects anew, quit leaves$/m);
    await terminal.until(/^engine not answering for 2\ds$/m);
    terminal.type("reconnect\r");
    await terminal.until(/^attempt 2$/m);
    await own.resume();
    await terminal.until((rows) =>
      /^\(bktui 2\/2 paused\)$/.test(rows.filter((row) => row !== "").at(-1) ?? ""),
    );
    await own.killDaemon();
    await terminal.until(/^\(bktui lost\)$/m);
    await terminal.until(/connecting again by itself for some seconds; reconnect does it at once$/m);
    await own.startAgain();
    await terminal.until(/^connected again$/m);
    await terminal.until((rows) =>
      /^\(bktui 2\/2 paused\)$/.test(rows.filter((row) => row !== "").at(-1) ?? ""),
    );
    terminal.type("q\r");
    expect((await terminal.left()).exitCode).toBe(1);
  });
});
