/**
 * `npm run bench`: how long a person waits, measured through a terminal as a person sees it, each beside a peer that
 * was measured in the same run. Medians of n; a ratio below 1 means faster than the peer.
 */
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createDebugger } from "../src/debugger/shell.ts";
import { BuildkitEngine } from "../src/engine/buildkit/engine.ts";
import type { Engine } from "../src/engine/engine.ts";
import { parseAddress } from "../src/transport/address.ts";
import { REQUEST } from "../test/support/debug-driver.ts";
import { engineVariables } from "../test/support/engine-variables.ts";
import { startTestEngines } from "../test/support/global-engines.ts";
import { run } from "../test/support/program.ts";
import { Terminal } from "../test/support/terminal.ts";
import type { TestEngine } from "../test/support/test-engine.ts";

const ROUNDS = 9;
const KEYS = 60;
const STEPS = 20;
const BETWEEN_KEYS_MS = 60;

interface Row {
  readonly what: string;
  readonly ms: readonly number[];
  readonly peer: string;
  readonly peerMs: readonly number[];
}

interface Bench {
  readonly engine: TestEngine;
  readonly busybox: string;
  /** Directory for contexts; deleted at the end. */
  readonly scratch: string;
}

/** Milliseconds that `work` takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function times(rounds: number, measure: (round: number) => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await measure(round));
  return found;
}

let contexts = 0;

/** A context whose steps no other context has; `lines` follow the two that put busybox into place. */
async function context({ busybox, scratch }: Bench, lines: readonly string[]): Promise<string> {
  contexts += 1;
  const path = await mkdtemp(join(scratch, "context-"));
  await copyFile(busybox, join(path, "busybox"));
  await chmod(join(path, "busybox"), 0o755);
  const head = [
    "FROM scratch",
    "ADD busybox /bin/busybox",
    `ENV BENCH=${process.pid}-${contexts}`,
    'RUN ["/bin/busybox","--install","-s","/bin"]',
  ];
  await writeFile(join(path, "Dockerfile"), `${[...head, ...lines].join("\n")}\n`);
  return path;
}

const steps = (count: number): string[] => Array.from({ length: count }, (_, index) => `RUN echo ${index}`);

async function opened({ engine }: Bench, path: string, args: readonly string[] = []): Promise<Terminal> {
  const terminal = await Terminal.start({ args: [...args, path], engine, columns: 120, rows: 40 });
  await terminal.untilRow(1, /LOADED · nothing has run yet$/);
  return terminal;
}

async function plainBuild(bench: Bench, path: string): Promise<void> {
  const { binDir = "" } = bench.engine;
  const env = { ...engineVariables(bench.engine), HOME: bench.scratch };
  const build = await run(join(binDir, "docker-buildx"), ["build", "--progress=plain", path], { env });
  if (build.exitCode !== 0) throw new Error(build.stderr);
}

async function startToFirstStop(bench: Bench): Promise<Row> {
  const path = await context(bench, steps(1));
  const ms = await times(ROUNDS, async () => {
    let terminal: Terminal | undefined;
    const took = await timed(async () => {
      terminal = await opened(bench, path);
    });
    await terminal?.[Symbol.asyncDispose]();
    return took;
  });
  const peerMs = await times(ROUNDS, () => timed(() => run(process.execPath, ["-e", "0"])));
  return { what: "start to the first stop", ms, peer: "node -e 0", peerMs };
}

/** Inside one process: what bktui itself adds to the engine's answer. */
async function answerToFirstStop(bench: Bench): Promise<Row> {
  const path = await context(bench, steps(STEPS));
  const signal = AbortSignal.timeout(60_000);
  const address = parseAddress(bench.engine.dockerHost, bench.engine.kind);
  await using engine = await BuildkitEngine.connect(address, { signal, origin: "bench", env: {} });
  let answeredAt = 0;
  const open: Engine["open"] = async (request, options) => {
    const build = await engine.open(request, options);
    answeredAt = performance.now();
    return build;
  };
  const watched = new Proxy<Engine>(engine, {
    get: (target, name) => {
      if (name === "open") return open;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const openMs: number[] = [];
  const ms = await times(ROUNDS, async () => {
    await using session = createDebugger(watched);
    const from = performance.now();
    const request = { ...REQUEST, context: path, dockerfile: join(path, "Dockerfile") };
    session.dispatch({ kind: "launch", request, stopOnEntry: true });
    await session.rest();
    openMs.push(answeredAt - from);
    return performance.now() - answeredAt;
  });
  return { what: "engine's answer to the first stop", ms, peer: "the engine's answer", peerMs: openMs };
}

async function cachedStep(bench: Bench): Promise<Row> {
  const path = await context(bench, steps(STEPS));
  await plainBuild(bench, path);
  await using terminal = await opened(bench, path);
  const ms = await times(STEPS, (round) =>
    timed(async () => {
      terminal.type("n");
      await terminal.untilRow(1, new RegExp(`PAUSED before step ${round + 2}/`));
    }),
  );
  const peerMs = await times(ROUNDS, () => timed(() => plainBuild(bench, path)));
  return { what: "n over a cached step", ms, peer: `buildx build, all ${STEPS + 2} steps cached`, peerMs };
}

/** From the start of the program to the end of the build, one `n` after the other. */
async function walk(bench: Bench): Promise<Row> {
  const rounds = Math.ceil(ROUNDS / 3);
  const ms = await times(rounds, async () => {
    const path = await context(bench, steps(STEPS));
    let terminal: Terminal | undefined;
    const took = await timed(async () => {
      terminal = await opened(bench, path);
      for (let step = 2; step <= STEPS + 2; step += 1) {
        terminal.type("n");
        await terminal.untilRow(1, new RegExp(`PAUSED before step ${step}/`));
      }
      terminal.type("c");
      await terminal.untilRow(1, /FINISHED/);
    });
    await terminal?.[Symbol.asyncDispose]();
    return took;
  });
  const peerMs = await times(rounds, async () => {
    const path = await context(bench, steps(STEPS));
    return timed(() => plainBuild(bench, path));
  });
  return { what: `walk over ${STEPS} uncached steps`, ms, peer: "buildx build of the same", peerMs };
}

async function failureToPrompt(bench: Bench): Promise<Row> {
  const path = await context(bench, ["RUN false"]);
  const ms = await times(ROUNDS, async () => {
    await using terminal = await opened(bench, path);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    return await timed(async () => {
      terminal.type("!");
      await terminal.until(/^root@\d+\/\d+ FAILED \/\S* #$/m);
    });
  });
  const { binDir = "", dockerHost } = bench.engine;
  const container = ["run", "--rm", "-it", "--network", "none", "-e", "PS1=ready # ", "busybox:1.36", "sh"];
  const options = { command: join(binDir, "docker"), args: container, env: { DOCKER_HOST: dockerHost } };
  await run(options.command, ["pull", "-q", "busybox:1.36"], { env: options.env });
  const peerMs = await times(ROUNDS, async () => {
    let terminal: Terminal | undefined;
    const took = await timed(async () => {
      terminal = await Terminal.start(options);
      await terminal.until(/^ready #$/m);
    });
    terminal?.type("exit\r");
    await terminal?.left();
    await terminal?.[Symbol.asyncDispose]();
    return took;
  });
  return { what: "failed step to a usable prompt", ms, peer: "docker run -it to its prompt", peerMs };
}

/** Types characters one by one, as a person with pauses; each must move the cursor. */
async function echoes(terminal: Terminal): Promise<number[]> {
  return await times(KEYS, async () => {
    const { column } = terminal.cursor;
    await setTimeout(BETWEEN_KEYS_MS);
    const took = await timed(async () => {
      terminal.type("x");
      await terminal.until(() => terminal.cursor.column === column + 1);
    });
    // One out, one in: the line must not grow into the next row.
    terminal.type("\u007f");
    await terminal.until(() => terminal.cursor.column === column);
    return took;
  });
}

async function keyToEcho(bench: Bench): Promise<Row> {
  await using bare = await Terminal.start({
    command: bench.busybox,
    args: ["sh"],
    env: { PS1: "ready # " },
    columns: 120,
    rows: 40,
  });
  await bare.until(/^ready #$/m);
  const peerMs = await echoes(bare);
  await using terminal = await opened(bench, await context(bench, ["RUN false"]));
  terminal.type("c");
  await terminal.untilRow(1, /FAILED/);
  terminal.type("!");
  await terminal.until(/^root@\d+\/\d+ FAILED \/\S* #$/m);
  const ms = await echoes(terminal);
  return { what: "key to echo in the shell pane", ms, peer: "a bare pty", peerMs };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function show({ what, ms, peer, peerMs }: Row): string {
  const number = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
  const side = (values: readonly number[]): string =>
    `p50 ${number(percentile(values, 0.5))} ms, p95 ${number(percentile(values, 0.95))} ms, n ${values.length}`;
  const ratio = percentile(ms, 0.5) / percentile(peerMs, 0.5);
  return `${what}\n    bktui: ${side(ms)}\n    ${peer}: ${side(peerMs)}\n    ratio ${ratio.toFixed(2)}\n`;
}

const MEASURES = [startToFirstStop, answerToFirstStop, cachedStep, walk, failureToPrompt, keyToEcho];

const running = await startTestEngines(fileURLToPath(new URL("..", import.meta.url)));
const scratch = await mkdtemp(join(tmpdir(), "bktui-bench-"));
try {
  const engine = running.engines.find(({ keepsFailedState }) => keepsFailedState);
  if (engine === undefined) throw new Error("no engine that keeps failed states is there to measure");
  const [cpu] = cpus();
  process.stdout.write(
    `${engine.name}, node ${process.version}, ${cpus().length} x ${cpu?.model}, 120x40\n\n`,
  );
  for (const measure of MEASURES) {
    process.stdout.write(`${show(await measure({ engine, busybox: running.busybox, scratch }))}\n`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
  await running.stop();
}
