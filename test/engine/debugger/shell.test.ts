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
  readonly session: Debugger;
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
  const session = scope.own(createDebugger(engine, { onStray: (error) => strays.push(error) }));
  const dockerfile = join(context.path, "Dockerfile");
  session.dispatch({
    kind: "launch",
    request: { ...REQUEST, context: context.path, dockerfile, noCache: true },
    stopOnEntry: true,
  });
  await session.rest();
  return { session, strays, edit: (text) => writeFile(dockerfile, text) };
}

function where({ phase }: DebugState): string {
  if (phase.kind !== "paused") return phase.kind;
  const stop = phase.session.program.stops[phase.at];
  return `${stop?.kind} ${stop?.line} ${phase.reason.kind}`;
}

async function give(
  session: Debugger,
  kind: "next" | "into" | "finish" | "continue" | "make-base",
): Promise<string> {
  session.dispatch({ kind });
  return where(await session.rest());
}

/** Resolves when the step at a line is running. */
async function untilRunning(session: Debugger, line: number): Promise<void> {
  const runs = (): boolean => {
    const program = programOf(session.state);
    return (
      program !== undefined && runningSteps(program, session.progress).some(({ start }) => start === line)
    );
  };
  await new Promise<void>((resolve) => {
    const unsubscribe = session.progress.subscribe(() => {
      if (!runs()) return;
      unsubscribe();
      resolve();
    });
  });
}

async function output(session: Debugger, step: number, side: StateSide, script: string): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  await using container = await session.container(step as StepId, side, { signal });
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
async function typed(session: Debugger, step: number, side: StateSide, script: string): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  const found = programOf(session.state)?.steps[step];
  if (found === undefined) throw new Error(`no step ${step}`);
  const talk = { kind: "lines" } as const;
  const shell = await openShell(session, { step: found, side, steps: 8, talk }, { signal });
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
    const { session, strays } = await launch(dockerHost, FX);
    expect(where(session.state)).toBe("before 2 entry");
    expect(await give(session, "next")).toBe("before 3 step");
    session.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(9) } });
    expect(await give(session, "continue")).toBe("before 9 breakpoint");
    expect(await give(session, "into")).toBe("before 5 step");
    expect(await give(session, "finish")).toBe("before 9 breakpoint");
    expect(await output(session, 5, "base", "pwd; ls")).toBe("/app\n");
    expect(await give(session, "continue")).toBe("before 10 exception");
    expect(session.sides(6 as StepId)).toEqual(["failed", "base"]);
    expect(await output(session, 6, "base", "cat *")).toBe("one\n");
    expect(await output(session, 5, "after", "ls")).toBe("a.txt\n");
    expect(await typed(session, 6, "failed", "cat *; exit 0")).toMatch(
      keepsFailedState
        ? /^one\ntwo\njunk\n$/
        : /^attempt 2: .*\n[\s\S]*attempt 2 failed with exit code 1; .*\none\ntwo\njunk\n$/,
    );
    expect(() => session.dispatch({ kind: "next" })).toThrow("step 7 failed");
    await session[Symbol.asyncDispose]();
    expect([session.state.phase.kind, strays]).toEqual(["ended", []]);
  });

  if (!keepsFailedState) {
    test("a command that passes when it is run again for FAILED is called flaky", async () => {
      const once = "[ -e /once/ran ] || { touch /once/ran; false; }; touch left";
      const flaky = `RUN --mount=type=cache,id=${randomUUID()},target=/once set -e; ${once}`;
      const { session } = await launch(dockerHost, FX.replace(/^RUN echo two.*$/m, flaky));
      expect(await give(session, "continue")).toBe("before 10 exception");
      const said = await typed(session, 6, "failed", "ls; exit 0");
      expect(said).toMatch(/^attempt 2: .*\nattempt 2 passed this time: a flaky step\na\.txt\nleft\n$/);
    });
  }

  test("runs again after an edit, from the cache, to the same instruction and on to the end", async () => {
    const { session, edit } = await launch(dockerHost, FX);
    expect(await give(session, "continue")).toBe("before 10 exception");
    await edit(FX.replace("false", `echo ${Date.now()}`));
    const request = session.state.request;
    if (request === undefined) throw new Error("no request");
    session.dispatch({ kind: "rerun", here: true, request: { ...request, noCache: false } });
    expect(where(await session.rest())).toBe("before 10 rerun");
    expect(stepViews(session.state, session.progress).map(({ status }) => status)).toEqual([
      ...Array(6).fill("cached"),
      "waiting",
      "waiting",
    ]);
    expect(await give(session, "continue")).toBe("finished");
    const program = programOf(session.state);
    expect(program && cacheBrokeAt(program, session.progress)?.start).toBe(10);
  });

  test("pausing lets the running step end and begins no other", async () => {
    const { session } = await launch(dockerHost, FX.replace("echo one >", "sleep 1; echo one >"));
    session.dispatch({ kind: "continue" });
    await untilRunning(session, 6);
    const program = programOf(session.state);
    if (program === undefined) throw new Error("no program");
    session.dispatch({ kind: "pause", running: runningEdges(program, session.progress) });
    expect(session.whyNot("pause")).toEqual({ why: "already pausing after the running step" });
    expect(where(await session.rest())).toBe("before 9 pause");
    const status = stepViews(session.state, session.progress).map((view) => view.status);
    expect([status[3], status[5], status[6]]).toEqual(["done", "waiting", "waiting"]);
    expect(await give(session, "next")).toBe("before 10 step");
  });

  test("cancelling stops before the step, which can be run again", async () => {
    const { session } = await launch(dockerHost, FX.replace("echo one >", "sleep 30; echo one >"));
    session.dispatch({ kind: "continue" });
    await untilRunning(session, 6);
    session.dispatch({ kind: "cancel" });
    expect(where(await session.rest())).toBe("before 6 cancelled");
    session.dispatch({ kind: "next" });
    await untilRunning(session, 6);
    session.dispatch({ kind: "cancel" });
    expect(where(await session.rest())).toBe("before 6 cancelled");
  });

  test("R26 · a step that ignores all signals is cancelled at once, and has not failed", async () => {
    const sleeping = `sleep ${randomInt(1e6, 1e9)}`;
    const { session } = await launch(
      dockerHost,
      FX.replace("echo one >", `trap '' HUP INT TERM; ${sleeping}; echo one >`),
    );
    session.dispatch({ kind: "continue" });
    await vi.waitFor(() => expect(running(sleeping)).toBe(1), { timeout: 15_000, interval: 50 });
    session.dispatch({ kind: "cancel" });
    expect(where(await session.rest())).toBe("before 6 cancelled");
    await vi.waitFor(() => expect(running(sleeping)).toBe(0), { timeout: 2_000, interval: 50 });
  });

  test("shows a missing source at once, and BASE of it when that was asked for", async () => {
    const { session } = await launch(
      dockerHost,
      FX.replace(" && false", "").replace("COPY Dockerfile", "COPY missing"),
    );
    // BuildKit 0.8 cannot make an ADD again that was interrupted by the failure: there the steps run first.
    if (!keepsFailedState) session.dispatch({ kind: "run-to", line: lineOf(11) });
    await session.rest();
    expect(await give(session, "continue")).toBe("before 11 exception");
    if (keepsFailedState) {
      expect(session.sides(7 as StepId)).toEqual([]);
      expect(await give(session, "make-base")).toBe("before 11 exception");
    }
    expect(session.sides(7 as StepId)).toEqual(["base"]);
    expect(await output(session, 7, "base", "cat a.txt")).toBe("one\ntwo\n");
  });

  test("shows what the frontend refuses, and loads the corrected file", async () => {
    const { session, edit } = await launch(dockerHost, "FROM scratch\nRUNN x\n");
    expect(where(session.state)).toBe("broken");
    await edit(FX);
    session.dispatch({ kind: "rerun", here: true });
    expect(where(await session.rest())).toBe("before 2 entry");
  });

  test("a rerun in the middle of a step leaves nothing running", async () => {
    const { session, strays } = await launch(dockerHost, FX.replace("echo one >", "sleep 30; echo one >"));
    session.dispatch({ kind: "continue" });
    await untilRunning(session, 6);
    session.dispatch({ kind: "rerun", here: false });
    session.dispatch({ kind: "rerun", here: false });
    expect(where(await session.rest())).toBe("before 2 entry");
    expect(session.state.attempt).toBe(3);
    expect(strays).toEqual([]);
  });

  test("two debuggers of the same steps do not confuse each other", async () => {
    const first = await launch(dockerHost, FX);
    const second = await launch(dockerHost, FX);
    expect(await give(first.session, "continue")).toBe("before 10 exception");
    expect(await give(second.session, "continue")).toBe("before 10 exception");
    const statuses = stepViews(second.session.state, second.session.progress).map(({ status }) => status);
    // BuildKit 0.8 calls a step that another build has made cached.
    expect(["done", "cached"]).toContain(statuses[3]);
    expect(await output(second.session, 6, "base", "ls")).toBe("a.txt\n");
    if (keepsFailedState) expect(await output(second.session, 6, "failed", "ls")).toBe("a.txt\nb.txt\n");
  });
});
