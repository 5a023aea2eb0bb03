import { randomInt, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import type { Debugger, DebugState } from "../../../src/debugger/debugger.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import { openShell } from "../../../src/debugger/shells/open-shell.ts";
import {
  cacheBrokeAt,
  programOf,
  runningEdges,
  runningSteps,
  stepViews,
} from "../../../src/debugger/state/inspect.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { running } from "../../support/processes.ts";

const FX = `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
FROM base AS lib
WORKDIR /src
RUN echo one > a.txt
FROM base AS app
WORKDIR /app
COPY --from=lib /src/a.txt .
RUN echo two >> a.txt && echo junk > b.txt && false
COPY Dockerfile .
`;

const scopes: Scope[] = [];

afterEach(async () => {
  for (const scope of scopes.splice(0)) await scope[Symbol.asyncDispose]();
});

interface Bench {
  readonly debug: Debugger;
  readonly strays: readonly unknown[];
  edit(Dockerfile: string): Promise<void>;
}

/** A debugger over a context, stopped on entry. */
async function launch(dockerHost: string, Dockerfile: string): Promise<Bench> {
  const scope = new Scope();
  scopes.push(scope);
  const context = scope.own(await busyboxContext({ files: { Dockerfile } }));
  const signal = AbortSignal.timeout(60_000);
  const engine = scope.own(
    await BuildkitEngine.connect(parseAddress(dockerHost), { signal, origin: "test", env: {} }),
  );
  const strays: unknown[] = [];
  const debug = scope.own(createDebugger(engine, { onStray: (error) => strays.push(error) }));
  const dockerfile = join(context.path, "Dockerfile");
  debug.dispatch({
    kind: "launch",
    request: { ...REQUEST, source: fromDockerfile(context.path, dockerfile), noCache: true },
    stopOnEntry: true,
  });
  await debug.rest();
  return { debug, strays, edit: (text) => writeFile(dockerfile, text) };
}

function where({ phase }: DebugState): string {
  if (phase.kind !== "paused") return phase.kind;
  const stop = phase.execution.program.stops[phase.at];
  return `${stop?.kind} ${stop?.line} ${phase.reason.kind}`;
}

async function give(
  debug: Debugger,
  kind: "next" | "into" | "finish" | "continue" | "make-base",
): Promise<string> {
  debug.dispatch({ kind });
  return where(await debug.rest());
}

/** Resolves when the step at a line is running. */
async function untilRunning(debug: Debugger, line: number): Promise<void> {
  const runs = (): boolean => {
    const program = programOf(debug.state);
    return program !== undefined && runningSteps(program, debug.progress).some(({ start }) => start === line);
  };
  await new Promise<void>((resolve) => {
    const unsubscribe = debug.progress.subscribe(() => {
      if (!runs()) return;
      unsubscribe();
      resolve();
    });
  });
}

async function output(debug: Debugger, step: number, side: StateSide, script: string): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  await using container = await debug.container(step as StepId, side, { signal });
  const process = await container.start(
    { args: ["/bin/sh", "-c", script], env: [], terminal: undefined },
    { signal },
  );
  const chunks: Uint8Array[] = [];
  process.onData((chunk) => chunks.push(chunk));
  await process.exited;
  return Buffer.concat(chunks).toString();
}

/** What a shell by lines answers. */
async function typed(debug: Debugger, step: number, side: StateSide, script: string): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  const found = programOf(debug.state)?.steps[step];
  if (found === undefined) throw new Error(`no step ${step}`);
  const talk = { kind: "lines" } as const;
  const shell = await openShell(debug, { step: found, side, steps: 8, talk }, { signal });
  await using _ = shell.container;
  const chunks: Uint8Array[] = [];
  shell.onData((chunk) => chunks.push(chunk));
  shell.process.write(Buffer.from(`${script}\n`));
  shell.process.endInput();
  await shell.process.exited;
  return Buffer.concat(chunks).toString();
}

forEachEngine(({ dockerHost, keepsFailedState }) => {
  test("steps, goes into a needed stage, and stops at the failure with its states", async () => {
    const { debug, strays } = await launch(dockerHost, FX);
    expect(where(debug.state)).toBe("before 2 entry");
    expect(await give(debug, "next")).toBe("before 3 step");
    debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(9) } });
    expect(await give(debug, "continue")).toBe("before 9 breakpoint");
    expect(await give(debug, "into")).toBe("before 5 step");
    expect(await give(debug, "finish")).toBe("before 9 breakpoint");
    expect(await output(debug, 5, "base", "pwd; ls")).toBe("/app\n");
    expect(await give(debug, "continue")).toBe("before 10 exception");
    expect(debug.states(6 as StepId)).toEqual(["failed", "base"]);
    expect(await output(debug, 6, "base", "cat *")).toBe("one\n");
    expect(await output(debug, 5, "after", "ls")).toBe("a.txt\n");
    expect(await typed(debug, 6, "failed", "cat *; exit 0")).toMatch(
      keepsFailedState
        ? /^one\ntwo\njunk\n$/
        : /^attempt 2: .*\n[\s\S]*attempt 2 failed with exit code 1; .*\none\ntwo\njunk\n$/,
    );
    expect(() => debug.dispatch({ kind: "next" })).toThrow("step 7 failed");
    await debug[Symbol.asyncDispose]();
    expect([debug.state.phase.kind, strays]).toEqual(["ended", []]);
  });

  if (!keepsFailedState) {
    test("a command that passes when it is run again for FAILED is called flaky", async () => {
      const once = "[ -e /once/ran ] || { touch /once/ran; false; }; touch left";
      const flaky = `RUN --mount=type=cache,id=${randomUUID()},target=/once set -e; ${once}`;
      const { debug } = await launch(dockerHost, FX.replace(/^RUN echo two.*$/m, flaky));
      expect(await give(debug, "continue")).toBe("before 10 exception");
      const said = await typed(debug, 6, "failed", "ls; exit 0");
      expect(said).toMatch(/^attempt 2: .*\nattempt 2 passed this time: a flaky step\na\.txt\nleft\n$/);
    });
  }

  test("runs again after an edit, from the cache, to the same instruction and on to the end", async () => {
    const { debug, edit } = await launch(dockerHost, FX);
    expect(await give(debug, "continue")).toBe("before 10 exception");
    await edit(FX.replace("false", `echo ${Date.now()}`));
    const request = debug.state.request;
    if (request === undefined) throw new Error("no request");
    debug.dispatch({ kind: "rerun", here: true, request: { ...request, noCache: false } });
    expect(where(await debug.rest())).toBe("before 10 rerun");
    expect(stepViews(debug.state, debug.progress).map(({ status }) => status)).toEqual([
      ...Array(6).fill("cached"),
      "waiting",
      "waiting",
    ]);
    expect(await give(debug, "continue")).toBe("finished");
    const program = programOf(debug.state);
    expect(program && cacheBrokeAt(program, debug.progress)?.start).toBe(10);
  });

  test("pausing lets the running step end and begins no other", async () => {
    const { debug } = await launch(dockerHost, FX.replace("echo one >", "sleep 1; echo one >"));
    debug.dispatch({ kind: "continue" });
    await untilRunning(debug, 6);
    const program = programOf(debug.state);
    if (program === undefined) throw new Error("no program");
    debug.dispatch({ kind: "pause", running: runningEdges(program, debug.progress) });
    expect(debug.whyNot("pause")).toEqual({ why: "already pausing after the running step" });
    expect(where(await debug.rest())).toBe("before 9 pause");
    const status = stepViews(debug.state, debug.progress).map((view) => view.status);
    expect([status[3], status[5], status[6]]).toEqual(["done", "waiting", "waiting"]);
    expect(await give(debug, "next")).toBe("before 10 step");
  });

  test("cancelling stops before the step, which can be run again", async () => {
    const { debug } = await launch(dockerHost, FX.replace("echo one >", "sleep 30; echo one >"));
    debug.dispatch({ kind: "continue" });
    await untilRunning(debug, 6);
    debug.dispatch({ kind: "cancel" });
    expect(where(await debug.rest())).toBe("before 6 cancelled");
    debug.dispatch({ kind: "next" });
    await untilRunning(debug, 6);
    debug.dispatch({ kind: "cancel" });
    expect(where(await debug.rest())).toBe("before 6 cancelled");
  });

  test("R26 · a step that ignores all signals is cancelled at once, and has not failed", async () => {
    const sleeping = `sleep ${randomInt(1e6, 1e9)}`;
    const { debug } = await launch(
      dockerHost,
      FX.replace("echo one >", `trap '' HUP INT TERM; ${sleeping}; echo one >`),
    );
    debug.dispatch({ kind: "continue" });
    await vi.waitFor(() => expect(running(sleeping)).toBe(1), { timeout: 15_000, interval: 50 });
    debug.dispatch({ kind: "cancel" });
    expect(where(await debug.rest())).toBe("before 6 cancelled");
    await vi.waitFor(() => expect(running(sleeping)).toBe(0), { timeout: 2_000, interval: 50 });
  });

  test("shows a missing source at once, and BASE of it when that was asked for", async () => {
    const { debug } = await launch(
      dockerHost,
      FX.replace(" && false", "").replace("COPY Dockerfile", "COPY missing"),
    );
    // BuildKit 0.8 cannot make an ADD again that was interrupted by the failure: there the steps run first.
    if (!keepsFailedState) debug.dispatch({ kind: "run-to", line: lineOf(11) });
    await debug.rest();
    expect(await give(debug, "continue")).toBe("before 11 exception");
    if (keepsFailedState) {
      expect(debug.states(7 as StepId)).toEqual([]);
      expect(await give(debug, "make-base")).toBe("before 11 exception");
    }
    expect(debug.states(7 as StepId)).toEqual(["base"]);
    expect(await output(debug, 7, "base", "cat a.txt")).toBe("one\ntwo\n");
  });

  test("shows what the frontend refuses, and loads the corrected file", async () => {
    const { debug, edit } = await launch(dockerHost, "FROM scratch\nRUNN x\n");
    expect(where(debug.state)).toBe("broken");
    await edit(FX);
    debug.dispatch({ kind: "rerun", here: true });
    expect(where(await debug.rest())).toBe("before 2 entry");
  });

  test("a rerun in the middle of a step leaves nothing running", async () => {
    const { debug, strays } = await launch(dockerHost, FX.replace("echo one >", "sleep 30; echo one >"));
    debug.dispatch({ kind: "continue" });
    await untilRunning(debug, 6);
    debug.dispatch({ kind: "rerun", here: false });
    debug.dispatch({ kind: "rerun", here: false });
    expect(where(await debug.rest())).toBe("before 2 entry");
    expect(debug.state.attempt).toBe(3);
    expect(strays).toEqual([]);
  });

  test("two debuggers of the same steps do not confuse each other", async () => {
    const first = await launch(dockerHost, FX);
    const second = await launch(dockerHost, FX);
    expect(await give(first.debug, "continue")).toBe("before 10 exception");
    expect(await give(second.debug, "continue")).toBe("before 10 exception");
    const statuses = stepViews(second.debug.state, second.debug.progress).map(({ status }) => status);
    // BuildKit 0.8 calls a step that another build has made cached.
    expect(["done", "cached"]).toContain(statuses[3]);
    expect(await output(second.debug, 6, "base", "ls")).toBe("a.txt\n");
    if (keepsFailedState) expect(await output(second.debug, 6, "failed", "ls")).toBe("a.txt\nb.txt\n");
  });
});
