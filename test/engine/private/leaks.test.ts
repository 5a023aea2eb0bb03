/** After fifty stops with shells in them, the engine has nothing that it had not before. */
import { randomInt } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { openShell } from "../../../src/debugger/shells/open-shell.ts";
import type { OpenedShell } from "../../../src/debugger/shells/shared-container.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { engineHome } from "../../../src/engine/private/home/home.ts";
import { readRecord } from "../../../src/engine/private/home/record.ts";
import { purgePrivateEngine, startPrivateEngine } from "../../../src/engine/private/private-engine.ts";
import type { Address } from "../../../src/transport/address.ts";
import { give, startDebugging } from "../../support/debugging.ts";
import { type Census, censusOf } from "../../support/engine-census.ts";
import { running } from "../../support/processes.ts";

const newest = inject("privateSuite");
const STOPS = 50;

const steps = Array.from({ length: STOPS }, (_, index) => `RUN echo ${index} > /stop\n`).join("");
const Dockerfile = `FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n${steps}`;

describe.runIf(newest !== undefined).each([newest, "bookworm"])("on a dockerd of %s", (suite) => {
  let directory = "";
  let address: Address | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "bktui-leaks-"));
    const options = { kind: "dockerd", suite, network: "isolated", onProgress: () => undefined } as const;
    const signal = AbortSignal.timeout(60_000);
    address = (await startPrivateEngine({ ...options, directory: engineDirectory() }, { signal })).address;
  });
  afterEach(async () => {
    await purgePrivateEngine(engineDirectory(), { signal: AbortSignal.timeout(60_000) });
    await rm(directory, { recursive: true });
  });

  const engineDirectory = (): string => join(directory, "engine");

  async function census(): Promise<Census> {
    const record = await readRecord(engineHome(engineDirectory()));
    if (record === undefined) throw new Error("the engine does not run");
    return await censusOf(record.init.pid, join(engineDirectory(), `data-${suite}`));
  }

  test("R11 R12 · no container, process or mount stays after fifty stops with shells", async () => {
    if (address === undefined) throw new Error("the engine did not start");
    // The first build of an engine makes what stays: mounts of its store, a bridge.
    await (await startDebugging(address, { files: { Dockerfile } }))[Symbol.asyncDispose]();
    const before = await census();
    const debugging = await startDebugging(address, { files: { Dockerfile } });
    const { debug } = debugging;
    const leaving: Promise<unknown>[] = [];
    for (const line of [3, 4]) expect(await give(debug, "next")).toBe(`before ${line} step`);
    for (let stop = 1; stop <= STOPS; stop += 1) {
      await give(debug, "next");
      leaving.push(...(await openShells(debug, stop)));
    }
    // Shells are open now, one runs a program, another one is being opened.
    const opening = Promise.allSettled([shellIn(debug, STOPS - 1, "base")]);
    const during = await census();
    for (const what of ["executors", "processes", "mounts"] as const) {
      expect(during[what].length, what).toBeGreaterThan(before[what].length);
    }
    await debugging[Symbol.asyncDispose]();
    await Promise.all([opening, ...leaving]);
    await settled(census, before);
  }, 300_000);

  test("R12 · no process stays in a container that is released while its terminal prints", async () => {
    if (address === undefined) throw new Error("the engine did not start");
    await using debugging = await startDebugging(address, { files: { Dockerfile } });
    const { debug } = debugging;
    for (const line of [3, 4]) expect(await give(debug, "next")).toBe(`before ${line} step`);
    await give(debug, "next");
    const signal = AbortSignal.timeout(60_000);
    const sleeping = `sleep ${randomInt(1e6, 1e9)}`;
    // It survives the hang-up of its terminal, as the shell of a container does that waits for a program.
    const script = `trap '' HUP INT TERM; (while :; do echo x; usleep 1000; done) & ${sleeping} & wait; ${sleeping}`;
    const spec = { args: ["/bin/sh", "-c", script], env: [], terminal: { columns: 80, rows: 24 } };
    // 28.5 lost one of eight, 18 ms after their start; which moment is the wrong one depends on the machine.
    for (let delayMs = 0; delayMs < 70; delayMs += 6) {
      const container = await debug.container(stepOf(debug, 1).id, "base", { signal });
      await container.start(spec, { signal });
      await delay(delayMs);
      await container[Symbol.asyncDispose]();
    }
    await vi.waitFor(() => expect(running(sleeping)).toBe(0), { timeout: 10_000, interval: 100 });
    // What leads to the loss shows in each case: the engine kills runc instead of the container.
    const log = await readFile(join(engineDirectory(), "engine.log"), "utf8");
    expect(log.match(/monitoring error: io: read\/write on closed pipe/g)).toBeNull();
  }, 120_000);
});

/** Opens, swaps and leaves shells in every way; answers with what is still under way. */
async function openShells(debug: Debugger, stop: number): Promise<readonly Promise<unknown>[]> {
  const signal = AbortSignal.timeout(20_000);
  switch (stop % 5) {
    case 0: {
      const shell = await shellIn(debug, stop, "after");
      shell.process.write(Buffer.from("exit 7\n"));
      expect(await shell.process.exited).toBe(7);
      return [dispose(shell)];
    }
    case 1: {
      const [base, after] = await Promise.all([shellIn(debug, stop, "base"), shellIn(debug, stop, "after")]);
      return [dispose(base), dispose(after)];
    }
    case 2: {
      // An interrupt goes as a byte: a signal to a process with a terminal would leave its container behind for good.
      const shell = await shellIn(debug, stop, "after");
      shell.process.write(Buffer.from("sleep 8888\n"));
      while ((await shell.program({ signal })) !== "sleep") await delay(20);
      shell.process.write(Buffer.from([3]));
      while ((await shell.program({ signal })) !== undefined) await delay(20);
      return [dispose(shell)];
    }
    case 3: {
      // In the background, and stubborn.
      const shell = await shellIn(debug, stop, "base");
      shell.process.write(Buffer.from("trap '' TERM HUP INT; sleep 8888 &\n"));
      return [];
    }
    default: {
      const given = new AbortController();
      const opened = debug.container(stepOf(debug, stop).id, "base", { signal: given.signal });
      given.abort();
      return [Promise.allSettled([opened.then((container) => container[Symbol.asyncDispose]())])];
    }
  }
}

async function dispose({ container }: OpenedShell): Promise<void> {
  await container[Symbol.asyncDispose]();
}

function shellIn(debug: Debugger, stop: number, side: StateSide): Promise<OpenedShell> {
  const talk = { kind: "terminal", columns: 80, rows: 24, term: "xterm" } as const;
  const wish = { step: stepOf(debug, stop), side, steps: STOPS, talk };
  return openShell(debug, wish, { signal: AbortSignal.timeout(20_000) });
}

/** The step that was run last at a stop; before the first of them, two others make a shell. */
function stepOf(debug: Debugger, stop: number) {
  const step = programOf(debug.state)?.steps[stop + 1];
  if (step === undefined) throw new Error(`there is no step ${stop}`);
  return step;
}

/** Waits until the engine is as it was; processes of a released container end a moment later. */
async function settled(census: () => Promise<Census>, before: Census): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const now = await census();
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    if (performance.now() > deadline) expect(now).toEqual(before);
    await delay(100);
  }
}
