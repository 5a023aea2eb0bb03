import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { run, runBktui } from "../support/program.ts";
import type { TestEngine } from "../support/test-engine.ts";

const demo = fileURLToPath(new URL("../../demo", import.meta.url));

interface Project {
  readonly name: string;
  /** Options of both programs. */
  readonly options: readonly string[];
  prepare(context: TestContext): Promise<void>;
}

const PROJECTS: readonly Project[] = [
  {
    name: "stages shared by many",
    options: ["--label", "made=here"],
    prepare: async ({ path }) => await cp(fixtureAt("shared-stages"), path, { recursive: true }),
  },
  {
    name: "a demo that copies",
    options: ["--build-arg", "UNUSED=1", "--target", "config"],
    prepare: async ({ path }) => {
      await cp(join(demo, "copy-context"), path, { recursive: true });
      await appendFile(join(path, ".dockerignore"), "!prod.ini\n");
    },
  },
  {
    name: "a demo with secrets, caches and a user",
    options: ["--secret", "id=token,src=token.txt"],
    prepare: async ({ path }) => await cp(join(demo, "mounts"), path, { recursive: true }),
  },
];

/** Builds with docker's own client, buildx where the engine came with it; resolves with the image id. */
async function dockerBuild(
  { path }: TestContext,
  engine: TestEngine,
  args: readonly string[],
  name: string,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  const env = { ...engineVariables(engine), DOCKER_BUILDKIT: "1", HOME: home };
  try {
    // The docker of 20.10 came without buildx.
    const buildx = programOf(engine, "docker-buildx");
    const [client, load] = existsSync(buildx) ? [buildx, ["--load"]] : [programOf(engine, "docker"), []];
    const build = await run(client, ["build", ...load, "-t", name, ...args, "."], { cwd: path, env });
    expect(build.exitCode, build.stderr).toBe(0);
    const inspect = ["image", "inspect", "--format", "{{.Id}}", name];
    return (await run(programOf(engine, "docker"), inspect, { env })).stdout;
  } finally {
    await rm(home, { recursive: true });
  }
}

function programOf({ binDir }: TestEngine, name: string): string {
  return binDir === undefined ? name : join(binDir, name);
}

forEachEngine((engine) => {
  test.each(PROJECTS)("--run makes the image that docker build makes: $name", async (project) => {
    await using context = await busyboxContext({});
    await project.prepare(context);
    // Both may find what the other made, but not what an earlier test made.
    await appendFile(join(context.path, "Dockerfile"), `\nENV TEST=${randomUUID()}\n`);
    const tag = `bktui-test:${randomUUID()}`;
    const args = ["--run", "--load", "-t", tag, ...project.options, "."];
    const { exitCode, stdout, stderr } = await runBktui(args, { engine, cwd: context.path });
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(await dockerBuild(context, engine, project.options, `${tag}-docker`)).toBe(stdout);
  });

  test("--run ends at a failing step with its output and exit code 1", async () => {
    await using context = await busyboxContext({ fixture: fixtureAt("fx") });
    const { exitCode, stdout, stderr } = await runBktui(["--run", context.path], { engine });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^step 7\/8 failed: exit code 1(?: after \S+)? · line 10: RUN echo two/m);
  });
});
