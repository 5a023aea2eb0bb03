/** `bktui plugin` before docker's real buildx: docker's editors get bktui, everything else is as it was. */
import { mkdir, mkdtemp, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startDap } from "../support/dap-program.ts";
import { buildxDirectory } from "../support/docker-client.ts";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { processesWith } from "../support/processes.ts";
import { type Ended, run, runBktui } from "../support/program.ts";
import type { TestEngine } from "../support/test-engine.ts";

const DOCKERFILE = "FROM busybox:1.36\nRUN echo one\nRUN exit 3\n";

/** Docker's client with buildx as the user's own plugin. */
class Docker implements AsyncDisposable {
  readonly config: string;
  readonly #engine: TestEngine;
  readonly #bin: string;

  private constructor(config: string, engine: TestEngine) {
    this.config = config;
    this.#engine = engine;
    this.#bin = buildxDirectory(engine);
  }

  static async start(engine: TestEngine): Promise<Docker> {
    const docker = new Docker(await mkdtemp(join(tmpdir(), "bktui-docker-")), engine);
    await mkdir(join(docker.config, "cli-plugins"));
    await symlink(docker.real, docker.plugin);
    return docker;
  }

  get real(): string {
    return join(this.#bin, "docker-buildx");
  }

  get plugin(): string {
    return join(this.config, "cli-plugins", "docker-buildx");
  }

  get program(): string {
    return join(this.#bin, "docker");
  }

  get env(): Readonly<Record<string, string>> {
    return { ...engineVariables(this.#engine), DOCKER_CONFIG: this.config, HOME: this.config };
  }

  async do(...args: readonly string[]): Promise<Ended> {
    return await run(this.program, args, { env: this.env });
  }

  async install(...args: readonly string[]): Promise<Ended> {
    return await runBktui(["plugin", ...args], { env: { DOCKER_CONFIG: this.config } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.config, { recursive: true, force: true });
  }
}

function engineOf(): TestEngine {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  return engine;
}

test("docker answers as before, with the script and without it again", async () => {
  await using docker = await Docker.start(engineOf());
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  const looks = async (): Promise<readonly object[]> => {
    const lines = [
      ["buildx", "version"],
      ["buildx", "--no-such"],
      ["buildx", "inspect", "no-such-builder"],
      ["buildx", "no-such-command"],
      ["--help"],
    ];
    const ended = [];
    for (const line of lines) ended.push(await docker.do(...line));
    const failed = await docker.do("buildx", "build", "--progress=plain", context.path);
    const info = await docker.do(
      "info",
      "--format",
      "{{json .ClientInfo.Plugins}} {{json .ClientInfo.Warnings}}",
    );
    return [
      ...ended,
      { exitCode: failed.exitCode },
      { warnings: info.stdout.split("] ").at(-1), err: info.stderr },
    ];
  };
  const before = await looks();
  expect(before[0]).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("buildx") });
  expect(before[5]).toEqual({ exitCode: 1 });
  const installed = await docker.install("install", "--dap");
  expect(installed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(installed.stdout).toContain(docker.plugin);
  expect(await looks()).toEqual(before);
  expect(await docker.install("status")).toMatchObject({ exitCode: 0 });
  expect((await docker.install("install", "--dap")).stdout).toMatch(/^already installed/);
  expect(await docker.install("remove")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readlink(docker.plugin)).toBe(docker.real);
  expect(await looks()).toEqual(before);
});

test("an editor that starts docker buildx dap build gets bktui, also with docker's own options", async () => {
  const engine = engineOf();
  await using docker = await Docker.start(engine);
  await docker.install("install", "--dap");
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  for (const argv of [
    ["buildx", "dap", "build"],
    ["--log-level", "error", "buildx", "--builder", "default", "dap", "build", ""],
  ]) {
    await using dap = await startDap(argv, { engine, env: docker.env, command: [docker.program] });
    const { client } = dap;
    await client.request("initialize", { adapterID: "dockerfile" });
    await client.request("configurationDone");
    await client.request("launch", { request: "launch", contextPath: context.path });
    const stopped = await client.event("stopped");
    expect(stopped).toMatchObject({ reason: "exception" });
    await client.request("disconnect");
    expect([await dap.ended(), dap.stderr()]).toEqual([0, ""]);
  }
});

test("a docker that is told to end takes bktui with it", async () => {
  const engine = engineOf();
  await using docker = await Docker.start(engine);
  await docker.install("install", "--dap");
  await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
  await using dap = await startDap(["buildx", "dap", "build", `--build-arg=MARK=${docker.config}`], {
    engine,
    env: docker.env,
    command: [docker.program],
  });
  const { client } = dap;
  await client.request("initialize", { adapterID: "dockerfile" });
  await client.request("configurationDone");
  await client.request("launch", { contextPath: context.path, stopOnEntry: true });
  await client.event("stopped");
  const mark = `--build-arg=MARK=${docker.config}`;
  expect(processesWith(mark)).toHaveLength(2);
  dap.child.kill("SIGTERM");
  await dap.ended();
  expect(processesWith(mark)).toEqual([]);
});
