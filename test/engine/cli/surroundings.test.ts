/** What docker's client takes from its surroundings is taken alike: the same steps, the same image. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { hasProgram } from "../../support/has-program.ts";
import { buildBoth, printed } from "../../support/same-image.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const EPOCH = { SOURCE_DATE_EPOCH: "1700000000" };
const PATH = { PATH: process.env["PATH"] ?? "" };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-around-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function dockerfile(...lines: readonly string[]): Promise<void> {
  await writeFile(join(directory, "Dockerfile"), `FROM busybox:1.36\n${lines.join("\n")}\n`);
}

forEachEngine((engine) => {
  /** BuildKit 0.8 writes the time of the build into the image. */
  const knowsEpoch = engine.version?.startsWith("20.") !== true;

  describe("proxies of docker's configuration", () => {
    const config = { httpProxy: "http://me:hunter2@proxy:1", noProxy: "localhost" };
    const PRINT = "RUN env | grep -i _proxy= | sort; echo done";

    async function configure(proxies: object): Promise<Readonly<Record<string, string>>> {
      await mkdir(join(directory, ".docker"));
      await writeFile(join(directory, ".docker", "config.json"), JSON.stringify({ proxies }));
      return { ...PATH, DOCKER_CONFIG: join(directory, ".docker") };
    }

    test("are those of docker in the steps, with the password hidden in what bktui shows", async () => {
      await dockerfile(PRINT);
      const env = { ...EPOCH, ...(await configure({ default: config })) };
      const seen = await buildBoth(engine, ["--no-cache", "."], { cwd: directory, env, load: false });
      expect(printed(seen.docker).filter((line) => line.includes("="))).toHaveLength(4);
      expect(printed(seen.ours)).toEqual(printed(seen.docker).map((line) => line.replace("hunter2", "***")));
      const { docker, ours } = await buildBoth(engine, ["."], { cwd: directory, env });
      if (knowsEpoch) expect(ours.image).toBe(docker.image);
    });

    test("are the host's own, and an argument that is given counts more", async () => {
      await dockerfile(PRINT);
      const env = await configure({ default: { httpProxy: "http://not:1" }, [engine.dockerHost]: config });
      const given = ["--no-cache", "--build-arg", "HTTP_PROXY=http://given:1", "."];
      const { docker, ours } = await buildBoth(engine, given, { cwd: directory, env, load: false });
      expect(printed(ours)).toEqual(printed(docker));
      expect(printed(ours).join()).toContain("http://given:1");
      // In any case of letters, as for buildx 0.37; 0.29 compared letters.
      const lower = ["--run", "--no-cache", "--build-arg", "http_proxy=http://given:1", "."];
      const small = await runWithoutTerminal(engine, lower, "", { cwd: directory, env });
      expect(printed(small)).toEqual(printed(ours));
    });

    test("are in a shell as in the step, and info says where they are from", async () => {
      await dockerfile(PRINT);
      const env = await configure({ default: config });
      const script = "to 2\ninfo\nexec env\nquit\n";
      const { stderr, stdout } = await runWithoutTerminal(engine, ["--ui=plain", "."], script, {
        cwd: directory,
        env,
      });
      const said = stdout + stderr;
      expect(said).toMatch(/^HTTP_PROXY=http:\/\/me:\*\*\*@proxy:1$/m);
      expect(said).toMatch(
        /^given build-arg HTTP_PROXY=http:\/\/\*\*\*@proxy:1 from .*config\.json, proxies of default$/m,
      );
      expect(said).not.toContain("hunter2");
    });
  });

  test.each([
    ["is cut off", '{"proxies": {'],
    ["has a wrong kind of value", '{"auths": 3, "proxies": {"default": {"noProxy": "kept"}}}'],
  ])("a configuration that %s is warned of, and builds as docker builds with it", async (_what, text) => {
    await dockerfile("RUN env | grep -i _proxy= | sort; echo done");
    await mkdir(join(directory, ".docker"));
    await writeFile(join(directory, ".docker", "config.json"), text);
    const env = { ...PATH, DOCKER_CONFIG: join(directory, ".docker") };
    const { docker, ours } = await buildBoth(engine, ["--no-cache", "."], {
      cwd: directory,
      env,
      load: false,
    });
    expect([docker.exitCode, ours.exitCode]).toEqual([0, 0]);
    expect(printed(ours)).toEqual(printed(docker));
    expect(docker.stderr).toMatch(/WARNING: Error parsing config file/);
    expect(ours.stderr).toMatch(/^#0 note: .*\.docker\/config\.json:1:\d+/m);
  });

  test("SOURCE_DATE_EPOCH reaches step and image", async () => {
    await dockerfile("ARG SOURCE_DATE_EPOCH", 'RUN echo "epoch=$' + '{SOURCE_DATE_EPOCH-unset}"');
    const around = { cwd: directory, env: EPOCH };
    const seen = await buildBoth(engine, ["--no-cache", "."], { ...around, load: false });
    expect(printed(seen.ours)).toEqual(["epoch=1700000000"]);
    expect(printed(seen.docker)).toEqual(printed(seen.ours));
    // With the cache: two runs of a step give two times to its directories.
    const { docker, ours } = await buildBoth(engine, ["."], around);
    if (knowsEpoch) expect(ours.image).toBe(docker.image);
  });

  test("DOCKER_DEFAULT_PLATFORM is the platform unless an option says another", async () => {
    const text =
      'ARG TARGETPLATFORM\nRUN echo "for $TARGETPLATFORM" > /made\nFROM scratch\nCOPY --from=0 /made /';
    await dockerfile(text);
    await writeFile(join(directory, "Dockerfile"), `FROM --platform=$BUILDPLATFORM busybox:1.36\n${text}\n`);
    const env = { ...EPOCH, DOCKER_DEFAULT_PLATFORM: "arm64" };
    const { docker, ours } = await buildBoth(engine, ["."], { cwd: directory, env });
    expect([docker.exitCode, ours.exitCode]).toEqual([0, 0]);
    if (!knowsEpoch) return;
    expect(ours.image).toBe(docker.image);
    const other = await buildBoth(engine, ["--platform=linux/386", "."], { cwd: directory, env });
    expect([other.ours.image === ours.image, other.ours.image]).toEqual([false, other.docker.image]);
  });

  test("host-gateway is the engine's own address", async () => {
    await dockerfile("RUN grep build-host /etc/hosts");
    const args = ["--no-cache", "--add-host", "build-host=host-gateway", "."];
    const { docker, ours } = await buildBoth(engine, args, { cwd: directory, load: false });
    // 20.10 does not tell it.
    expect(ours.exitCode).toBe(docker.exitCode);
    if (docker.exitCode !== 0) return expect(ours.stderr).toMatch(/names no address of its host/);
    expect(printed(ours)).toEqual(printed(docker));
    expect(printed(ours)[0]).toMatch(/^[0-9a-f.:]+\s+build-host/);
  });

  test("a source policy refuses a source, where the engine knows policies", async () => {
    await dockerfile("RUN true");
    const rule = { action: "DENY", selector: { identifier: "docker-image://docker.io/library/busybox*" } };
    await writeFile(join(directory, "rules.json"), JSON.stringify({ rules: [rule] }));
    const env = { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: join(directory, "rules.json") };
    const { docker, ours } = await buildBoth(engine, ["."], { cwd: directory, env, load: false });
    expect(ours.exitCode).toBe(docker.exitCode);
    const missing = { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: join(directory, "gone.json") };
    const gone = await buildBoth(engine, ["."], { cwd: directory, env: missing, load: false });
    expect([gone.docker.exitCode, gone.ours.exitCode]).toEqual([1, 1]);
    expect(gone.ours.stderr).toMatch(/cannot read the source policy .*gone\.json/);
  });

  test.skipIf(!hasProgram("git"))("BUILDX_GIT_LABELS makes the same labels (needs git)", async () => {
    await dockerfile("RUN true");
    const own = { ...PATH, HOME: directory, GIT_CONFIG_NOSYSTEM: "1" };
    const names = ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "a"],
      [`GIT_${who}_EMAIL`, "a@b"],
    ]);
    for (const args of [
      ["init", "-q"],
      ["remote", "add", "origin", "https://host/x.git"],
      ["add", "."],
      ["commit", "-q", "-m", "first"],
    ])
      execFileSync("git", args, { cwd: directory, env: { ...own, ...Object.fromEntries(names) } });
    const env = { ...EPOCH, ...PATH, BUILDX_GIT_LABELS: "1", GIT_CONFIG_NOSYSTEM: "1" };
    const { docker, ours } = await buildBoth(engine, ["."], { cwd: directory, env });
    const without = await buildBoth(engine, ["."], { cwd: directory, env: { ...EPOCH, ...PATH } });
    expect([docker.exitCode, ours.image, ours.image === without.ours.image]).toEqual([
      0,
      docker.image,
      false,
    ]);
  });

  test.skipIf(!hasProgram("ssh-keygen"))("a key file is an agent (needs ssh-keygen)", async () => {
    await dockerfile(
      'RUN --mount=type=ssh echo "sock=$SSH_AUTH_SOCK"',
      "RUN --mount=type=ssh,id=deploy,required=true ls /run/buildkit/",
    );
    const key = join(directory, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "pass word", "-f", join(directory, "locked")]);
    const both = (...args: readonly string[]) =>
      buildBoth(engine, ["--no-cache", ...args, "."], { cwd: directory, load: false });
    const fine = await both("--ssh", `default=${key},key`, "--ssh", "deploy=key");
    expect([fine.docker.exitCode, fine.ours.exitCode]).toEqual([0, 0]);
    expect(printed(fine.ours)).toEqual(printed(fine.docker));
    for (const args of [
      ["--ssh", "deploy=locked"],
      ["--ssh", "deploy=gone"],
      ["--ssh", "default"],
    ]) {
      const { docker, ours } = await both(...args);
      expect([args, docker.exitCode, ours.exitCode]).toEqual([args, 1, 1]);
    }
  });
});
