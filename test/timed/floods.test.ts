/** Much of everything: the program stays quick, small and complete. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { Evil } from "../support/evil.ts";
import { digestsOf, evilDefinition, startEvilDaemon, status } from "../support/evil-daemon.ts";
import { Fx, SIZES } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

const MIB = 1024 * 1024;
/** Far from what a quiet machine needs, near to what a blocked program shows. */
const KEY_MS = 1000;
const MEMORY = 300 * MIB;
/** Of builds whose thousands of steps all print, or that are a million. */
const WIDE_MEMORY = 400 * MIB;

/** Bytes of memory that the program has held at most. */
async function peakMemory(terminal: Terminal): Promise<number> {
  const text = await readFile(`/proc/${await terminal.pid()}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) * 1024;
}

/** Memory of a process that is in use, in bytes. */
async function residentBytes(pid: number): Promise<number> {
  const [, pages] = (await readFile(`/proc/${pid}/statm`, "utf8")).split(" ");
  return Number(pages) * 4096;
}

/** How often bktui has read from files and sockets. */
async function readsOf(terminal: Terminal): Promise<number> {
  const text = await readFile(`/proc/${await terminal.pid()}/io`, "utf8");
  return Number(/syscr: (\d+)/.exec(text)?.[1]);
}

/** The same, once it reads hardly anything more. */
async function readsAtRest(terminal: Terminal): Promise<number> {
  for (let before = await readsOf(terminal); ; ) {
    await delay(250);
    const now = await readsOf(terminal);
    if (now - before < 50) return now;
    before = now;
  }
}

/** Milliseconds until the help has come and gone, halved; the best of three. */
async function keyDelayMs(terminal: Terminal): Promise<number> {
  const delays: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const startedMs = performance.now();
    terminal.type("?");
    await terminal.until(/─ Help: /);
    terminal.key("Escape");
    await terminal.until((rows) => !rows.some((row) => row.includes("─ Help: ")));
    delays.push((performance.now() - startedMs) / 2);
  }
  return Math.min(...delays);
}

async function contextWith(dockerfile: string): Promise<TestContext> {
  return await busyboxContext({
    files: {
      Dockerfile: `FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n${dockerfile}`,
    },
  });
}

async function loaded(engine: TestEngine, path: string): Promise<Terminal> {
  const terminal = await Terminal.start({
    engine,
    args: ["--no-cache", path],
    columns: 100,
    rows: 30,
    waitMs: 60_000,
  });
  await terminal.untilRow(1, /LOADED/);
  return terminal;
}

forEachEngine((engine) => {
  // Docker 20.10 keeps at most 1 MiB of a step's log.
  if (engine.keepsFailedState) {
    test("R14 · 200,000 lines of a step: keys answer meanwhile, and every line is there afterwards", async () => {
      await using context = await contextWith("RUN echo needle; seq 200000\nRUN false\n");
      await using terminal = await loaded(engine, context.path);
      terminal.type("c");
      await terminal.untilRow(1, /RUNNING/);
      expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
      await terminal.untilRow(1, /FAILED/);
      terminal.type("3z");
      // What was printed is reported for a while after the failure.
      await terminal.press("/199999\r", (rows) => rows.some((row) => row.endsWith(" 199999")));
      for (const [keys, line] of [
        ["/120777\r", 120_777],
        // Farther back than what is searched between two keys.
        ["/needle\r", "needle"],
        ["G/199998\r", 199_998],
        ["g", 1],
      ] as const) {
        terminal.type(keys);
        await terminal.until((rows) => rows.some((row) => row.endsWith(` ${line}`)));
      }
      expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
      expect(await peakMemory(terminal)).toBeLessThan(MEMORY);
    });
  }

  if (engine.keepsFailedState) {
    test("R14 · 200,000 lines without a terminal: all of them arrive, and the failure behind them", async () => {
      await using context = await contextWith("RUN seq 200000\nRUN false\n");
      const { stderr } = await runBktui(["--run", "--no-cache", context.path], { engine });
      const numbers = [...stderr.matchAll(/^#\d+ [\d.]+ (\d+)$/gm)].map(([, number]) => number);
      expect(numbers.join("") === Array.from({ length: 200_000 }, (_, index) => index + 1).join("")).toBe(
        true,
      );
      // A line may be cut where the engine's report of the failure came in between.
      expect(numbers.length).toBeLessThan(200_002);
      expect(stderr).toMatch(/exit code 1/);
    });
  }

  test("R13 · 100 MB through the shell: the leave key works meanwhile, memory stays bounded", async () => {
    await using context = await contextWith("RUN echo one\n");
    await using terminal = await loaded(engine, context.path);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("!");
    await terminal.until(/# *$/m);
    // Colours take the pane longer than the engine takes to send them: without a brake it would pile up here.
    const colours = "yes \"$(printf '\\033[31mr\\033[32mg\\033[1;34mb\\033[0m')\" | head -n 50000 > /flood";
    terminal.type(`${colours}; for i in $(seq 80); do cat /flood; done; echo all-is-$((1+1))\r`);
    await terminal.until(/^rgb$/m);
    terminal.key("Ctrl-]");
    await terminal.until((rows) => !/SHELL/.test(rows.at(-1) ?? ""));
    expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
    await terminal.until(/all-is-2/);
    expect(await peakMemory(terminal)).toBeLessThan(MEMORY);
  });

  test.each(SIZES)("scenario 14 · %s: Ctrl-C in the shell ends a flood at once", async (_name, size) => {
    await using fx = await Fx.inShell(engine, size);
    const { terminal } = fx;
    const pid = await terminal.pid();
    const before = await residentBytes(pid);
    // Numbered, because a screen full of the same line stands still.
    terminal.type("yes | cat -n\r");
    await terminal.until(/^ *[1-9]\d{5}\ty$|^ *[1-9]\d{5} +y$/m);
    const pressedMs = performance.now();
    terminal.key("Ctrl-C");
    await fx.prompt("FAILED");
    expect(performance.now() - pressedMs).toBeLessThan(1500);
    expect((await residentBytes(pid)) - before).toBeLessThan(60e6);
    terminal.key("Ctrl-]");
    await terminal.untilRow(1, /FAILED step 7\/8 · exit code 1/);
  });
});

test("R21 · a Dockerfile of 10,000 lines: loaded, moved in and stepped through without waiting", async () => {
  const lines = ["FROM scratch", ...Array.from({ length: 9999 }, (_, index) => `RUN step ${index + 2}`)];
  await using context = await busyboxContext({ files: { Dockerfile: lines.join("\n") } });
  await using daemon = await startEvilDaemon({ definition: evilDefinition(lines) });
  await using terminal = await Terminal.start({ engine: daemon.engine, args: [context.path], columns: 100 });
  await terminal.untilRow(1, /LOADED/);
  terminal.type("G");
  await terminal.until(/RUN step 10000/);
  expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
  terminal.type("gnn");
  await terminal.untilRow(1, /step 3\/10000/);
  expect(await peakMemory(terminal)).toBeLessThan(MEMORY);
});

test("R22 · 5,000 vertices at work at once: bounded, and keys answer", async () => {
  const lines = ["FROM scratch", ...Array.from({ length: 4999 }, (_, index) => `RUN step ${index + 2}`)];
  const definition = evilDefinition(lines);
  const digests = digestsOf(definition);
  await using context = await busyboxContext({ files: { Dockerfile: lines.join("\n") } });
  await using daemon = await startEvilDaemon({
    definition,
    status: async function* () {
      yield status({ vertexes: digests.map((digest) => ({ digest, name: "RUN", started: { seconds: 1 } })) });
      // Every one of them prints, again and again: 300 MB.
      for (let round = 0; round < 60; round += 1) {
        const msg = Buffer.from(`line ${round} ${"x".repeat(1000)}\n`);
        yield status({
          logs: digests.map((vertex) => ({ vertex, stream: 1, msg, timestamp: { seconds: 2 } })),
        });
      }
    },
  });
  await using terminal = await Terminal.start({ engine: daemon.engine, args: [context.path], columns: 100 });
  await terminal.untilRow(1, /LOADED/);
  terminal.type("3");
  expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
  await terminal.until(/ line 59 x/);
  expect(await peakMemory(terminal)).toBeLessThan(WIDE_MEMORY);
});

const digest = (index: number): string => `sha256:${index.toString(16).padStart(64, "0")}`;

test("S46 · a million vertices, long errors, warnings and mad times are bounded, and keys answer meanwhile", async () => {
  const far = { seconds: 253_402_300_799 };
  let sent: () => void = () => undefined;
  const allSent = new Promise<void>((resolve) => {
    sent = resolve;
  });
  await using evil = await Evil.start({
    status: function* () {
      yield status({
        vertexes: [{ digest: digest(1), name: "x", error: "e".repeat(15 * MIB), started: far }],
      });
      yield status({
        vertexes: [
          { digest: digest(2), name: "n".repeat(MIB), started: far, completed: { seconds: -1, nanos: -1 } },
          { digest: "sha256:short", name: "bad" },
        ],
        statuses: [{ vertex: digest(2), ID: "x", current: 1e18, total: -1, started: far }],
      });
      const warnings = Array.from({ length: 1000 }, () => ({
        vertex: digest(2),
        short: Buffer.from("warning"),
      }));
      for (let round = 0; round < 100; round += 1) yield status({ warnings });
      for (let round = 0; round < 1000; round += 1) {
        const vertexes = Array.from({ length: 1000 }, (__, at) => ({
          digest: digest(round * 1000 + at + 10),
          inputs: [digest(round * 1000 + at + 11), digest(round * 1000 + at + 10)],
          name: `vertex ${round}`,
          started: far,
        }));
        yield status({ vertexes });
      }
      sent();
    },
  });
  const terminal = await evil.loaded();
  const delayMs = await keyDelayMs(terminal);
  await allSent;
  terminal.type("3");
  await terminal.until(/more than 20000 vertices were reported/);
  expect(delayMs).toBeLessThan(KEY_MS);
  expect(await peakMemory(terminal)).toBeLessThan(WIDE_MEMORY);
});

const FILES = 50_000;

forEachEngine((engine) => {
  test("R15 · a context of 50,000 files: progress shows, cancelling is quick, and it arrives whole", async () => {
    await using context = await contextWith(
      `COPY many /many\nRUN echo files: $(find /many -type f | wc -l)\n`,
    );
    await makeFiles(join(context.path, "many"), FILES);
    await using terminal = await loaded(engine, context.path);
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step \d\/\d · load build context \d+(\.\d+)? ?[kM]?B/);
    expect(await keyDelayMs(terminal)).toBeLessThan(KEY_MS);
    const startedMs = performance.now();
    terminal.key("Ctrl-C", "Ctrl-C");
    await terminal.untilRow(1, /PAUSED|LOADED/);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    // The engine takes no more of the files, each of which is one read at least.
    expect(await readsAtRest(terminal)).toBeLessThan(FILES);
    terminal.type("c3");
    await terminal.until(new RegExp(`files: ${FILES}`));
    expect(await peakMemory(terminal)).toBeLessThan(MEMORY);
  });
});

async function makeFiles(directory: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const folder = join(directory, `d${from}`);
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        writeFile(join(folder, `file-${index}`), `content ${from + index}`),
      ),
    );
  }
}
