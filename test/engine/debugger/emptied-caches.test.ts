/**
 * Cache mounts of builds without cache: BuildKit empties them once per solve, so once in `docker build`. A walk of many
 * solves must not empty them again, and each step must run anew all the same.
 */

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { RpcError } from "../../../src/transport/rpc-error.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { type Debugging, give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";
import { wireTo } from "../../support/wire.ts";

const BASE = "FROM busybox:1.36 AS base";

/** Mounts caches at /c0, /c1 ... */
function mounts(caches: readonly string[]): string {
  return caches.map((cache, index) => `--mount=type=cache,target=/c${index},${cache}`).join(" ");
}

/** Fails unless each cache has these words in its log; adds one and prints what no other run prints. */
function step(caches: readonly string[], { before, add }: { before: string; add: string }): string {
  const logs = caches.map((_, index) => `/c${index}/log`).join(" ");
  const check = `[ "$(echo $(cat $log 2>/dev/null))" = "${before}" ] && echo ${add} >> $log`;
  return `RUN ${mounts(caches)} for log in ${logs}; do ${check} || exit 9; done; cat /proc/sys/kernel/random/uuid`;
}

async function open(
  { dockerHost, kind }: TestEngine,
  lines: readonly string[],
  request: Partial<BuildRequest> = {},
): Promise<Debugging> {
  const files = { Dockerfile: `${lines.join("\n")}\n` };
  return await startDebugging(parseAddress(dockerHost, kind), { files }, { noCache: true, ...request });
}

/** Steps until something else happens; says what. */
async function walk(debug: Debugger): Promise<string> {
  for (let steps = 0; steps < 40; steps += 1) {
    const stop = await give(debug, "next");
    if (!stop.endsWith(" step")) return stop;
  }
  return where(debug.state);
}

/** Each must be the next stop. */
async function reach(debug: Debugger, stops: readonly string[]): Promise<void> {
  for (const stop of stops) expect(await give(debug, "next")).toBe(`${stop} step`);
}

/** First lines of what the steps have printed. */
function printed({ progress, state }: Debugger): readonly string[] {
  return (programOf(state)?.steps ?? []).flatMap(({ vertex }) => {
    const log = progress.logOf(vertex);
    return log.end === 0 ? [] : [log.line(log.first)?.text ?? ""];
  });
}

/** Of the vertices with the word in their names. */
function reportsOf({ progress }: Debugger, word: string): readonly string[] {
  return progress.vertices().flatMap(([, { name, status }]) => (name.includes(word) ? [status] : []));
}

forEachEngine((engine) => {
  test("steps find what steps before them left in a cache, and nothing of other runs; each runs anew", async () => {
    const id = randomUUID();
    const sharing = ["shared", "locked", "private"];
    const caches = sharing.map((mode) => `id=${mode}-${id},sharing=${mode}`);
    const uuids: string[] = [];
    for (const end of [walk, (debug: Debugger) => give(debug, "continue"), walk]) {
      // BuildKit 0.8 never empties a cache that lies on top of something, for no client.
      const onTop = `id=${randomUUID()},from=busybox:1.36`;
      await using bench = await open(engine, [
        BASE,
        step([...caches, onTop], { before: "", add: "a" }),
        step([...caches, onTop], { before: "a", add: "b" }),
        step(caches, { before: "a b", add: "c" }),
      ]);
      expect(await end(bench.debug)).toBe("finished");
      uuids.push(...printed(bench.debug));
    }
    expect(new Set(uuids).size).toBe(3 * 3);
  });

  test("stages on one cache, shells over it, a cancelled step and a rerun do not empty it", async () => {
    const caches = [`id=stages-${randomUUID()}`];
    const lines = [
      BASE,
      "FROM base AS one",
      step(caches, { before: "", add: "one" }),
      "FROM base AS two",
      step(caches, { before: "one", add: "two" }),
      `RUN ${mounts(caches)} grep late /c0/log || { echo late >> /c0/log; echo waits; sleep 100; }`,
      "FROM base",
      "COPY --from=one /bin/busybox /one",
      "COPY --from=two /bin/busybox /two",
      step(caches, { before: "one two late shell", add: "end" }),
    ];
    await using bench = await open(engine, lines);
    const { debug } = bench;
    await reach(debug, ["end 1", "before 3", "end 3", "before 5", "before 6"]);
    expect(await outputIn(debug, 3, "base", "cat /c0/log")).toBe("one\ntwo\n");
    debug.dispatch({ kind: "next" });
    await vi.waitFor(() => expect(printed(debug)).toContain("waits"), 20_000);
    debug.dispatch({ kind: "cancel" });
    expect(where(await debug.rest())).toBe("before 6 cancelled");
    expect(await outputIn(debug, 2, "after", "cat /c0/log; echo shell >> /c0/log")).toContain("late\n");
    expect(await walk(debug)).toBe("finished");
    debug.dispatch({ kind: "rerun", here: false });
    await debug.rest();
    await reach(debug, ["end 1", "before 3", "end 3", "before 5", "before 6"]);
  });

  test("a step that needs what was not allowed is refused when it is reached, the ones before it are right", async () => {
    const caches = [`id=refused-${randomUUID()}`];
    const lines = [
      BASE,
      step(caches, { before: "", add: "a" }),
      step(caches, { before: "a", add: "b" }),
      "RUN --network=host --mount=type=cache,target=/c true",
      step(caches, { before: "a b", add: "c" }),
    ];
    await using bench = await open(engine, lines);
    const { debug } = bench;
    // BuildKit 0.8 refuses the flag itself.
    if (where(debug.state) === "broken") return;
    await reach(debug, ["before 2", "before 3", "before 4"]);
    expect(await give(debug, "next")).toBe("before 4 exception");
    expect(debug.progress.warnings).toEqual([]);
  });

  test("a source of a later step is not told to have begun, and its failure is told when it is reached", async () => {
    const caches = [`id=source-${randomUUID()}`];
    const lines = [
      BASE,
      step(caches, { before: "", add: "a" }),
      "ADD http://127.0.0.1:9/nothing /nothing",
      step(caches, { before: "a", add: "b" }),
    ];
    await using bench = await open(engine, lines);
    const { debug } = bench;
    await reach(debug, ["before 2", "before 3"]);
    expect(reportsOf(debug, "nothing")).toEqual(["waiting", "waiting"]);
    expect(await give(debug, "next")).toBe("before 3 exception");
    expect(reportsOf(debug, "nothing")).toContain("failed");
  });

  test("after a break of the session, steps on a cache that others filled are all run again, which is said", async () => {
    await using wire = await wireTo(engine);
    const caches = [`id=break-${randomUUID()}`];
    const lines = [
      BASE,
      step(caches, { before: "", add: "a" }),
      "RUN --mount=type=secret,id=token cat /run/secrets/token",
      step(caches, { before: "a", add: "b" }),
    ];
    const secrets = [{ id: "token", from: { kind: "file", path: import.meta.filename } }] as const;
    await using bench = await open(wire.engine, lines, { secrets });
    const { debug } = bench;
    await reach(debug, ["before 2", "before 3"]);
    wire.admit("session", false);
    wire.cut("session");
    debug.dispatch({ kind: "next" });
    await vi.waitFor(() => expect(wire.opened("session")).toBeGreaterThan(2), 20_000);
    wire.admit("session", true);
    expect(where(await debug.rest())).toBe("before 4 step");
    expect(debug.progress.warnings.map(({ text }) => text).join()).toMatch(/do so again/);
    expect(await walk(debug)).toBe("finished");
  });

  test("an engine that cancels the announcement by itself is not told as the user's wish, and is asked anew", async () => {
    const { signal } = new AbortController();
    const Dockerfile = `${BASE}\n${step([`id=cancel-${randomUUID()}`], { before: "", add: "a" })}\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const address = parseAddress(engine.dockerHost, engine.kind);
    await using buildkit = await BuildkitEngine.connect(address, { signal, origin: "test", env: {} });
    const dockerfile = join(context.path, "Dockerfile");
    const request = { ...REQUEST, source: fromDockerfile(context.path, dockerfile), noCache: true };
    await using build = await buildkit.open(request, { signal, onProgress: () => undefined });
    const { result } = build.threads[0].graph;
    if (result === undefined) throw new Error("the build has no result");
    const unary = vi.spyOn(Channel.prototype, "unary");
    try {
      unary.mockRejectedValueOnce(new RpcError("context canceled", { grpcCode: 1, details: [] }));
      await expect(build.solve([result], { signal })).rejects.toMatchObject({ code: "engine" });
    } finally {
      unary.mockRestore();
    }
    await build.solve([result], { signal });
  });
});
