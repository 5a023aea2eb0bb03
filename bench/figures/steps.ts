/** Steps: cached ones, and a walk over ones that run. */
import { type Bench, codeCache, context, echoSteps, opened, plainBuild, STEPS } from "../bench.ts";
import { type Figure, inTurns, ROUNDS, type Row, timed, times } from "../figure.ts";
import { walkAlone } from "../steps-alone.ts";

async function cachedSteps(bench: Bench): Promise<readonly Row[]> {
  const path = await context(bench, echoSteps());
  await plainBuild(bench, path);
  const { steps: ours, calls: rpc } = await walkAlone(bench.engine.dockerHost, bench.engine.kind, path);
  await using terminal = await opened(bench, path);
  const seen = await times(STEPS, (round) =>
    timed(async () => {
      terminal.type("n");
      await terminal.untilRow(1, new RegExp(`PAUSED before step ${round + 2}/`));
    }),
  );
  const builds = await times(ROUNDS, () => timed(() => plainBuild(bench, path)));
  const peer = { what: "the `Solve` call alone", samples: rpc };
  const rpcMs = [...rpc].sort((a, b) => a - b)[Math.floor(rpc.length / 2)] ?? Number.NaN;
  return [
    {
      what: "a cached step, in one process",
      unit: "ms",
      ours,
      peer,
      target: { words: "the peer + 2 ms", allowed: rpcMs + 2 },
      limit: "the engine's answer to `Solve`",
    },
    {
      what: "a cached step, from the key to the first row",
      unit: "ms",
      ours: seen,
      peer,
      target: undefined,
      limit: "the call, one view and one frame, and the terminal that shows it",
    },
    {
      what: `a cached step, beside a whole cached build`,
      unit: "ms",
      ours: seen,
      peer: { what: `\`docker buildx build\`, all ${STEPS + 2} steps cached`, samples: builds },
      target: undefined,
      limit: "as above",
    },
  ];
}

/** From the start of the program to the end of the build, one `n` after the other. */
async function walkOnce(
  bench: Bench,
  cache: string,
): Promise<{ readonly all: number; readonly steps: number }> {
  const path = await context(bench, echoSteps());
  const from = performance.now();
  await using terminal = await opened(bench, path, { env: { XDG_CACHE_HOME: cache } });
  const loaded = performance.now();
  for (let step = 2; step <= STEPS + 2; step += 1) {
    terminal.type("n");
    await terminal.untilRow(1, new RegExp(`PAUSED before step ${step}/`));
  }
  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  const end = performance.now();
  return { all: end - from, steps: end - loaded };
}

async function walk(bench: Bench): Promise<readonly Row[]> {
  const steps: number[] = [];
  const cache = await codeCache(bench);
  const { ours, peer } = await inTurns(
    ROUNDS,
    async () => {
      const walked = await walkOnce(bench, cache);
      steps.push(walked.steps);
      return walked.all;
    },
    async () => {
      const path = await context(bench, echoSteps());
      return await timed(() => plainBuild(bench, path));
    },
  );
  const build = { what: "`docker buildx build` of the same", samples: peer };
  const allowed = [...peer].sort((a, b) => a - b)[Math.floor(peer.length / 2)] ?? Number.NaN;
  return [
    {
      what: `walk over ${STEPS} uncached steps, from the start of the program`,
      unit: "ms",
      ours,
      peer: build,
      target: { words: "the peer", allowed },
      limit: "the start; the containers of the steps, which the engine runs one after the other for both",
    },
    {
      what: "the same without the start",
      unit: "ms",
      ours: steps,
      peer: build,
      target: undefined,
      limit: "the engine",
    },
  ];
}

export const stepFigures: readonly Figure[] = [
  { name: "cached", measure: cachedSteps },
  { name: "walk", measure: walk },
];
