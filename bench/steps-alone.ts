/** Steps without a front end, in the process that calls this. Run as a program, it prints what `Walk` says as JSON. */
import { fileURLToPath } from "node:url";
import { createDebugger } from "../src/debugger/runtime.ts";
import { BuildkitEngine } from "../src/engine/buildkit/engine.ts";
import { bridge } from "../src/protocol/methods.ts";
import { parseAddress } from "../src/transport/address.ts";
import { Channel } from "../src/transport/channel.ts";
import { requestFor, STEPS } from "./bench.ts";

/** Milliseconds, one sample for each of the `STEPS` steps. */
export interface Walk {
  readonly steps: readonly number[];
  /** Of these, how long the `Solve` call was away. */
  readonly calls: readonly number[];
}

/** Notes how long each `Solve` was away, while the work is done. */
async function solvesDuring(work: () => Promise<void>): Promise<readonly number[]> {
  const found: number[] = [];
  const unary = Channel.prototype.unary;
  Channel.prototype.unary = async function timedUnary(method, request, options) {
    const from = performance.now();
    const answer = await unary.call(this, method, request, options);
    if (method.path === bridge.solve.path) found.push(performance.now() - from);
    return answer as never;
  };
  try {
    await work();
  } finally {
    Channel.prototype.unary = unary;
  }
  return found;
}

/** @param host address of an engine of the kind `kind` */
export async function walkAlone(host: string, kind: string, path: string): Promise<Walk> {
  const signal = AbortSignal.timeout(60_000);
  const address = parseAddress(host, kind === "buildkitd" ? "buildkitd" : "dockerd");
  await using engine = await BuildkitEngine.connect(address, { signal, origin: "bench", env: {} });
  await using debug = createDebugger(engine);
  debug.dispatch({ kind: "launch", request: requestFor(path), stopOnEntry: true });
  await debug.rest();
  const steps: number[] = [];
  const calls = await solvesDuring(async () => {
    for (let step = 0; step < STEPS; step += 1) {
      const from = performance.now();
      debug.dispatch({ kind: "next" });
      await debug.rest();
      steps.push(performance.now() - from);
    }
  });
  return { steps, calls };
}

const [, script, ...words] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const [host = "", kind = "", path = ""] = words;
  process.stdout.write(JSON.stringify(await walkAlone(host, kind, path)));
}
