/** An editor that is killed or closes its side, at any moment: the program ends by itself, and nothing is left. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type DebuggedBuild, debugBuild, startDap } from "../support/dap-program.ts";
import { leftOn } from "../support/engine-census.ts";
import { newestSuite, OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";

// A new engine has no images.
const BASE = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';
const FILES = {
  Dockerfile: `${BASE}RUN echo ready && sleep 1000
`,
  "Dockerfile.flood": `${BASE}RUN yes "a line that is not short, so that a pipe is soon full of it"
`,
};

/** Of no other test. */
const PROGRAM = `sleep ${randomInt(1e6, 1e9)}`;

let own: OwnEngine;
beforeAll(async () => {
  own = await OwnEngine.start();
});
afterAll(async () => await own[Symbol.asyncDispose]());

/** Where the editor goes away. */
const MOMENTS: Readonly<Record<string, (build: DebuggedBuild) => Promise<unknown>>> = {
  "before anything runs": () => Promise.resolve(),
  "while it is loaded": async ({ client }) => client.send("configurationDone"),
  "at a stop": ({ begin }) => begin(),
  "while a step runs": async ({ client, begin }) => {
    await begin();
    await client.request("continue", { threadId: 1 });
    await client.event("output", ({ output }) => output.includes("ready"));
  },
  "while a program runs in a state": async ({ client, begin }) => {
    await begin();
    for (const _ of [1, 2, 3]) {
      await client.request("next", { threadId: 1 });
      if ((await client.stop()).frames[0]?.line === 4) break;
    }
    client.send("evaluate", { expression: `! ${PROGRAM}`, context: "repl" });
    await vi.waitFor(() => expect(running(PROGRAM)).toBe(1), { timeout: 15_000, interval: 50 });
  },
  "while it does not read a flood": async ({ client, child }) => {
    client.send("configurationDone");
    await client.stop();
    client.send("continue", { threadId: 1 });
    await client.event("output", ({ output }) => output.includes("not short"));
    child.stdout.pause();
  },
};
const WAYS: Readonly<Record<string, (build: DebuggedBuild) => void>> = {
  // As the kernel does to the streams of a process that is killed.
  "is killed": ({ child }) => {
    child.stdin.destroy();
    child.stdout.destroy();
  },
  "closes its side": ({ child }) => void child.stdin.end(),
};

describe.each(Object.keys(MOMENTS))("S34 · %s", (moment) => {
  test.each(Object.keys(WAYS))("the editor %s", async (way) => {
    const file = moment.endsWith("flood") ? "Dockerfile.flood" : "Dockerfile";
    await using build = await debugBuild(own.engine, {
      files: FILES,
      launch: { dockerfile: file },
      isCut: true,
    });
    await MOMENTS[moment]?.(build);
    WAYS[way]?.(build);
    // 141: it had more to say when its output was closed, like every program in a pipe.
    const code = await build.ended();
    expect(`${code} ${build.stderr()}`).toMatch(way === "is killed" ? /^(0|141) $/ : /^0 $/);
  });
});

test("S34 · an editor that goes away before it says anything, and one that does while an engine is waited for", async () => {
  await using silent = await startDap(["dap"], { engine: own.engine });
  silent.child.stdin.end();
  expect(await silent.ended()).toBe(0);
  await using waiting = await startDap(["dap"], {
    env: { BUILDKIT_HOST: "tcp://192.0.2.1:1234" },
    isCut: true,
  });
  await waiting.client.request("initialize", {});
  waiting.client.send("launch", { contextPath: "/" });
  waiting.child.stdin.end();
  expect(await waiting.ended()).toBe(0);
});

test("S34 · nothing of all these is left on the engine", async () => {
  expect(await leftOn(own.directory, newestSuite())).toEqual([]);
});
