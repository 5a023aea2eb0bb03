import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { locateEngine } from "../../../src/engine/locate/locate.ts";
import { engineCommand } from "../../../src/engine/private/commands.ts";
import { engineHome, prepareSocketDirectory } from "../../../src/engine/private/home/home.ts";
import {
  type EngineStatus,
  type PrivateEngine,
  purgePrivateEngine,
  startPrivateEngine,
  statusOf,
  stopPrivateEngine,
} from "../../../src/engine/private/private-engine.ts";
import { busyboxContext } from "../../support/engines.ts";

const run = promisify(execFile);
const { signal } = new AbortController();
/** An engine of the same packages as the newest one under test; none when the engines were given from outside. */
const suite = inject("privateSuite");
const starter = join(import.meta.dirname, "../../support/start-engine.ts");

describe.runIf(suite !== undefined)("an engine of bktui's own", () => {
  let base = "";
  let directory = "";

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "bktui-own-"));
    directory = join(base, "engine");
  });
  afterEach(async () => {
    await purgePrivateEngine(directory, { signal });
    await rm(base, { recursive: true });
  });

  function start(): Promise<PrivateEngine> {
    const options = { kind: "dockerd", suite, directory, network: "isolated" } as const;
    return startPrivateEngine({ ...options, onProgress: () => undefined }, { signal });
  }

  test("outlives the process that started it and is found running by the next one", async () => {
    await run(process.execPath, ["--import", "tsx", starter, directory, suite ?? ""]);
    const status = running(await statusOf(directory));
    expect((await start()).address).toEqual(status.engine.address);
    expect(running(await statusOf(directory)).pid).toBe(status.pid);
    expect(
      await engineCommand("status", { directory, onProgress: () => undefined }, { signal }),
    ).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining(status.engine.address.text),
    });
  });

  test("is started once when two want it at the same time", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(second).toEqual(first);
    expect(await daemonsOf(directory)).toHaveLength(1);
  });

  test("S36 · is used by whoever names it, and only its user can enter its directories", async () => {
    const { address } = await start();
    const options = { addr: undefined, policy: "never", onProgress: () => undefined } as const;
    const env = { HOME: base, DOCKER_HOST: address.text };
    expect(await locateEngine({ ...options, env }, { signal })).toMatchObject({
      address,
      origin: "DOCKER_HOST",
      docker: address,
    });
    for (const path of [directory, dirname(socketOf(address.text))]) {
      expect((await stat(path)).mode & 0o077).toBe(0);
    }
  });

  test("R06 · leaves nothing behind when it is stopped in the middle of a step", async () => {
    const before = await surroundings();
    const engine = await start();
    await using step = await runningStep(engine);
    expect(await cgroupsOf(directory)).not.toEqual([]);
    expect(await stopPrivateEngine(directory, { signal })).toBe(true);
    await step.ended;
    expect(await processesWith(step.marker)).toEqual([]);
    expect(await daemonsOf(directory)).toEqual([]);
    await expect(access(socketOf(engine.address.text))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await surroundings()).toEqual(before);
    expect(await cgroupsOf(directory)).toEqual([]);
    expect(await statusOf(directory)).toEqual({ kind: "stopped" });
    expect(await stopPrivateEngine(directory, { signal })).toBe(false);
  });

  test("R07 · takes its steps along when its first process is killed, and starts again on the same cache", async () => {
    const before = await surroundings();
    const engine = await start();
    await using step = await runningStep(engine);
    process.kill(running(await statusOf(directory)).pid, "SIGKILL");
    await step.ended;
    await vi.waitFor(async () => {
      expect(await processesWith(step.marker)).toEqual([]);
      expect(await daemonsOf(directory)).toEqual([]);
    });
    expect(await statusOf(directory)).toEqual({ kind: "stopped" });
    expect((await start()).address).toEqual(engine.address);
    await stopPrivateEngine(directory, { signal });
    expect(await surroundings()).toEqual(before);
    expect(await cgroupsOf(directory)).toEqual([]);
  });

  test("that cannot start says why and leaves nothing behind", async () => {
    const sockets = await prepareSocketDirectory(engineHome(directory));
    const start = startPrivateEngine(
      { kind: "dockerd", suite: "no-such-suite", directory, onProgress: () => undefined },
      { signal },
    );
    await expect(start).rejects.toMatchObject({
      code: "no-engine",
      message: expect.stringContaining("no-such-suite"),
    });
    expect(await statusOf(directory)).toEqual({ kind: "stopped" });
    await expect(access(sockets)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

function running(status: EngineStatus): EngineStatus & { readonly kind: "running" } {
  if (status.kind !== "running") throw new Error("the engine does not run");
  return status;
}

function socketOf(text: string): string {
  return text.replace("unix://", "");
}

interface RunningStep extends AsyncDisposable {
  /** A number in the command line of the step's process. */
  readonly marker: string;
  /** Resolves when the client has ended. */
  readonly ended: Promise<unknown>;
}

/** Builds a step that never ends; resolves once its process runs. */
async function runningStep(engine: PrivateEngine): Promise<RunningStep> {
  const marker = String(1_000_000 + Math.floor(Math.random() * 8_000_000));
  const dockerfile = `FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sleep", "${marker}"]\n`;
  const context = await busyboxContext({ files: { Dockerfile: dockerfile } });
  const client = spawn(join(engine.binDir ?? "", "docker-buildx"), ["build", context.path], {
    env: { ...process.env, DOCKER_HOST: engine.address.text },
    stdio: "ignore",
  });
  const ended = once(client, "exit");
  await vi.waitFor(async () => expect(await processesWith(`sleep\0${marker}`)).not.toEqual([]), 20_000);
  return {
    marker,
    ended,
    [Symbol.asyncDispose]: async () => {
      client.kill("SIGKILL");
      await ended;
      await context[Symbol.asyncDispose]();
    },
  };
}

/** Command lines of all processes, arguments separated by NUL. */
async function commandLines(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // A process may end between listing and reading.
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}

async function processesWith(text: string): Promise<readonly string[]> {
  return (await commandLines()).filter((line) => line.includes(text));
}

async function daemonsOf(directory: string): Promise<readonly string[]> {
  return (await processesWith(`${directory}/`)).filter((line) => /^[^\0]*\/dockerd\0/.test(line));
}

/** What an engine might change on this machine. */
async function surroundings(): Promise<unknown> {
  const devices = await readFile("/proc/net/dev", "utf8");
  const mounts = await readFile("/proc/self/mounts", "utf8");
  return {
    interfaces: [...devices.matchAll(/^ *([^ :]+):/gm)].map(([, name]) => name),
    mounts: mounts.split("\n").filter((line) => line.includes("bktui-own")),
    names: await Promise.all(["/etc", "/opt", "/run"].map((path) => readdir(path))),
  };
}

async function cgroupsOf(directory: string): Promise<readonly string[]> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  const points = [...mounts.matchAll(/^\S+ (\S+) cgroup2? /gm)].map(([, point]) => point ?? "");
  const { name } = engineHome(directory);
  const found = points.map(async (point) => ((await readdir(point)).includes(name) ? [point] : []));
  return (await Promise.all(found)).flat();
}
