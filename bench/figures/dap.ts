/** An editor's waits over the Debug Adapter Protocol, beside `docker buildx dap build` in the same run. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FrameReader, framed } from "../../test/support/dap-frames.ts";
import { engineVariables } from "../../test/support/engine-variables.ts";
import { fixtureAt } from "../../test/support/fixtures.ts";
import { program } from "../../test/support/program.ts";
import { type Bench, codeCache, context, contextOf, echoSteps } from "../bench.ts";
import { type Figure, inTurns, ROUNDS, type Row, timed } from "../figure.ts";
import { memoryOf } from "./memory.ts";

type Message = Readonly<Record<string, unknown>> & { readonly body?: Readonly<Record<string, unknown>> };

/** What a figure waits for before it is given up. */
const PATIENCE_MS = 60_000;

/** Either adapter on its standard input and output; it takes what comes, and holds nothing of it against it. */
class Adapter implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #reader = new FrameReader();
  readonly #messages: Message[] = [];
  #wake: () => void = () => undefined;
  #read = 0;
  #seq = 0;
  /** Characters of output events. */
  outputLines = 0;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, cwd: string) {
    this.child = spawn(command[0] ?? "", command.slice(1), { cwd, env });
    this.child.stdin.on("error", () => undefined);
    this.child.stderr.resume();
    this.child.stdout.on("data", (piece: Buffer) => {
      for (const text of this.#reader.push(piece)) this.#take(JSON.parse(text) as Message);
      this.#wake();
    });
  }

  send(command: string, args: object = {}): number {
    this.#seq += 1;
    this.child.stdin.write(framed({ seq: this.#seq, type: "request", command, arguments: args }));
    return this.#seq;
  }

  async answer(command: string, args: object = {}): Promise<Message> {
    const seq = this.send(command, args);
    return await this.#next((each) => each["type"] === "response" && each["request_seq"] === seq, 0);
  }

  /** The next one behind the last that was waited for; undefined where it does not come. */
  async event(...names: readonly string[]): Promise<Message> {
    const wanted = (each: Message): boolean => names.includes(String(each["event"]));
    const found = await this.#next(wanted, this.#read);
    this.#read = this.#messages.indexOf(found) + 1;
    return found;
  }

  /** Initialized and launched: where it stops first is the next event "stopped". */
  async launch(path: string, more: object = {}): Promise<void> {
    const lines = { linesStartAt1: true, columnsStartAt1: true };
    this.send("initialize", { adapterID: "bench", ...lines, supportsRunInTerminalRequest: true });
    this.send("launch", { dockerfile: join(path, "Dockerfile"), contextPath: path, ...more });
    await this.event("initialized");
    this.send("configurationDone");
  }

  /** In order, as an editor does, so that what is kept for the next start is kept. */
  async leave(): Promise<void> {
    const gone = once(this.child, "exit");
    this.send("disconnect");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }

  #take(message: Message): void {
    const { event, body } = message;
    if (event === "output") {
      this.outputLines += String(body?.["output"]).split("\n").length - 1;
      return;
    }
    this.#messages.push(message);
    if (message["type"] !== "request") return;
    this.#seq += 1;
    const answer = {
      type: "response",
      request_seq: message["seq"],
      success: true,
      command: message["command"],
    };
    this.child.stdin.write(framed({ seq: this.#seq, ...answer, body: {} }));
  }

  async #next(wanted: (message: Message) => boolean, from: number): Promise<Message> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.#messages.slice(from).find(wanted);
      if (found !== undefined) return found;
      if (performance.now() > until || this.child.exitCode !== null)
        throw new Error("the adapter says no more");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

interface Side {
  readonly name: string;
  start(path: string): Adapter;
}

async function sides(bench: Bench): Promise<{ readonly ours: Side; readonly peer: Side }> {
  const { engine } = bench;
  const home = join(bench.scratch, "dap-home");
  const common = { PATH: process.env["PATH"] ?? "", HOME: home, ...engineVariables(engine) };
  const cache = await codeCache(bench);
  const buildx = join(engine.binDir ?? "", "docker-buildx");
  // Sockets of what is killed stay in it.
  const ownEnv = { ...common, XDG_CACHE_HOME: cache, XDG_RUNTIME_DIR: bench.scratch };
  const peerEnv = { ...common, BUILDX_EXPERIMENTAL: "1" };
  const found: { readonly ours: Side; readonly peer: Side } = {
    ours: {
      name: "bktui",
      start: (path) => new Adapter([process.execPath, program, "dap", "build"], ownEnv, path),
    },
    peer: {
      name: "docker buildx dap",
      start: (path) => new Adapter([buildx, "dap", "build"], peerEnv, path),
    },
  };
  const path = await context(bench, []);
  await using first = found.ours.start(path);
  await first.launch(path, { stopOnEntry: true });
  await first.event("stopped");
  await first.leave();
  return found;
}

/** Measured on both in turns. A peer that hangs or ends has no samples. */
async function beside(
  { ours, peer }: { readonly ours: Side; readonly peer: Side },
  rounds: number,
  measure: (side: Side) => Promise<number>,
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
  const what = isLost ? `${peer.name}, which does not get there in ${PATIENCE_MS / 1000} s` : peer.name;
  return { ours: found.ours, peer: { what, samples } };
}

function noWorse(peer: Row["peer"], words = "the peer"): Row["target"] {
  const sorted = [...peer.samples].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? undefined : { words, allowed: middle };
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

async function stepRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, echoSteps());
  // The second time all of it is in the cache.
  const walk = async (side: Side): Promise<number> => {
    await using adapter = side.start(path);
    await adapter.launch(path, { stopOnEntry: true });
    await adapter.event("stopped");
    const took: number[] = [];
    for (let step = 0; step < 10; step += 1) {
      took.push(
        await timed(async () => {
          adapter.send("next", { threadId: 1 });
          await adapter.event("stopped");
          await adapter.answer("stackTrace", { threadId: 1 });
        }),
      );
    }
    return took.reduce((sum, each) => sum + each, 0) / took.length;
  };
  await walk(both.ours);
  const { ours, peer } = await beside(both, ROUNDS, walk);
  const what = "DAP: next over a cached step, and its stack";
  const limit = "the engine's answer: each step is solved, where the peer solves only when it has to";
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
    return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? Number.NaN;
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

async function exceptionRow(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const path = await context(bench, ["RUN echo one", "RUN false"]);
  const { ours, peer } = await beside(both, ROUNDS, async (side) => {
    await using adapter = side.start(path);
    await adapter.launch(path);
    await adapter.event("stopped");
    return await timed(async () => {
      await adapter.answer("stackTrace", { threadId: 1 });
      await adapter.answer("evaluate", { expression: "exec", context: "repl" });
    });
  });
  const what = "DAP: exception to the answer of `exec`";
  return [{ what, unit: "ms", ours, peer, target: noWorse(peer), limit: "the socket of the shell is made" }];
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

async function sharedRows(bench: Bench): Promise<readonly Row[]> {
  const both = await sides(bench);
  const rows: Row[] = [];
  for (const name of ["shared-stages", "shared-stages-large"]) {
    const dockerfile = await readFile(join(fixtureAt(name), "Dockerfile"), "utf8");
    const path = await contextOf(bench, dockerfile);
    await cp(fixtureAt(name), path, { recursive: true });
    const counted = { stops: [] as number[], memory: [] as number[] };
    const peers = { stops: [] as number[], memory: [] as number[] };
    const { ours, peer } = await beside(both, 3, async (side) => {
      await using adapter = side.start(path);
      const into = side === both.ours ? counted : peers;
      let stops = 0;
      const took = await timed(async () => {
        await adapter.launch(path, { stopOnEntry: true });
        for (;;) {
          const { event, body } = await adapter.event("stopped", "terminated");
          // Docker's own store does not mount as many layers as the last step of the larger file has.
          if (event !== "stopped" || body?.["reason"] === "exception") break;
          stops += 1;
          adapter.send("next", { threadId: 1 });
        }
      });
      into.stops.push(stops);
      into.memory.push(await memoryOf(adapter.child.pid ?? 0));
      return took;
    });
    const what = `DAP: ${dockerfile.trimEnd().split("\n").length}-line file of shared stages, to its last step by next`;
    const limit = "the engine's answers";
    rows.push({ what, unit: "ms", ours, peer, target: noWorse(peer), limit });
    const stops = { what: peer.what, samples: peers.stops };
    rows.push({
      what: `${what}: stops`,
      unit: "stops",
      ours: counted.stops,
      peer: stops,
      target: undefined,
      limit: "",
    });
    const memory = { what: peer.what, samples: peers.memory };
    const node = "node itself takes 45 MB";
    rows.push({
      what: `${what}: peak memory`,
      unit: "MB",
      ours: counted.memory,
      peer: memory,
      target: undefined,
      limit: node,
    });
  }
  return rows;
}

async function measure(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const each of [startRow, stepRow, valuesRow, exceptionRow, burstRows, sharedRows])
    rows.push(...(await each(bench)));
  return rows;
}

export const dapFigures: readonly Figure[] = [{ name: "dap", measure }];
