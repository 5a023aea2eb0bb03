/** How a session is begun, paused, given up, run again and left. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild, startDap } from "../../support/dap-program.ts";
import { testEngines } from "../../support/engines.ts";
import { running } from "../../support/processes.ts";

covers("launch", "configurationDone", "pause", "cancel", "restart", "terminate", "disconnect");
covers("supportsTerminateRequest", "supportTerminateDebuggee", "supportsCancelRequest");

/** Processes of this test alone. */
const seconds = (): string => `sleep ${String(100_000 + (Math.floor(performance.now() * 1000) % 800_000))}`;

describe.each(testEngines())("$name", (engine) => {
  test("a build that runs is paused behind its step, and terminated with its processes", async () => {
    const sleep = seconds();
    const Dockerfile = `FROM busybox:1.36\nRUN echo ready && sleep 2\nRUN echo next && ${sleep}\nRUN echo never\n`;
    await using dap = await debugBuild(engine, {
      files: { Dockerfile },
      launch: { noCache: true, stopOnEntry: false },
    });
    const { client } = dap;
    await client.request("configurationDone");
    await client.event("output", ({ output }) => output.includes("ready"));
    expect(await client.ask("stackTrace", { threadId: 1 })).toMatchObject({
      success: false,
      message: expect.stringMatching(/running/),
    });
    await client.request("pause", { threadId: 1 });
    expect(await client.stop()).toMatchObject({ stopped: { reason: "pause" }, frames: [{ line: 3 }] });
    await client.request("continue", { threadId: 1 });
    await vi.waitFor(() => expect(running(sleep)).toBe(1), { timeout: 20_000, interval: 50 });
    await client.request("terminate");
    await client.event("terminated");
    await vi.waitFor(() => expect(running(sleep)).toBe(0), { timeout: 20_000, interval: 50 });
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });

  test("a restart takes what was edited, another launch body, and says why a build cannot begin", async () => {
    const files = { Dockerfile: 'FROM busybox:1.36\nARG WORD=one\nRUN echo "word $WORD"\n' };
    await using dap = await debugBuild(engine, { files, launch: { noCache: true, stopOnEntry: false } });
    const { client } = dap;
    await client.request("configurationDone");
    await client.event("exited");
    await client.event("terminated");
    await writeFile(dap.dockerfile, "FROM busybox:1.36\nRUNN nothing\n");
    await client.request("restart");
    expect(await client.stop()).toMatchObject({ stopped: { reason: "exception" }, frames: [{ line: 2 }] });
    await writeFile(dap.dockerfile, `${files.Dockerfile}RUN echo edited\n`);
    await client.request("restart", { arguments: { stopOnEntry: false, buildArgs: { WORD: "two" } } });
    await client.event("exited", ({ exitCode }) => exitCode === 0);
    expect(client.output("stdout")).toMatch(/^word one\nword two\nedited\n$/);
    expect(await client.ask("restart", { arguments: { dockerfile: 7 } })).toMatchObject({
      success: false,
      message: expect.stringMatching(/dockerfile/),
    });
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });
});

const [engine] = testEngines();

test("leaving ends a build that was launched; what it had runs no more", async () => {
  const sleep = seconds();
  const files = { Dockerfile: `FROM busybox:1.36\nRUN ${sleep}\n` };
  await using dap = await debugBuild(engine ?? expect.unreachable(), {
    files,
    launch: { noCache: true, stopOnEntry: false },
  });
  const { client } = dap;
  await client.request("configurationDone");
  await vi.waitFor(() => expect(running(sleep)).toBe(1), { timeout: 20_000, interval: 50 });
  await client.request("disconnect", { terminateDebuggee: true });
  await client.over();
  expect(await dap.ended()).toBe(0);
  await vi.waitFor(() => expect(running(sleep)).toBe(0), { timeout: 20_000, interval: 50 });
});

test("a launch that waits is given up, and another one may follow", async () => {
  await using dap = await startDap(["dap"], {});
  const { client } = dap;
  await client.request("initialize", {});
  // An address that nothing answers from: it belongs to documentation.
  const launch = client.send("launch", { contextPath: "/", env: { BUILDKIT_HOST: "tcp://192.0.2.1:1234" } });
  await client.request("cancel", { requestId: launch });
  expect(await client.answerTo(launch)).toMatchObject({ success: false });
  expect(await client.ask("launch", { contextPath: "/no/such/place" })).toMatchObject({ success: false });
  await client.request("cancel", { requestId: 4711 });
  await client.request("disconnect");
  expect(await dap.ended()).toBe(0);
});

test("a program in the step's state is given up", async () => {
  const sleep = seconds();
  const files = { Dockerfile: "FROM busybox:1.36\nRUN echo one\nRUN echo two\n" };
  await using dap = await debugBuild(engine ?? expect.unreachable(), { files, launch: { noCache: true } });
  const { client } = dap;
  await dap.begin();
  await client.request("next", { threadId: 1 });
  const { frames } = await client.stop();
  const asked = client.send("evaluate", {
    expression: `! ${sleep}`,
    context: "repl",
    frameId: frames[0]?.id,
  });
  await vi.waitFor(() => expect(running(sleep)).toBe(1), { timeout: 20_000, interval: 50 });
  await client.request("cancel", { requestId: asked });
  expect(await client.answerTo(asked)).toMatchObject({ success: false, message: "cancelled" });
  await vi.waitFor(() => expect(running(sleep)).toBe(0), { timeout: 20_000, interval: 50 });
  await rm(join(dap.context.path, "Dockerfile"));
  await client.request("disconnect");
  expect(await dap.ended()).toBe(0);
});

test("two launches and a late configuration are refused in words for the user", async () => {
  const files = { Dockerfile: "FROM busybox:1.36\nRUN echo one\n" };
  await using dap = await debugBuild(engine ?? expect.unreachable(), { files });
  const { client } = dap;
  await dap.begin();
  for (const [command, args] of [
    ["launch", { contextPath: dap.context.path }],
    ["configurationDone", undefined],
    ["initialize", {}],
  ] as const)
    expect(await client.ask(command, args)).toMatchObject({
      success: false,
      body: { error: { showUser: true } },
    });
  await client.request("disconnect");
  expect(await dap.ended()).toBe(0);
});
