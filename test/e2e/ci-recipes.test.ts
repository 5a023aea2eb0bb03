/** The commands of docs/how-to/ci.md, as they stand there: taken from the page and run. */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import { clientHome, whyNoBuildx } from "../support/client-home.ts";
import { docker } from "../support/docker-client.ts";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { PASSWORD, privateRegistry, USER } from "../support/private-registry.ts";
import { program, run } from "../support/program.ts";

const PAGE = fileURLToPath(new URL("../../docs/how-to/ci.md", import.meta.url));
const FAILING = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN echo never read > /before
RUN mkdir /left && echo made-by-the-step > /left/file && exit 3
`;

/** Blocks of the page's shell, and what its workflows run, in order. */
async function recipes(): Promise<readonly string[]> {
  const text = await readFile(PAGE, "utf8");
  return [...text.matchAll(/^```(sh|yaml)\n([\s\S]*?)^```$/gm)].flatMap(([, language, block = ""]) => {
    if (language === "sh") return [block];
    const lines = [...block.matchAll(/^ +- run: \|\n +(.*)$|^ +- (bktui .*)$/gm)];
    return lines.map(([, many, one]) => many ?? one ?? "");
  });
}

test.skipIf(whyNoBuildx() !== undefined)(
  "the recipes of the page do what it says",
  { timeout: 180_000 },
  async () => {
    const engine = testEngines().find(({ keepsFailedState }) => keepsFailedState);
    if (engine === undefined) throw new Error("no engine keeps a failed state");
    await using scope = new Scope();
    const bin = await mkdtemp(join(tmpdir(), "bktui-ci-"));
    scope.defer(() => rm(bin, { recursive: true }));
    await writeFile(join(bin, "bktui"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    await chmod(join(bin, "bktui"), 0o755);
    const home = scope.own(await clientHome(engine));
    const registry = scope.own(await privateRegistry(engine, inject("busybox"), { kind: "password" }));
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
    await writeFile(
      join(home.path, ".docker", "config.json"),
      JSON.stringify({ auths: { [registry.host]: { auth } } }),
    );
    const context = scope.own(await busyboxContext({ files: { Dockerfile: FAILING }, unique: true }));
    const image = `${registry.host}/ci/image`;
    const job = randomUUID();
    scope.defer(
      async () =>
        void (await docker(engine, ["image", "rm", "-f", "failed:latest", `${image}/failed:${job}`])),
    );
    const shell = async (script: string, input = ""): ReturnType<typeof run> =>
      await run(
        "sh",
        ["-ec", script.replaceAll("docker run --rm -it ", "docker run --rm -i --network=none ")],
        {
          cwd: context.path,
          input,
          env: home.env({
            ...engineVariables(engine),
            PATH: `${bin}${delimiter}${home.env()["PATH"]}`,
            CI_REGISTRY_IMAGE: image,
            CI_JOB_ID: job,
          }),
        },
      );
    const [github = "", load = "", record = "", gitlab = "", pulled = "", script = "", ...more] =
      await recipes();
    expect(more).toEqual([]);

    const built = await shell(github);
    expect(built.exitCode, built.stderr).toBe(1);
    expect(built.stderr).toMatch(/ {2}state {4}exported FAILED of step 4\/4: written to .*failed\.tar/);
    const loaded = await shell(load, "cat /left/file\n");
    expect(loaded.stdout, loaded.stderr).toContain("made-by-the-step");

    const plain = await shell("docker buildx build .");
    expect(plain.exitCode).toBe(1);
    const exported = await shell(record);
    expect(exported.exitCode, exported.stderr).toBe(0);
    const opened = await shell("bktui open build.dockerbuild --run");
    expect(`${opened.exitCode} ${opened.stdout}${opened.stderr}`).toMatch(/^1 [\s\S]*made-by-the-step/);

    const pushed = await shell(gitlab);
    expect(pushed.stderr).toContain(`pushed: ${image}/failed:${job}`);
    expect(pushed.exitCode).toBe(1);
    const there = await shell(pulled, "cat /left/file\n");
    expect(there.stdout, there.stderr).toContain("made-by-the-step");

    const written = await shell(script);
    expect(written.stdout).toMatch(/failed: step 4\/4\n(?:.*\n)* {2}open .*bktui \.\n(?:.*\n)*left\n/);
  },
);
