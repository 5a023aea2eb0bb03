import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { busyboxContext, forEachEngine, testEngines } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const run = promisify(execFile);

forEachEngine((engine) => {
  test("a seeded image is found by its ordinary name and runs", async () => {
    const dockerfile = "FROM busybox:1.36\nRUN id -un && env echo works >/result && cat /result\n";
    await using context = await busyboxContext({ files: { Dockerfile: dockerfile } });
    const { stderr } = await build(engine, context.path);
    expect(stderr).toMatch(/^#\d+ [\d.]+ root$/m);
    expect(stderr).toMatch(/^#\d+ [\d.]+ works$/m);
  });

  test("what a step writes is not clipped", async () => {
    const long = "head -c 5000000 /dev/zero | tr '\\0' x | fold -w 4000";
    const dockerfile = `FROM busybox:1.36\nRUN ${long}; echo; echo end of it\n`;
    await using context = await busyboxContext({ files: { Dockerfile: dockerfile } });
    const { stderr } = await build(engine, context.path);
    expect(stderr).not.toContain("output clipped");
    expect(stderr).toMatch(/end of it/);
  });
});

async function build(engine: TestEngine, context: string): Promise<{ readonly stderr: string }> {
  const env = { ...process.env, DOCKER_HOST: engine.dockerHost };
  const args = ["build", "--no-cache", "--progress=plain", context];
  return await run(buildx(), args, { env, maxBuffer: 64 * 1024 * 1024 });
}

/** Of whichever engine has one; the build command of the 20.10 client spins for minutes on a large log. */
function buildx(): string {
  const binDir = testEngines().find(
    ({ version }) => version !== undefined && !version.startsWith("20."),
  )?.binDir;
  return binDir === undefined ? "docker-buildx" : join(binDir, "docker-buildx");
}
