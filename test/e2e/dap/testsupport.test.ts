/** The protocol's own client for tests, from its makers, over standard streams and a port. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import { describe, expect, test } from "vitest";
import { listenDap } from "../../support/dap-server.ts";
import { engineVariables } from "../../support/engine-variables.ts";
import { busyboxContext, testEngines } from "../../support/engines.ts";
import { program } from "../../support/program.ts";
import { programEnvironment } from "../../support/program-environment.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const DOCKERFILE = `FROM busybox:1.36
RUN echo one
RUN echo two
RUN exit 3
`;
const WAIT_MS = 30_000;

/** It starts a program with one word: a script. */
async function overStreams(engine: TestEngine): Promise<AsyncDisposable & { readonly client: DebugClient }> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-testsupport-"));
  const script = join(directory, "adapter.sh");
  await writeFile(script, `exec "${process.execPath}" "${program}" dap build\n`);
  // It does not say when the program has ended, which would keep its code in this home.
  const own = { HOME: directory, NODE_DISABLE_COMPILE_CACHE: "1" };
  const env = { ...programEnvironment(), ...own, ...engineVariables(engine) };
  const client = new DebugClient("sh", script, "bktui", { env, cwd: directory });
  client.defaultTimeout = WAIT_MS;
  await client.start();
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      await client.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** To a stop at a line, over a step, to the failure and what it was. */
async function session(client: DebugClient, context: string, launch: object): Promise<void> {
  const path = join(context, "Dockerfile");
  // Before it is loaded no breakpoint is bound.
  const breakpoint = { path, line: 2, verified: false };
  await client.hitBreakpoint({ contextPath: context, noCache: true, ...launch }, breakpoint);
  await Promise.all([
    client.nextRequest({ threadId: 1 }),
    client.assertOutput("stdout", "one\n"),
    client.assertStoppedLocation("step", { path, line: 3 }),
  ]);
  const { body } = await client.stackTraceRequest({ threadId: 1 });
  const [frame] = body.stackFrames;
  const { body: scoped } = await client.scopesRequest({ frameId: frame?.id ?? 0 });
  expect(scoped.scopes.length).toBeGreaterThan(2);
  await Promise.all([
    client.continueRequest({ threadId: 1 }),
    client.assertStoppedLocation("exception", { path, line: 4 }),
  ]);
  const { body: failed } = await client.exceptionInfoRequest({ threadId: 1 });
  expect(failed.exceptionId).toBe("exit code 3");
  await Promise.all([client.waitForEvent("terminated"), client.terminateRequest({})]);
}

describe.each(testEngines())("$name", (engine) => {
  test("over standard streams", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using adapter = await overStreams(engine);
    await session(adapter.client, context.path, {});
  });

  test("over a port of this machine, with its token", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using server = await listenDap(["--listen=tcp:127.0.0.1:0"], { engine });
    const { port, token } = server.listening;
    const client = new DebugClient("none", "none", "bktui");
    client.defaultTimeout = WAIT_MS;
    await client.start(port);
    await session(client, context.path, { token });
    await client.stop();
  });
});
