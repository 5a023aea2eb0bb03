import { randomUUID } from "node:crypto";
import { appendFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { docker, dockerBuild } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { fixtureAt } from "../support/fixtures.ts";
import { runBktui } from "../support/program.ts";
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

/** Builds with docker's own client; resolves with the image id. */
async function dockersImage(
  { path }: TestContext,
  engine: TestEngine,
  options: readonly string[],
  name: string,
): Promise<string> {
  const build = await dockerBuild(engine, ["-t", name, ...options, "."], { cwd: path, load: true });
  expect(build.exitCode, build.stderr).toBe(0);
  return (await docker(engine, ["image", "inspect", "--format", "{{.Id}}", name])).stdout;
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
    expect(await dockersImage(context, engine, project.options, `${tag}-docker`)).toBe(stdout);
  });

  test("--run ends at a failing step with its output and exit code 1", async () => {
    await using context = await busyboxContext({ fixture: fixtureAt("fx") });
    const { exitCode, stdout, stderr } = await runBktui(["--run", context.path], { engine });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^step 7\/8 failed: exit code 1(?: after \S+)? · line 10: RUN echo two/m);
  });
});
