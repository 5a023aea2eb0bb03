/** `bktui dap --listen` and `bktui dap attach`: who may come in, and several editors on one build. */
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { covers } from "../support/dap-covers.ts";
import { startDap } from "../support/dap-program.ts";
import { connected, listenDap } from "../support/dap-server.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { run, runBktui } from "../support/program.ts";

covers("attach", "disconnect", "supportSuspendDebuggee");

const DOCKERFILE = `FROM busybox:1.36 AS base
RUN echo one > /one
RUN echo two > /two
RUN echo three > /three
`;

const isRoot = process.getuid?.() === 0;

async function runtimeDirectory(): Promise<
  AsyncDisposable & { readonly env: Readonly<Record<string, string>> }
> {
  const path = await mkdtemp(join(tmpdir(), "bktui-run-"));
  return {
    env: { XDG_RUNTIME_DIR: path },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Connects as nobody; prints how many bytes it was sent before the end, or the error. */
const AS_NOBODY = `
const socket = require("node:net").connect(JSON.parse(process.argv[1]));
let bytes = 0;
socket.on("connect", () => socket.write('Content-Length: 69\\r\\n\\r\\n{"seq":1,"type":"request","command":"initialize","arguments":{"a":1}}'));
socket.on("data", (chunk) => { bytes += chunk.length; });
socket.on("error", (error) => { if (error.code !== "ECONNRESET" && error.code !== "EPIPE") console.log(error.code); });
socket.on("close", () => console.log("bytes", bytes));
`;

async function asNobody(options: object): Promise<string> {
  const words = [process.execPath, "-e", AS_NOBODY, JSON.stringify(options)];
  const ended = await run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...words]);
  return ended.stdout.trim();
}

describe.each(testEngines())("$name", (engine) => {
  test("two editors on one build: a step of one is seen by the other, and the build outlives who leaves it", async () => {
    await using runtime = await runtimeDirectory();
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using server = await listenDap(["--listen=unix:both"], { engine, env: runtime.env });
    await using one = await server.client();
    await one.request("launch", { contextPath: context.path, stopOnEntry: true });
    await one.event("initialized");
    const session = /"session": "([^"]+)"/.exec(one.output())?.[1];
    expect(session).toMatch(/^bktui-context-.*-[0-9a-f]{4}$/);
    await one.request("configurationDone");
    const first = await one.stop();
    await using two = await server.client();
    await two.request("attach", { session });
    await two.request("configurationDone");
    const joined = await two.stop();
    expect(joined.frames[0]?.line).toBe(first.frames[0]?.line);
    await two.request("next", { threadId: 1 });
    const [seen, own] = [await one.stop(), await two.stop()];
    expect(seen.frames[0]?.line).toBe(own.frames[0]?.line);
    expect(seen.frames[0]?.line).not.toBe(first.frames[0]?.line);
    // Whoever has launched it leaves it to the others.
    await one.request("disconnect", { terminateDebuggee: false });
    await one.over();
    await two.request("next", { threadId: 1 });
    await two.stop();
    await two.request("disconnect");
    await two.over();
    await using three = await server.client();
    await three.request("attach", {});
    await three.request("configurationDone");
    await three.stop();
    await three.request("continue", { threadId: 1 });
    await three.event("terminated");
    await three.request("disconnect", { terminateDebuggee: true });
    await three.over();
    await using four = await server.client();
    expect(await four.ask("attach", {})).toMatchObject({
      success: false,
      message: expect.stringContaining("no build is debugged here"),
    });
    expect(server.stdout().trim().split("\n")).toHaveLength(1);
  });

  test("an editor that leaves with suspendDebuggee leaves a build that pauses before its next step", async () => {
    await using runtime = await runtimeDirectory();
    const Dockerfile = `FROM busybox:1.36\nRUN echo begun ${process.pid} && sleep 2\nRUN echo not yet ${process.pid}\n`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    await using server = await listenDap(["--listen=unix:suspended"], { engine, env: runtime.env });
    await using one = await server.client();
    await one.request("launch", { contextPath: context.path });
    await one.request("configurationDone");
    await one.event("output", ({ output }) => output.startsWith("begun"));
    await one.request("disconnect", { suspendDebuggee: true });
    await one.over();
    await using two = await server.client();
    await two.request("attach", {});
    await two.request("configurationDone");
    const { stopped, frames } = await two.stop();
    expect(stopped.reason).toBe("pause");
    expect(frames[0]?.line).toBe(3);
    await two.request("disconnect", { terminateDebuggee: true });
    await two.over();
  });

  test("an editor that can only start programs comes in by bktui dap attach", async () => {
    await using runtime = await runtimeDirectory();
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using server = await listenDap(["--listen", "bridged"], { engine, env: runtime.env });
    await using one = await server.client();
    await one.request("configurationDone");
    await one.request("launch", { contextPath: context.path, stopOnEntry: true });
    await one.stop();
    for (const words of [
      ["dap", "attach"],
      ["dap", "attach", "bridged"],
      ["dap", "attach", server.listening.path ?? ""],
    ]) {
      await using bridge = await startDap(words, { env: runtime.env });
      const { client } = bridge;
      await client.request("initialize", { adapterID: "x" });
      await client.request("configurationDone");
      await client.request("attach", {});
      await client.stop();
      await client.request("disconnect");
      expect([await bridge.ended(), bridge.stderr()]).toEqual([0, ""]);
    }
    await one.request("next", { threadId: 1 });
    await one.stop();
  });
});

const [engine] = testEngines();

describe("who may come in", () => {
  test("S32 · a socket is its user's alone, in a folder of its own", async () => {
    await using runtime = await runtimeDirectory();
    await using server = await listenDap(["--listen=unix:rights"], { env: runtime.env });
    const path = server.listening.path ?? "";
    expect(basename(path)).toBe("rights.sock");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect(server.listening.token).toBeUndefined();
    if (isRoot) expect(await asNobody({ path })).toBe("EACCES\nbytes 0");
    const again = await runBktui(["dap", "--listen=unix:rights"], { env: runtime.env });
    expect([again.exitCode, again.stderr]).toEqual([
      125,
      expect.stringContaining("another build has this name"),
    ]);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(143);
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  test("S32 · a path is taken in a directory of this user alone", async () => {
    const directory = await mkdtemp(join(tmpdir(), "bktui-open-"));
    try {
      await mkdir(join(directory, "own"), { mode: 0o700 });
      await using server = await listenDap([`--listen=unix:${directory}/own/x.sock`], {});
      expect(server.listening.path).toBe(`${directory}/own/x.sock`);
      await chmod(directory, 0o755);
      const refused = await runBktui(["dap", `--listen=unix:${directory}/x.sock`]);
      expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
      expect(refused.stderr).toContain("is not a directory that only this user can enter");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test.each(["127.0.0.1", "[::1]"])(
    "S35 · TCP at %s is this machine's alone, and only its user is answered",
    async (host) => {
      await using server = await listenDap([`--listen=tcp:${host}:0`], {});
      const { port = 0, token = "" } = server.listening;
      expect(token).toMatch(/^[\w-]{32}$/);
      const listed = await run("ss", ["-Hltn", `sport = :${port}`]);
      expect(
        listed.stdout
          .trim()
          .split("\n")
          .map((line) => line.trim().split(/\s+/)[3]),
      ).toEqual([`${host}:${port}`]);
      if (isRoot) {
        expect(await asNobody({ host: server.listening.host, port })).toBe("bytes 0");
        expect(server.stderr()).toContain("a program of another user was refused");
      }
      for (const place of ["tcp:0.0.0.0:0", "tcp:[::]:0"]) {
        const refused = await runBktui(["dap", `--listen=${place}`]);
        expect([refused.exitCode, refused.stdout]).toEqual([125, ""]);
        expect(refused.stderr).toContain("other machines could reach it");
      }
    },
  );

  test("S32 · over TCP nothing begins without the token, and who guesses is sent away", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    await using server = await listenDap(["--listen=tcp:127.0.0.1:0"], { engine });
    await using guest = await server.client();
    for (const token of [undefined, 5]) {
      const answer = await guest.ask("launch", { contextPath: context.path, token });
      expect(answer).toMatchObject({ success: false, message: expect.stringMatching(/token/) });
    }
    const last = await guest.ask("attach", { token: "x" });
    expect(last.message).toContain("the token is not that of this server");
    await guest.over();
    await using client = await server.client();
    await client.request("configurationDone");
    await client.request("launch", {
      contextPath: context.path,
      stopOnEntry: true,
      token: server.listening.token,
    });
    await client.stop();
    await using bridge = await startDap(["dap", "attach", `tcp:127.0.0.1:${server.listening.port}`], {});
    await bridge.client.request("initialize", { adapterID: "x" });
    await bridge.client.request("configurationDone");
    await bridge.client.request("attach", { token: server.listening.token });
    await bridge.client.stop();
    expect(JSON.stringify(client.messages)).not.toContain(server.listening.token);
    await client.request("disconnect");
  });
});

test("an editor that is killed leaves its build to the next one, and a server that was killed its name", async () => {
  await using runtime = await runtimeDirectory();
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  await using killed = await listenDap(["--listen=unix:name"], { engine, env: runtime.env });
  killed.child.kill("SIGKILL");
  await killed.ended();
  await using server = await listenDap(["--listen=unix:name"], { engine, env: runtime.env });
  const one = await server.client();
  await one.request("configurationDone");
  await one.request("launch", { contextPath: context.path, stopOnEntry: true });
  await one.stop();
  await one.request("next", { threadId: 1 });
  const { frames } = await one.stop();
  await one[Symbol.asyncDispose]();
  await using two = await server.client();
  await two.request("attach", {});
  await two.request("configurationDone");
  expect((await two.stop()).frames[0]?.line).toBe(frames[0]?.line);
  await two.request("terminate");
  await two.event("terminated");
});

test("a bridge to nowhere says so in the answer to the launch", async () => {
  await using runtime = await runtimeDirectory();
  await using bridge = await startDap(["dap", "attach", "nowhere"], { env: runtime.env });
  const { client } = bridge;
  await client.request("initialize", { adapterID: "x" });
  const answer = await client.ask("launch", {});
  expect(answer).toMatchObject({
    success: false,
    message: expect.stringContaining("no bktui waits for editors"),
  });
  await client.request("disconnect");
  expect(await bridge.ended()).toBe(1);
});

test("a server that is ended ends its builds and its clients", async () => {
  await using runtime = await runtimeDirectory();
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  await using server = await listenDap(["--listen=unix:ends"], { engine, env: runtime.env });
  await using client = await server.client();
  await client.request("configurationDone");
  await client.request("launch", { contextPath: context.path, stopOnEntry: true });
  await client.stop();
  const idle = await connected(server.listening);
  const closed = once(idle, "close");
  idle.resume();
  server.child.kill("SIGINT");
  expect(await server.ended()).toBe(130);
  await client.event("terminated");
  await client.over();
  await closed;
});
