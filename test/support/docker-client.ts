/** Docker's own clients, as they came with the test engines: what bktui is compared with. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { engineVariables } from "./engine-variables.ts";
import { type Ended, run } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";

interface ClientOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
}

/** `docker ARGS`, with a home of its own, so that no configuration of this machine counts. */
export async function docker(
  engine: TestEngine,
  args: readonly string[],
  options: ClientOptions = {},
): Promise<Ended> {
  return await runClient(engine, programOf(engine, "docker"), args, options);
}

/** `docker build ARGS` with BuildKit, by buildx where the engine came with it; `args.load` keeps the image. */
export async function dockerBuild(
  engine: TestEngine,
  args: readonly string[],
  { load = false, ...options }: ClientOptions & { readonly load?: boolean } = {},
): Promise<Ended> {
  // The docker of 20.10 came without buildx, and always keeps the image.
  const buildx = programOf(engine, "docker-buildx");
  return existsSync(buildx)
    ? await runClient(engine, buildx, ["build", ...(load ? ["--load"] : []), ...args], options)
    : await runClient(engine, programOf(engine, "docker"), ["build", ...args], options);
}

/**
 * `docker buildx build ARGS` as people type it, docker with buildx as its plugin, which makes a difference for exit codes;
 * on an engine that came without buildx by the newest client of the test engines.
 */
export async function dockerBuildx(
  engine: TestEngine,
  args: readonly string[],
  {
    env: own = {},
    command = "build",
    ...options
  }: ClientOptions & {
    readonly env?: Readonly<Record<string, string>>;
    /** "raw": the words of `args` themselves. */
    readonly command?: "build" | "bake" | "raw";
  } = {},
): Promise<Ended> {
  const client = withBuildx(engine);
  const home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  try {
    const plugins = join(own["DOCKER_CONFIG"] ?? join(home, ".docker"), "cli-plugins");
    await mkdir(plugins, { recursive: true });
    await symlink(programOf(client, "docker-buildx"), join(plugins, "docker-buildx")).catch(() => undefined);
    const env = { ...engineVariables(engine), HOME: home, ...own };
    return await run(
      programOf(client, "docker"),
      ["buildx", ...(command === "raw" ? [] : [command]), ...args],
      { ...options, env },
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Where docker and docker-buildx are; "" = they are on PATH already. */
export function buildxDirectory(engine: TestEngine): string {
  return withBuildx(engine).binDir ?? "";
}

/** The engine, or another one that came with buildx. */
function withBuildx(engine: TestEngine): TestEngine {
  const client = [engine, ...inject("engines")].find((each) => existsSync(programOf(each, "docker-buildx")));
  if (client === undefined) throw new Error("no test engine came with docker-buildx");
  return client;
}

function programOf({ binDir }: TestEngine, name: string): string {
  return binDir === undefined ? name : join(binDir, name);
}

async function runClient(
  engine: TestEngine,
  program: string,
  args: readonly string[],
  options: ClientOptions,
): Promise<Ended> {
  const home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  try {
    const env = { ...engineVariables(engine), DOCKER_BUILDKIT: "1", HOME: home };
    return await run(program, args, { ...options, env });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
