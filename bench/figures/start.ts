/** From the command to the first stop, on the screen. */
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDebugger } from "../../src/debugger/runtime.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { fixtureAt } from "../../test/support/fixtures.ts";
import { run } from "../../test/support/program.ts";
import { Terminal } from "../../test/support/terminal.ts";
import {
  type Bench,
  codeCache,
  context,
  contextOf,
  echoSteps,
  opened,
  requestFor,
  WINDOW,
} from "../bench.ts";
import { type Figure, inTurns, median, ROUNDS, type Row, timed, times } from "../figure.ts";
import { memoryOf } from "./memory.ts";

const bareNode = (): Promise<number> => timed(() => run(process.execPath, ["-e", "0"]));

/** What a terminal and a shell around it add: node until a word of it is on the same screen. */
async function nodeOnTerminal(): Promise<number> {
  const from = performance.now();
  const args = ["-e", "console.log('shown')"];
  await using terminal = await Terminal.start({ ...WINDOW, command: process.execPath, args });
  await terminal.untilRow(1, /^shown$/);
  return performance.now() - from;
}

/** Milliseconds until the first stop; `cache`: where compiled code is kept, default: nowhere that lasts. */
async function start(bench: Bench, path: string, cache?: string): Promise<number> {
  const env = cache === undefined ? {} : { XDG_CACHE_HOME: cache };
  const from = performance.now();
  const terminal = await opened(bench, path, { env });
  const took = performance.now() - from;
  await terminal[Symbol.asyncDispose]();
  return took;
}

/** What the engine itself needs until the definition is here, and what bktui adds to that, in one process. */
async function answers(bench: Bench, path: string): Promise<{ engine: number[]; after: number[] }> {
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
  const found = { engine: [] as number[], after: [] as number[] };
  // The first one compiles.
  for (let round = -1; round < ROUNDS; round += 1) {
    await using debug = createDebugger(watched);
    const from = performance.now();
    debug.dispatch({ kind: "launch", request: requestFor(path), stopOnEntry: true });
    await debug.rest();
    if (round < 0) continue;
    found.engine.push(answeredAt - from);
    found.after.push(performance.now() - answeredAt);
  }
  return found;
}

async function startRows(bench: Bench): Promise<readonly Row[]> {
  const path = await context(bench, echoSteps());
  const cache = await codeCache(bench);
  const { engine, after } = await answers(bench, path);
  const answer = median(engine);
  const warm = await inTurns(ROUNDS, () => start(bench, path, cache), bareNode);
  const shown = await times(ROUNDS, nodeOnTerminal);
  const cold = await times(ROUNDS, () => start(bench, path));
  const allowed = 2.5 * median(warm.peer) + answer;
  const peer = { what: "`node -e 0`", samples: warm.peer };
  const words = "2.5 x the peer + the engine's answer";
  return [
    {
      what: "start to the first stop",
      unit: "ms",
      ours: warm.ours,
      peer,
      target: { words, allowed },
      limit:
        "node itself and the parts of it that speak HTTP/2; text and compiled code of the program, 4 MB; the engine's answer",
    },
    {
      what: "the same, first start of a version",
      unit: "ms",
      ours: cold,
      peer,
      target: undefined,
      limit: "the above, and compiling",
    },
    {
      what: "start to the first stop",
      unit: "ms",
      ours: warm.ours,
      peer: { what: "`node` until a word of it is on the same screen", samples: shown },
      target: undefined,
      limit: "as above",
    },
    {
      what: "the engine's answer to the first stop, in one process",
      unit: "ms",
      ours: after,
      peer: { what: "the engine's answer", samples: engine },
      target: undefined,
      limit: "the definition is decoded and put into reading order",
    },
  ];
}

async function sharedStages(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const cache = await codeCache(bench);
  for (const name of ["shared-stages", "shared-stages-large"]) {
    const dockerfile = await readFile(join(fixtureAt(name), "Dockerfile"), "utf8");
    const path = await contextOf(bench, dockerfile);
    await cp(fixtureAt(name), path, { recursive: true });
    const { ours, peer } = await inTurns(ROUNDS, () => start(bench, path, cache), bareNode);
    const memory = await times(ROUNDS, async () => {
      await using terminal = await opened(bench, path, { env: { XDG_CACHE_HOME: cache } });
      return await memoryOf(await terminal.pid());
    });
    const what = `${dockerfile.trimEnd().split("\n").length}-line file of shared stages to the first stop`;
    const node = { what: "`node -e 0`", samples: peer };
    const isLarge = name.endsWith("large");
    const target = { words: "0.3 s", allowed: 300 };
    rows.push({
      what,
      unit: "ms",
      ours,
      peer: node,
      target: isLarge ? target : undefined,
      limit: "as for every start; the file adds a few ms",
    });
    rows.push({
      what: `${what}: peak memory`,
      unit: "MB",
      ours: memory,
      peer: { what: "", samples: [] },
      target: isLarge ? { words: "120 MB", allowed: 120 } : undefined,
      limit: "node itself takes 40 MB",
    });
  }
  return rows;
}

export const startFigures: readonly Figure[] = [
  { name: "start", measure: startRows },
  { name: "shared", measure: sharedStages },
];
