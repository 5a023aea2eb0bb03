/** A home in which docker's own client and buildx keep what they are told; both came with the newest test engine. */
import { existsSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { testEngines } from "./engines.ts";
import { run } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";

export interface ClientHome extends AsyncDisposable {
  /** Absolute; `.docker` is in it. */
  readonly path: string;
  /** What bktui and docker are told: this home, PATH with docker, and whatever else is given. */
  env(more?: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Runs `docker ARGS`; answers its output. @throws {Error} with its words when it fails. */
  docker(args: readonly string[], more?: Readonly<Record<string, string>>): Promise<string>;
}

/** The programs of the newest engine that came with buildx; undefined = none did. */
function clientDirectory(): string | undefined {
  return testEngines()
    .map(({ binDir }) => binDir)
    .find((directory) => directory !== undefined && existsSync(join(directory, "docker-buildx")));
}

/** The file of the real buildx. */
export function buildxProgram(): string {
  return realpathSync(join(clientDirectory() ?? "/nonexistent", "docker-buildx"));
}

/** Why these tests cannot run here; undefined = they can. */
export function whyNoBuildx(): string | undefined {
  return clientDirectory() === undefined
    ? "needs docker-buildx, which came with no engine of this run"
    : undefined;
}

export async function clientHome(engine: TestEngine): Promise<ClientHome> {
  const path = await mkdtemp(join(tmpdir(), "bktui-client-"));
  const plugins = join(path, ".docker/cli-plugins");
  await mkdir(plugins, { recursive: true });
  await symlink(buildxProgram(), join(plugins, "docker-buildx"));
  const programs = [clientDirectory() ?? "", process.env["PATH"] ?? ""].join(delimiter);
  const env: ClientHome["env"] = (more = {}) => ({ HOME: path, PATH: programs, ...more });
  return {
    path,
    env,
    docker: async (args, more = { DOCKER_HOST: engine.dockerHost }) => {
      const ended = await run("docker", args, { env: env(more) });
      if (ended.exitCode === 0) return ended.stdout;
      throw new Error(`docker ${args.join(" ")} ended with ${ended.exitCode}: ${ended.stderr}`);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
