/** An editor's waits over the Debug Adapter Protocol, beside `docker buildx dap build` in the same run. */
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineVariables } from "../../test/support/engine-variables.ts";
import { fixtureAt } from "../../test/support/fixtures.ts";
import { run } from "../../test/support/program.ts";
import { type Bench, context, contextOf, docker, echoSteps, plainBuild } from "../bench.ts";
import { type Adapter, PATIENCE_MS, type Side, type Sides, sides } from "../dap-adapter.ts";
import { type Figure, inTurns, median, ROUNDS, type Row, timed, times } from "../figure.ts";
import type { Walk } from "../steps-alone.ts";
import { memoryOfAll } from "./memory.ts";

/** Measured on both in turns. A peer that hangs or ends has no samples. */
async function beside(
  { ours, peer }: Sides,
  rounds: number,
  measure: (side: Side) => Promise<number>,
  lost = `does not get there in ${PATIENCE_MS / 1000} s`,
): Promise<{ readonly ours: readonly number[]; readonly peer: Row["peer"] }> {
  let isLost = false;
  const found = await inTurns(
    rounds,
    async () => await measure(ours),
    async () => {
      if (isLost) return Number.NaN;
      return await measure(peer).catch(() => {
        isLost = true;
        return Number.NaN;
      });
    },
  );
  const samples = found.peer.filter((each) => !Number.isNaN(each));
  return { ours: found.ours, peer: { what: isLost ? `${peer.name}, which ${lost}` : peer.name, samples } };
}

function noWorse(peer: Row["peer"]): Row["target"] {
  return peer.samples.length === 0 ? undefined : { words: "the peer", allowed: median(peer.samples) };
}

async function startRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, echoSteps());
  const { ours, peer } = await beside(both, ROUNDS, async (side) => {
    await using adapter = side.start(path);
    return await timed(async () => {
      await adapter.launch(path, { stopOnEntry: true });
      await adapter.event("stopped");
    });
  });
  const limit =
    "node itself, and the text and compiled code of the program, 4 MB; the peer is a compiled program";
  return [{ what: "DAP: spawn to the first stop", unit: "ms", ours, peer, target: noWorse(peer), limit }];
}

async function stepRows(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, echoSteps());
  const firsts = new Map<Side, number[]>([both.ours, both.peer].map((side) => [side, []]));
  const walk = async (side: Side): Promise<number> => {
    const [first = Number.NaN, ...others] = await nexts(side, path);
    firsts.get(side)?.push(first);
    return median(others);
  };
  // From now on all of it is in the cache.
  await walk(both.ours);
  firsts.set(both.ours, []);
  const { ours, peer } = await beside(both, ROUNDS, walk);
  const first = { what: peer.what, samples: firsts.get(both.peer) ?? [] };
  return [
    {
      what: "DAP: the first next of a session, which sends the context, and its stack",
      unit: "ms",
      ours: firsts.get(both.ours) ?? [],
      peer: first,
      target: noWorse(first),
      limit: "code that runs for the first time",
    },
    {
      what: "DAP: next over a cached step, and its stack, the middle one of 10",
      unit: "ms",
      ours,
      peer,
      target: noWorse(peer),
      limit: "the engine's answer; HTTP/2 and the messages of one step on one thread, in code that is cold",
    },
  ];
}

const stepsAlone = fileURLToPath(new URL("../steps-alone.ts", import.meta.url));

/** The middle one of ten steps, the first left out, in a program that has just started. */
async function loneCall({ engine }: Bench, path: string): Promise<number> {
  const args = ["--import", import.meta.resolve("tsx"), stepsAlone, engine.dockerHost, engine.kind, path];
  const { stdout } = await run(process.execPath, args, { env: engineVariables(engine) });
  const { calls } = JSON.parse(stdout) as Walk;
  return median(calls.slice(1, 11));
}

/** What a `next` takes without adapter, console and debugger, beside all of the peer's. */
async function lowestRow(bench: Bench): Promise<readonly Row[]> {
  const { peer } = await sides(bench);
  const path = await context(bench, echoSteps());
  await plainBuild(bench, path);
  const found = await inTurns(
    ROUNDS,
    async () => await loneCall(bench, path),
    async () => median((await nexts(peer, path)).slice(1)),
  );
  const limit = "HTTP/2 of node and the gRPC library, whose code is cold in a program that has just started";
  return [
    {
      what: "DAP: of a next over a cached step, the `Solve` call of the gRPC library alone, in a program of its own",
      unit: "ms",
      ours: found.ours,
      peer: { what: `${peer.name}, all of its next and stack`, samples: found.peer },
      target: undefined,
      limit,
    },
  ];
}

/** How long steps take, each with its stack. */
async function nexts(side: Side, path: string, steps = 11): Promise<readonly number[]> {
  await using adapter = side.start(path);
  await adapter.launch(path, { stopOnEntry: true });
  await adapter.event("stopped");
  return await times(
    steps,
    async () =>
      await timed(async () => {
        adapter.send("next", { threadId: 1 });
        await adapter.event("stopped");
        await adapter.answer("stackTrace", { threadId: 1 });
      }),
  );
}

/** As far as an engine's own store goes, which mounts no more layers. */
const MANY_STEPS = 90;

async function manyStepsRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, echoSteps(MANY_STEPS));
  const walk = async (side: Side): Promise<number> => median(await nexts(side, path, MANY_STEPS));
  // From now on all of it is in the cache.
  await walk(both.ours);
  const { ours, peer } = await beside(both, 5, walk);
  const what = `DAP: next over a cached step, and its stack, the middle one of ${MANY_STEPS}`;
  const limit = "the engine reads the whole definition for each step";
  return [{ what, unit: "ms", ours, peer, target: noWorse(peer), limit }];
}

async function valuesRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, echoSteps());
  const { ours, peer } = await beside(both, ROUNDS, async (side) => {
    await using adapter = side.start(path);
    await adapter.launch(path, { stopOnEntry: true });
    await adapter.event("stopped");
    const took: number[] = [];
    for (let step = 0; step < 10; step += 1) {
      adapter.send("next", { threadId: 1 });
      await adapter.event("stopped");
      took.push(await timed(async () => await askAll(adapter)));
    }
    return median(took);
  });
  const what = "DAP: stack, scopes and what is in them at a stop, the middle one of 10";
  return [{ what, unit: "ms", ours, peer, target: { words: "10 ms", allowed: 10 }, limit: "" }];
}

/** As an editor does at each stop, but for what is marked as expensive. */
async function askAll(adapter: Adapter): Promise<void> {
  const { body: stack } = await adapter.answer("stackTrace", { threadId: 1 });
  const [frame] = (stack?.["stackFrames"] ?? []) as readonly { readonly id: number }[];
  const { body } = await adapter.answer("scopes", { frameId: frame?.id });
  const scopes = (body?.["scopes"] ?? []) as readonly {
    readonly variablesReference: number;
    readonly expensive: boolean;
  }[];
  for (const { variablesReference, expensive } of scopes)
    if (!expensive) await adapter.answer("variables", { variablesReference });
}

const PROMPT = /[#$]$/m;
const NO_PROMPT = /not executable/;

async function promptRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  await docker(bench, ["pull", "-q", "busybox:1.36"]);
  const path = await contextOf(bench, "FROM busybox:1.36\nRUN echo one\nRUN false\n");
  const measure = async (side: Side): Promise<number> => {
    await using adapter = side.start(path);
    await adapter.launch(path);
    await adapter.event("stopped");
    const from = performance.now();
    await adapter.answer("stackTrace", { threadId: 1 });
    await adapter.answer("evaluate", { expression: "exec", context: "repl" });
    await using terminal = await side.terminal(adapter.terminal);
    await terminal.until((rows) => rows.some((row) => PROMPT.test(row) || NO_PROMPT.test(row)));
    const took = performance.now() - from;
    if (terminal.screen().some((row) => NO_PROMPT.test(row))) throw new Error("it has no shell there");
    return took;
  };
  const { ours, peer } = await beside(both, ROUNDS, measure, "says that the container is not executable");
  const what = "DAP: exception to the prompt of a shell in FAILED, in a terminal of the editor";
  const limit = "the start of the terminal's program, and of a container";
  return [{ what, unit: "ms", ours, peer, target: noWorse(peer), limit }];
}

async function burstRows(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const rows: Row[] = [];
  for (const lines of [1000, 200_000]) {
    let nonce = 0;
    const { ours, peer } = await beside(both, 3, async (side) => {
      nonce += 1;
      const path = await context(bench, [`RUN seq ${nonce} ${lines + nonce - 1}`, "RUN false"]);
      await using adapter = side.start(path);
      await adapter.launch(path);
      return await timed(async () => {
        await adapter.event("stopped", "terminated");
      });
    });
    const what = `DAP: launch to the exception behind ${lines} quick lines`;
    rows.push({
      what,
      unit: "ms",
      ours,
      peer,
      target: noWorse(peer),
      limit: "the engine's own sending of the lines",
    });
  }
  return rows;
}

interface Walked {
  readonly stops: number[];
  readonly perStop: number[];
  readonly all: number[];
  readonly memory: number[];
}

/** To the last step by `next`, from the first stop on: the start is a row of its own. */
async function walked(side: Side, path: string, into: Walked): Promise<void> {
  await using adapter = side.start(path);
  await adapter.launch(path, { stopOnEntry: true });
  await adapter.event("stopped");
  let [stops, took, memory] = [1, 0, 0];
  for (;;) {
    // At each stop: what ends with the build is gone behind the last one.
    memory = Math.max(memory, await memoryOfAll(adapter.child.pid ?? 0));
    const from = performance.now();
    adapter.send("next", { threadId: 1 });
    const { event, body } = await adapter.event("stopped", "terminated");
    took += performance.now() - from;
    // Docker's own store does not mount as many layers as the last step of the larger file has.
    if (event !== "stopped" || body?.["reason"] === "exception") break;
    stops += 1;
  }
  into.stops.push(stops);
  into.all.push(took);
  into.perStop.push(took / stops);
  into.memory.push(memory);
}

async function sharedRows(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const rows: Row[] = [];
  for (const name of ["shared-stages", "shared-stages-large"]) {
    const dockerfile = await readFile(join(fixtureAt(name), "Dockerfile"), "utf8");
    const path = await contextOf(bench, dockerfile);
    await cp(fixtureAt(name), path, { recursive: true });
    const nothing = (): Walked => ({ stops: [], perStop: [], all: [], memory: [] });
    const [own, other] = [nothing(), nothing()];
    // From now on all of it is in the cache.
    await walked(both.ours, path, nothing());
    const { peer } = await beside(both, 5, async (side) => {
      await walked(side, path, side === both.ours ? own : other);
      return 0;
    });
    const row = (words: string, unit: Row["unit"], part: keyof Walked, limit: string): Row => ({
      what: `DAP: ${dockerfile.trimEnd().split("\n").length}-line file of shared stages, to its last step by next: ${words}`,
      unit,
      ours: own[part],
      peer: { what: peer.what, samples: other[part] },
      target:
        part === "perStop" || part === "memory" ? noWorse({ what: "", samples: other[part] }) : undefined,
      limit,
    });
    rows.push(
      row("stops", "stops", "stops", "each step is stopped at once; the peer leaves steps out"),
      row("time of a stop", "ms", "perStop", "the engine's answers"),
      row("time of all stops", "ms", "all", "their number"),
      row(
        "peak memory",
        "MB",
        "memory",
        "node itself takes 46 MB with its modules; of the peer, docker 31 MB and its plugin 57 MB",
      ),
    );
  }
  return rows;
}

async function measure(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const each of [
    startRow,
    stepRows,
    lowestRow,
    manyStepsRow,
    valuesRow,
    promptRow,
    burstRows,
    sharedRows,
  ])
    rows.push(...(await each(bench)));
  return rows;
}

export const dapFigures: readonly Figure[] = [{ name: "dap", measure }];
