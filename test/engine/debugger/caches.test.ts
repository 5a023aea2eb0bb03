import { randomUUID } from "node:crypto";
import { afterEach, expect, inject, test, vi } from "vitest";
import { toBktuiError } from "../../../src/base/errors.ts";
import { Scope } from "../../../src/base/scope.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { cacheConflicts, cacheWait } from "../../../src/debugger/shells/caches.ts";
import { runningSteps } from "../../../src/debugger/state/inspect.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import type { Digest } from "../../../src/graph/graph.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { processesWith } from "../../support/processes.ts";

const { signal } = new AbortController();
const FIRST = 2 as StepId;

/** Each command is new to the engine, or it would come from the build cache: a cache's id is no part of its key. */
function dockerfile(id: string, sharing: string): string {
  return `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN --mount=type=cache,id=${id},target=/c,sharing=${sharing} echo ${id} >> /c/log
RUN --mount=type=cache,id=${id},target=/c,sharing=${sharing} grep ${id} /c/log
`;
}

const scopes: Scope[] = [];

afterEach(async () => {
  for (const scope of scopes.splice(0)) await scope[Symbol.asyncDispose]();
});

/** Stopped before the second step that has the cache. */
async function stopped(
  dockerHost: string,
  what: string,
  sharing: string,
  request: Partial<BuildRequest> = {},
): Promise<Debugger> {
  const scope = new Scope();
  scopes.push(scope);
  const files = { Dockerfile: dockerfile(`${what}-${randomUUID()}`, sharing) };
  const { debug } = scope.own(await startDebugging(parseAddress(dockerHost), { files }, request));
  for (const line of [3, 4, 5]) expect(await give(debug, "next")).toBe(`before ${line} step`);
  return debug;
}

async function untilRunning(debug: Debugger, step: number): Promise<void> {
  const runs = (): boolean =>
    "execution" in debug.state.phase &&
    runningSteps(debug.state.phase.execution.program, debug.progress).some(({ id }) => id === step);
  await new Promise<void>((resolve) => {
    const unsubscribe = debug.progress.subscribe(() => {
      if (!runs()) return;
      unsubscribe();
      resolve();
    });
  });
}

/** A look at the first step that has the cache, long enough to be met; it ends with the code of its error. */
async function looking(debug: Debugger): Promise<{ readonly ended: Promise<string> }> {
  const { phase } = debug.state;
  const vertex = "execution" in phase ? phase.execution.program.steps[FIRST]?.vertex : undefined;
  if (vertex === undefined) throw new Error("there is no such step");
  const mark = randomUUID();
  const paths = Array.from({ length: 1500 }, (_, index) => `/bin/${mark}/${index}`);
  let isOver = false;
  const ended = debug
    .lookUp({ kind: "sight", place: { vertex, side: "base" }, paths }, { signal })
    .then(
      () => "seen",
      (error: unknown) => toBktuiError(error).code,
    )
    .finally(() => {
      isOver = true;
    });
  // Its process is seen where the engine runs on this machine.
  if (inject("privateSuite") !== undefined) {
    await vi.waitUntil(() => isOver || processesWith(mark).length > 0, { timeout: 15_000 });
  }
  return { ended };
}

forEachEngine(({ dockerHost }) => {
  test("an open shell is named when a step on the way needs its cache, and no longer when it is released", async () => {
    const debug = await stopped(dockerHost, "conflict", "locked");
    const container = await debug.container(FIRST, "after", { signal });
    expect(debug.heldCaches).toMatchObject([
      {
        step: FIRST,
        side: "after",
        caches: [{ id: expect.stringContaining("conflict-"), sharing: "locked" }],
      },
    ]);
    const conflicts = cacheConflicts(debug.state, { kind: "next" }, debug.heldCaches);
    expect(conflicts).toMatchObject([{ wanted: { id: 3 }, held: { step: FIRST } }]);
    expect(conflicts[0]?.held.container).toBe(container);
    await container[Symbol.asyncDispose]();
    expect(debug.heldCaches).toEqual([]);
    expect(await give(debug, "next")).toBe("end 5 step");
  });

  test("R25 · a step that waits for its cache says for which, and goes on when the shell is released", async () => {
    const debug = await stopped(dockerHost, "wait", "locked");
    const container = await debug.container(FIRST, "after", { signal });
    debug.dispatch({ kind: "next" });
    await untilRunning(debug, 3);
    const elapsed = (ms: number) => (_: Digest) => ms;
    expect(cacheWait(debug.state, debug.progress, elapsed(1_999))).toBeUndefined();
    expect(cacheWait(debug.state, debug.progress, elapsed(2_000))).toMatchObject({
      step: { id: 3 },
      cache: expect.stringContaining("wait-"),
      holder: undefined,
    });
    // A shell that would wait for the step, or keep the cache from it, is not opened. One that waits is given up.
    const soon = { signal: AbortSignal.timeout(10_000) };
    await expect(debug.container(FIRST, "base", soon)).rejects.toThrow(/needs the cache/);
    await container[Symbol.asyncDispose]();
    expect(where(await debug.rest())).toBe("end 5 step");
  });

  test("a cache that all share is in nobody's way", async () => {
    const debug = await stopped(dockerHost, "shared", "shared");
    await using container = await debug.container(FIRST, "after", { signal });
    expect(container.environment.mounts).toContainEqual(expect.objectContaining({ kind: "cache" }));
    expect(cacheConflicts(debug.state, { kind: "next" }, debug.heldCaches)).toEqual([]);
    expect(await give(debug, "next")).toBe("end 5 step");
  });

  test("a look for causes does not empty the cache of a shell that opens meanwhile, nor of the next step", async () => {
    const debug = await stopped(dockerHost, "look", "private");
    const looks = [await looking(debug)];
    expect(await outputIn(debug, 3, "after", "cat /c/log")).toMatch(/^look-/);
    looks.push(await looking(debug));
    expect(await give(debug, "next")).toBe("end 5 step");
    expect(await Promise.all(looks.map(({ ended }) => ended))).toEqual(["cancelled", "cancelled"]);
  });

  test("no look for causes takes the cache that a shell has", async () => {
    const debug = await stopped(dockerHost, "taken", "private");
    await using _ = await debug.container(FIRST, "after", { signal });
    expect(await (await looking(debug)).ended).toBe("not-now");
  });

  test("looking at a step of a build without cache does not empty the step's cache mounts", async () => {
    const debug = await stopped(dockerHost, "pruned", "locked", { noCache: true });
    for (const side of ["after", "base", "after"] as const) {
      expect(await outputIn(debug, 3, side, "cat /c/log")).toMatch(/^pruned-/);
    }
  });
});
