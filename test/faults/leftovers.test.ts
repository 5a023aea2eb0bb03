/** What stays after much use: nothing. `npm run cycles` goes round a hundred times. */
import { randomInt } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseHierarchies } from "../../src/engine/private/daemon/cgroup.ts";
import { engineHome } from "../../src/engine/private/home/home.ts";
import { censusOf, leftOn } from "../support/engine-census.ts";
import { Fx, type FxOptions } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";

const newest = inject("privateSuite");
const WITHIN = { timeout: 15_000, interval: 50 };

/** Reruns in one process; a fifth as many processes. */
const CYCLES = Number(process.env["BKTUI_TEST_CYCLES"] ?? 20);
/** From here on counts must not grow: caches and compiled code are there. */
const WARM = 5;
/** A leak of 2 MB a cycle is 30 MB in the 15 cycles after the first five; code that is compiled later is a few. */
const RSS_MARGIN_BYTES = 25 << 20;
const HEAP_MARGIN_BYTES = 6 << 20;

describe.runIf(newest !== undefined).each([newest, "bookworm"])("on a dockerd of %s", (suite) => {
  let own: OwnEngine | undefined;
  beforeAll(async () => {
    own = await OwnEngine.start(suite);
  });
  // It fails itself when something is left.
  afterAll(async () => await own?.[Symbol.asyncDispose]());

  function engineOf(): OwnEngine {
    if (own === undefined) throw new Error("the engine did not start");
    return own;
  }

  test("R11 · Ctrl-C ends a shell's program, spares one that traps it, and neither stays", async () => {
    const { engine, directory } = engineOf();
    const [first, second] = [randomInt(1e6, 1e9), randomInt(1e6, 1e9)].map((seconds) => `sleep ${seconds}`);
    {
      await using fx = await Fx.inShell(engine);
      const { terminal } = fx;
      terminal.type(`${first}\r`);
      await vi.waitFor(() => expect(running(String(first))).toBe(1), WITHIN);
      terminal.key("Ctrl-C");
      await vi.waitFor(() => expect(running(String(first))).toBe(0), WITHIN);
      terminal.type("echo code $?\r");
      await terminal.until(/^code 130$/m);
      // Its command dies of the key; it counts, and begins another.
      terminal.type(
        `sh -c 'n=0; trap "n=\\$((n + 1)); echo trapped \\$n" INT; while :; do ${second}; done'\r`,
      );
      for (const nth of [1, 2]) {
        await vi.waitFor(() => expect(running(String(second))).toBe(1), WITHIN);
        terminal.key("Ctrl-C");
        await terminal.until(new RegExp(`trapped ${nth}$`, "m"));
      }
      await vi.waitFor(() => expect(running(String(second))).toBe(1), WITHIN);
      await leave(fx);
    }
    await vi.waitFor(() => expect(running(String(second))).toBe(0), WITHIN);
    expect(await leftOn(directory, String(suite))).toEqual([]);
  });

  test(
    `R30 · ${CYCLES} reruns with shells in one process leave no more than ${WARM} did`,
    async () => {
      const temporary = await mkdtemp(join(tmpdir(), "bktui-cycles-"));
      try {
        await using fx = await Fx.failed(engineOf().engine, {
          env: { ...measuring(temporary), TMPDIR: temporary },
        });
        let warm: Figures | undefined;
        let last: Figures | undefined;
        for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
          await shellsAndRerun(fx, cycle);
          if (cycle === WARM || cycle === CYCLES) {
            const figures = await figuresOf(fx, engineOf(), String(suite), temporary);
            if (cycle === WARM) warm = figures;
            last = figures;
          }
        }
        expectLevel(warm, last);
        await leave(fx);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      expect(await leftOn(engineOf().directory, String(suite))).toEqual([]);
    },
    15_000 * CYCLES,
  );

  const PROCESSES = Math.ceil(CYCLES / 5);

  test(
    `R30 · ${PROCESSES} processes with shells leave nothing`,
    async () => {
      const temporary = await mkdtemp(join(tmpdir(), "bktui-cycles-"));
      try {
        const seen: number[] = [];
        for (let nth = 1; nth <= PROCESSES; nth += 1) {
          await using fx = await Fx.inShell(engineOf().engine, { env: { TMPDIR: temporary } });
          fx.terminal.type(`echo cycle ${nth} >cycle\r`);
          await leave(fx);
          expect(await leftOn(engineOf().directory, String(suite)), `after ${nth}`).toEqual([]);
          seen.push(await cgroupsOf(engineOf()));
        }
        expect(seen.at(-1)).toBeLessThanOrEqual(seen[0] ?? 0);
        expect(await readdir(temporary)).toEqual([]);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    },
    20_000 * CYCLES,
  );
});

/** At FAILED, before and after. */
async function shellsAndRerun(fx: Fx, cycle: number): Promise<void> {
  const { terminal } = fx;
  terminal.type("!");
  await fx.prompt("FAILED");
  terminal.type(`clear; echo cycle $((${cycle} + 0))\r`);
  await terminal.until(new RegExp(`^cycle ${cycle}$`, "m"));
  terminal.key("Ctrl-]");
  await terminal.untilRow(1, /FAILED step 7\/8/);
  await terminal.press("r", (rows) => /y yes/.test(rows.join("\n")) || /PAUSED before/.test(rows[0] ?? ""));
  await terminal.press("y", (rows) => /PAUSED before step 7\/8/.test(rows[0] ?? ""));
  terminal.type("c");
  await terminal.untilRow(1, /FAILED step 7\/8/);
}

/** Whether it asks depends on what runs in the shell; what is not asked for goes to a program that ends. */
async function leave({ terminal }: Fx): Promise<void> {
  terminal.key("Ctrl-]");
  await terminal.untilRow(1, /FAILED/);
  terminal.type("q");
  await terminal.until((rows) => /y {2}yes|LEFT/.test(rows.join("\n")));
  if (/y {2}yes/.test(terminal.screen().join("\n"))) await terminal.press("y", /LEFT \d+/);
  await terminal.left();
}

interface Figures {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly openFiles: number;
  readonly threads: number;
  readonly temporary: number;
  readonly mounts: number;
  readonly containers: number;
  readonly processes: number;
  readonly cgroups: number;
}

/** Counts that must not grow, and bytes that may a little. */
function expectLevel(warm: Figures | undefined, last: Figures | undefined): void {
  if (warm === undefined || last === undefined) throw new Error(`fewer than ${WARM} cycles`);
  if (CYCLES > 20) process.stderr.write(`cycles: ${JSON.stringify({ warm, last })}\n`);
  const { rssBytes, heapBytes, ...counts } = last;
  for (const [name, count] of Object.entries(counts))
    expect(count, name).toBeLessThanOrEqual({ ...warm }[name as keyof typeof counts]);
  expect(rssBytes - warm.rssBytes).toBeLessThan(RSS_MARGIN_BYTES);
  expect(heapBytes - warm.heapBytes).toBeLessThan(HEAP_MARGIN_BYTES);
}

/** At SIGUSR2 the program collects its garbage and writes what it holds. */
function measuring(directory: string): NonNullable<FxOptions["env"]> {
  const path = join(directory, "memory");
  const module = `import { renameSync, writeFileSync } from "node:fs";
process.on("SIGUSR2", () => {
  for (let time = 0; time < 3; time += 1) globalThis.gc();
  writeFileSync("${path}.new", JSON.stringify(process.memoryUsage()));
  renameSync("${path}.new", "${path}");
});`;
  const url = `data:text/javascript;base64,${Buffer.from(module).toString("base64")}`;
  return { NODE_OPTIONS: `--expose-gc --import=${url}` };
}

async function figuresOf(fx: Fx, own: OwnEngine, suite: string, temporary: string): Promise<Figures> {
  const pid = await fx.terminal.pid();
  const path = join(temporary, "memory");
  await rm(path, { force: true });
  process.kill(pid, "SIGUSR2");
  await vi.waitFor(() => stat(path), WITHIN);
  const memory: unknown = JSON.parse(await readFile(path, "utf8"));
  const { rss, heapUsed } = memory as NodeJS.MemoryUsage;
  // What was released ends a moment later: the lowest of some looks is what stays.
  const looks = [await lookAt(own, suite), await lookAt(own, suite), await lookAt(own, suite)];
  const lowest = (of: (look: (typeof looks)[number]) => number): number => Math.min(...looks.map(of));
  return {
    rssBytes: rss,
    heapBytes: heapUsed,
    openFiles: (await readdir(`/proc/${pid}/fd`)).length,
    threads: (await readdir(`/proc/${pid}/task`)).length,
    temporary: (await readdir(temporary)).length,
    mounts: lowest(({ mounts }) => mounts),
    containers: lowest(({ containers }) => containers),
    processes: lowest(({ processes }) => processes),
    cgroups: await cgroupsOf(own),
  };
}

async function lookAt(
  own: OwnEngine,
  suite: string,
): Promise<Pick<Figures, "mounts" | "containers" | "processes">> {
  const census = await censusOf(await own.initPid(), join(own.directory, `data-${suite}`));
  return {
    mounts: census.mounts.length,
    containers: census.executors.length,
    processes: census.processes.length,
  };
}

/** Below the engine's own, in the hierarchy that it uses. */
async function cgroupsOf(own: OwnEngine): Promise<number> {
  const hierarchies = parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
  const counts = hierarchies.map(async ({ mountPoint }) => {
    const top = join(mountPoint, engineHome(own.directory).name);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).length;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
