/** A debugger on a real engine, with every progress event of the engine kept. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import type { Debugger, DebugState } from "../../src/debugger/debugger.ts";
import { createDebugger } from "../../src/debugger/runtime.ts";
import type { BuildRequest } from "../../src/engine/build-request.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { BuildkitEngine, type ConnectOptions } from "../../src/engine/buildkit/engine.ts";
import { prepareDebugRoot, type RootDirectory } from "../../src/engine/debug-root/prepare-debug-root.ts";
import type { Engine, Progress, StateSide } from "../../src/engine/engine.ts";
import type { Program, StepId } from "../../src/graph/program.ts";
import type { Address } from "../../src/transport/address.ts";
import { REQUEST } from "./debug-driver.ts";
import { busyboxContext, type TestContext } from "./engines.ts";

const DEADLINE_MS = 60_000;

export interface Debugging extends AsyncDisposable {
  readonly debug: Debugger;
  readonly context: TestContext;
  /** Everything the engine reported, in order. */
  readonly events: readonly Progress[];
}

/** Stopped on entry. */
export async function startDebugging(
  address: Address,
  project: Parameters<typeof busyboxContext>[0],
  request: Partial<BuildRequest> = {},
  findRootDirectory: ConnectOptions["findRootDirectory"] = debugRoot,
): Promise<Debugging> {
  const scope = new Scope();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const context = scope.own(await busyboxContext(project));
    const engine = scope.own(
      await BuildkitEngine.connect(address, { signal, origin: "test", env: {}, findRootDirectory }),
    );
    const events: Progress[] = [];
    const debug = scope.own(createDebugger(tapped(engine, events)));
    const dockerfile = join(context.path, "Dockerfile");
    debug.dispatch({
      kind: "launch",
      request: { ...REQUEST, source: fromDockerfile(context.path, dockerfile), ...request },
      stopOnEntry: true,
    });
    await debug.rest();
    return { debug, context, events, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of the busybox that every context has. */
export async function debugRoot({ signal }: { readonly signal: AbortSignal }): Promise<RootDirectory> {
  const cache = join(tmpdir(), "bktui-test-debug-root");
  return await prepareDebugRoot({ cache, busybox: inject("busybox"), onProgress: () => undefined, signal });
}

/** The engine itself; what it reports is kept on the way. */
function tapped(engine: Engine, events: Progress[]): Engine {
  const open: Engine["open"] = (request, options) =>
    engine.open(request, {
      ...options,
      onProgress: (progress) => {
        events.push(progress);
        options.onProgress(progress);
      },
    });
  return new Proxy(engine, {
    get: (target, name) => {
      if (name === "open") return open;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** E.g. "before 9 breakpoint", "end 11 step", "finished". */
export function where({ phase }: DebugState): string {
  if (phase.kind !== "paused") return phase.kind;
  const stop = phase.execution.program.stops[phase.at];
  return `${stop?.kind} ${stop?.line} ${phase.reason.kind}`;
}

/** Gives a command and waits until the build stands still. */
export async function give(
  debug: Debugger,
  kind: "next" | "into" | "finish" | "continue" | "back" | "reverse-continue",
): Promise<string> {
  debug.dispatch({ kind });
  return where(await debug.rest());
}

/** How often the engine began each vertex of the program, and did not take it from the cache. */
export function beginnings(program: Program, events: readonly Progress[]): readonly number[] {
  return program.steps.map(({ vertices }) => {
    const starts = events.flatMap((event) =>
      event.kind === "vertex" &&
      vertices.includes(event.vertex) &&
      !event.cached &&
      event.startedMs !== undefined
        ? [`${event.vertex} ${event.startedMs}`]
        : [],
    );
    return new Set(starts).size / vertices.length;
  });
}

/** What a script prints in a state of a step, counted from 1. */
export async function outputIn(
  debug: Debugger,
  step: number,
  side: StateSide,
  script: string,
): Promise<string> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  await using container = await debug.container((step - 1) as StepId, side, { signal });
  const process = await container.start(
    { args: ["/bin/sh", "-c", script], env: [], terminal: undefined },
    { signal },
  );
  const chunks: Uint8Array[] = [];
  process.onData((chunk) => chunks.push(chunk));
  await process.exited;
  return Buffer.concat(chunks).toString();
}
