/** An editor beside a screen, the line mode and --json: one debugger, and a step of one is seen by the others. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DapClient } from "../support/dap-client.ts";
import { covers } from "../support/dap-covers.ts";
import { type DapProgram, EDITOR, startDap } from "../support/dap-program.ts";
import { connected } from "../support/dap-server.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { JsonSession } from "../support/json-session.ts";
import { runBktui } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

covers("attach", "next", "disconnect");

const DOCKERFILE = `FROM busybox:1.36 AS base
RUN echo one > /one
RUN echo two > /two
RUN echo three > /three
`;

async function runtimeDirectory(): Promise<
  AsyncDisposable & { readonly env: Readonly<Record<string, string>> }
> {
  const path = await mkdtemp(join(tmpdir(), "bktui-run-"));
  return {
    env: { XDG_RUNTIME_DIR: path },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** An editor that comes in by `bktui dap attach NAME`; with `launch`, as some extensions can do nothing else. */
async function editor(
  env: Readonly<Record<string, string>>,
  request: "attach" | "launch" = "attach",
): Promise<DapProgram> {
  const dap = await startDap(["dap", "attach"], { env });
  await dap.client.request("initialize", EDITOR);
  await dap.client.request(request, { contextPath: "/no/such" });
  await dap.client.request("configurationDone");
  return dap;
}

describe.each(testEngines())("$name", (engine) => {
  test("a screen and an editor: a step taken in one is seen in the other", async () => {
    await using runtime = await runtimeDirectory();
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
    await using screen = await Terminal.start({
      engine,
      env: runtime.env,
      args: ["--dap=beside", context.path],
    });
    await screen.untilRow(1, /LOADED/);
    await screen.until(/editors attach with: bktui dap attach/);
    await using first = await editor(runtime.env);
    const { client } = first;
    expect((await client.stop()).frames[0]).toMatchObject({
      line: 1,
      source: { path: join(context.path, "Dockerfile") },
    });
    await client.request("next", { threadId: 1 });
    expect((await client.stop()).frames[0]?.line).toBe(2);
    await screen.untilRow(1, /PAUSED.*line 2/);
    screen.type("n");
    expect((await client.stop()).frames[0]?.line).toBe(3);
    await client.request("disconnect");
    expect(await first.ended()).toBe(0);
    // Whoever leaves ends nothing.
    await using second = await editor(runtime.env, "launch");
    expect((await second.client.stop()).frames[0]?.line).toBe(3);
    screen.type("q");
    screen.type("y");
    await second.client.event("terminated");
    await second.client.over();
  });
});

const [engine] = testEngines();

test("the console's dap lets editors in, on the screen", async () => {
  await using runtime = await runtimeDirectory();
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  if (engine === undefined) throw new Error("no engine");
  await using screen = await Terminal.start({ engine, env: runtime.env, args: [context.path] });
  await screen.untilRow(1, /LOADED/);
  screen.type(":dap unix:typed\r");
  await screen.until(/editors attach with: bktui dap attach/);
  await using first = await editor(runtime.env);
  await first.client.stop();
});

test("by lines and for programs, with a port and its token", async () => {
  if (engine === undefined) throw new Error("no engine");
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  await using session = await JsonSession.start([context.path], engine);
  await session.until(({ type }) => type === "answer");
  session.send({ id: "d", command: "dap tcp:127.0.0.1:0" });
  const { result } = await session.answer("d");
  expect(result?.kind).toBe("editors");
  const [, port = "", token = ""] =
    /^editors attach with: tcp:127\.0\.0\.1:(\d+), token (\S+)$/.exec(String(result?.["words"])) ?? [];
  const socket = await connected({ host: "127.0.0.1", port: Number(port) });
  await using client = new DapClient({ input: socket, output: socket });
  await client.request("initialize", EDITOR);
  expect(await client.ask("attach", { token: "x" })).toMatchObject({ success: false });
  await client.request("attach", { token });
  await client.request("configurationDone");
  await client.stop();
  session.send({ id: "n", command: "next" });
  expect((await session.answer("n")).ok).toBe(true);
  expect((await client.stop()).frames[0]?.line).toBe(2);
  session.send({ id: "again", command: "dap unix:other" });
  expect((await session.answer("again")).error?.message).toMatch(/^editors attach already/);
  session.send("quit");
  expect(await session.ended()).toBe(1);
  const lines = await runBktui(["--ui=plain", "--dap=tcp:127.0.0.1:0", context.path], {
    engine,
    input: "dap\nquit\n",
  });
  expect(lines.stdout.match(/editors attach with: tcp:127\.0\.0\.1:\d+, token \S+/g)).toHaveLength(2);
  const wrong = await runBktui(["--ui=plain", "--dap=tcp:0.0.0.0:0", context.path], {
    engine,
    input: "quit\n",
  });
  expect(wrong.stderr).toContain("other machines could reach it");
});

test("where nobody is there is nothing to be beside of", async () => {
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  const headless = await runBktui(["--run", "--dap", context.path], {});
  expect([headless.exitCode, headless.stderr]).toEqual([
    125,
    expect.stringContaining("runs without a terminal"),
  ]);
});
