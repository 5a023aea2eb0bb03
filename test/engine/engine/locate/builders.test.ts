import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { askAbilities } from "../../../../src/engine/buildkit/abilities.ts";
import { dialStdio } from "../../../../src/engine/locate/builders/drivers/dial-stdio.ts";
import { diagnose, formatDoctor } from "../../../../src/engine/locate/doctor.ts";
import {
  type Located,
  type LocateOptions,
  locateAgain,
  locateEngine,
} from "../../../../src/engine/locate/locate.ts";
import type { Address } from "../../../../src/transport/address.ts";
import { builderContainer } from "../../../support/builder-container.ts";
import { dockerHome } from "../../../support/builder-store.ts";
import { type ClientHome, clientHome, whyNoBuildx } from "../../../support/client-home.ts";
import { forEachEngine } from "../../../support/engines.ts";
import { relayToBuildkit } from "../../../support/relay.ts";
import { StandIns } from "../../../support/stand-ins.ts";

const { signal } = new AbortController();
/** Of this system: then there is no being without it. */
const isPluginInstalled = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].some(
  (directory) => existsSync(join(directory, "docker/cli-plugins/docker-buildx")),
);

async function locate(
  env: Readonly<Record<string, string>>,
  more: Partial<LocateOptions> = {},
): Promise<Located> {
  const onProgress = (): void => undefined;
  return await locateEngine({ env, policy: "never", onProgress, ...more }, { signal });
}

/** BuildKit answers at the other end. */
async function speaks({ address }: { readonly address: Address }): Promise<boolean> {
  return (await askAbilities(address, { signal })).some(({ can }) => can);
}

/** As buildx 0.29.1 wrote it for `create --name kube --driver kubernetes --node kube0 --driver-opt namespace=build`. */
const KUBE =
  '{"Name":"kube","Driver":"kubernetes","Nodes":[{"Name":"kube0","Endpoint":"kubernetes:///kube?deployment=kube0\\u0026kubeconfig=%2Fk%2Fkubeconfig","Platforms":null,"DriverOpts":{"namespace":"build"},"Flags":["--allow-insecure-entitlement=network.host"],"Files":null}],"Dynamic":false}';

/** Only one of them can be used: the others end, start, or are named as no pod is. */
const PODS = JSON.stringify({
  items: [
    { name: "kube0-a", phase: "Pending" },
    { name: "kube0-b", phase: "Running" },
    { name: "kube0-c", phase: "Running", deletionTimestamp: "2026-11-29T18:00:00Z" },
    { name: "--as=admin", phase: "Running" },
  ].map(({ phase, ...metadata }) => ({
    metadata,
    spec: { containers: [{ name: "buildkitd" }] },
    status: { phase },
  })),
});

forEachEngine((engine) => {
  const isUnix = engine.kind === "dockerd" && engine.dockerHost.startsWith("unix://");
  const lacking = whyNoBuildx() ?? (isUnix ? undefined : "needs a dockerd on a unix socket");

  describe.skipIf(lacking !== undefined)(
    `with docker's own client${lacking === undefined ? "" : `: ${lacking}`}`,
    () => {
      test("a builder of the driver remote is found by BUILDX_BUILDER, --builder and docker buildx use", async () => {
        await using home = await clientHome(engine);
        await using relay = await relayToBuildkit(engine);
        const options = ["--driver=remote", "--driver-opt=default-load=true"];
        await home.docker(["buildx", "create", "--name=dev", ...options, relay.address.text]);
        const byVariable = await locate(home.env({ BUILDX_BUILDER: "dev", DOCKER_HOST: engine.dockerHost }));
        expect(byVariable).toMatchObject({
          origin: "builder dev, remote (BUILDX_BUILDER)",
          address: { kind: "buildkitd", text: relay.address.text },
          builder: { node: { name: "dev0" }, loads: true },
          docker: { kind: "dockerd", text: engine.dockerHost },
        });
        expect(await speaks(byVariable)).toBe(true);
        expect((await locate(home.env(), { builder: "dev" })).origin).toBe("builder dev, remote (--builder)");
        await home.docker(["buildx", "use", "dev"]);
        expect(await locate(home.env({ DOCKER_HOST: engine.dockerHost }))).toMatchObject({
          origin: "builder dev, remote (docker buildx use)",
          address: { text: relay.address.text },
        });
      });

      test("the store is as buildx left it", async () => {
        await using home = await clientHome(engine);
        await using relay = await relayToBuildkit(engine);
        await home.docker(["buildx", "create", "--name=dev", "--driver=remote", "--use", relay.address.text]);
        const activity = join(home.path, ".docker/buildx/activity/dev");
        const current = join(home.path, ".docker/buildx/current");
        const before = [await readFile(activity, "utf8"), await readFile(current, "utf8")];
        await locate(home.env({ DOCKER_HOST: engine.dockerHost }));
        // Another endpoint: buildx itself would now write that nothing is chosen for it.
        await locate(home.env({ DOCKER_HOST: "unix:///nonexistent.sock" })).catch(() => undefined);
        expect([await readFile(activity, "utf8"), await readFile(current, "utf8")]).toEqual(before);
      });

      test("a docker context is used that DOCKER_CONTEXT or docker context use names", async () => {
        await using home = await clientHome(engine);
        await home.docker(["context", "create", "hunt", "--docker", `host=${engine.dockerHost}`]);
        expect(await locate(home.env({ DOCKER_CONTEXT: "hunt" }))).toMatchObject({
          origin: "docker context hunt (DOCKER_CONTEXT)",
          address: { kind: "dockerd", text: engine.dockerHost },
          docker: { text: engine.dockerHost },
        });
        await home.docker(["context", "use", "hunt"], {});
        expect((await locate(home.env())).origin).toBe("docker context hunt");
        expect((await locate(home.env(), { builder: "hunt" })).origin).toBe("builder hunt (--builder)");
        // What docker calls the builder of a context is chosen for the context.
        await using relay = await relayToBuildkit(engine);
        await home.docker(
          ["buildx", "create", "--name=dev", "--driver=remote", "--use", relay.address.text],
          {},
        );
        expect((await locate(home.env())).origin).toBe("builder dev, remote (docker buildx use)");
        expect((await locate(home.env({ DOCKER_HOST: engine.dockerHost }))).origin).toBe("DOCKER_HOST");
      });

      test("of several nodes the one that has the platform is asked for it, by what they say themselves", async () => {
        await using home = await clientHome(engine);
        await using one = await relayToBuildkit(engine);
        const create = ["buildx", "create", "--name=far", "--driver=remote"];
        const env = home.env({ BUILDX_BUILDER: "far" });
        const nodeFor = async (platform?: string): Promise<string | undefined> =>
          (await locate(env, { platform })).builder?.node.name;
        {
          await using other = await relayToBuildkit(engine);
          await home.docker([...create, "--platform=linux/s390x", one.address.text]);
          await home.docker([...create, "--append", "--platform=linux/riscv64", other.address.text]);
          expect(await nodeFor()).toBe("far0");
          expect(await nodeFor("linux/riscv64")).toBe("far1");
          expect((await locate(env, { platform: "linux/riscv64" })).origin).toContain(", node far1");
          // Promised by none, had by both.
          expect(await nodeFor("linux/amd64")).toBe("far0");
        }
        await expect(nodeFor("linux/amd64")).rejects.toMatchObject({
          code: "engine-unreachable",
          message: expect.stringMatching(
            /^builder far, remote \(BUILDX_BUILDER\): node far1 \(remote, unix:.*no such socket/,
          ),
        });
      });

      test("a node that is down is an error that names builder, node and endpoint; nothing else is taken", async () => {
        await using home = await clientHome(engine);
        await home.docker(["buildx", "create", "--name=dev", "--driver=remote", "tcp://127.0.0.1:9"]);
        await expect(
          locate(home.env({ BUILDX_BUILDER: "dev", DOCKER_HOST: engine.dockerHost })),
        ).rejects.toMatchObject({
          code: "engine-unreachable",
          message: expect.stringMatching(
            /^builder dev, remote \(BUILDX_BUILDER\): node dev0 \(remote, tcp:\/\/127\.0\.0\.1:9\): .*connection refused/,
          ),
        });
      });

      test("what only buildx knows is reached through its dial-stdio", async () => {
        await using home = await clientHome(engine);
        const env = home.env({ DOCKER_HOST: engine.dockerHost });
        const node = { name: "default", endpoint: "default", platforms: [], options: {} };
        const reaching = {
          env,
          signal,
          mayStart: true,
          platform: undefined,
          contextPath: "/",
          onProgress: () => undefined,
        };
        const address = await dialStdio({ name: "default", driver: "docker", nodes: [node] }, node, reaching);
        expect(address.socket).toMatchObject({
          program: "docker",
          args: ["buildx", "--builder", "default", "dial-stdio"],
        });
        expect(await speaks({ address })).toBe(true);
      });
    },
  );

  describe("a builder of a driver whose program cannot be had here", () => {
    test("kubernetes: a pod that runs is looked for by buildx's label, and joined by kubectl", async () => {
      await using home = await dockerHome({ "buildx/instances/kube": KUBE });
      await using relay = await relayToBuildkit(engine);
      await using programs = await StandIns.make();
      await programs.joining("kubectl-exec", relay.address.text.replace("unix://", ""));
      await writeFile(join(programs.directory, "pods.json"), PODS);
      const place = `cd ${programs.directory}`;
      await programs.script(
        "kubectl",
        `${place}; case "$*" in *" get pods "*) echo "$*" >>asked; cat pods.json;; *) exec ./kubectl-exec "$@";; esac`,
      );
      const located = await locate({ HOME: home.path, PATH: programs.path, BUILDX_BUILDER: "kube" });
      expect(located).toMatchObject({
        origin: "builder kube, kubernetes (BUILDX_BUILDER)",
        address: { text: "kube-pod://kube0-b" },
      });
      expect(await speaks(located)).toBe(true);
      const where = ["--kubeconfig=/k/kubeconfig", "--namespace=build"];
      expect((await readFile(join(programs.directory, "asked"), "utf8")).trim()).toBe(
        [...where, "get pods --selector=app=kube0 --output=json"].join(" "),
      );
      expect(programs.runs("kubectl-exec")[0]).toEqual([
        ...where,
        ...["exec", "-i", "--container=buildkitd", "kube0-b", "--", "buildctl", "dial-stdio"],
      ]);
    });

    test("kubernetes: no pod, and no buildx that makes one, is an error with the command to type", async () => {
      await using home = await dockerHome({ "buildx/instances/kube": KUBE });
      await using programs = await StandIns.make();
      await programs.script("kubectl", `echo '{"items":[]}'`);
      const env = { HOME: home.path, PATH: `${programs.directory}:/bin`, BUILDX_BUILDER: "kube" };
      await expect(locate(env)).rejects.toMatchObject({
        message: expect.stringContaining("a running pod of its deployment kube0 does not exist yet"),
        hint: "Run: docker buildx inspect --bootstrap kube",
      });
      await programs.script("kubectl", "echo 'error: You must be logged in to the server' >&2; exit 1");
      await expect(locate(env)).rejects.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringContaining(
          "kubectl cannot look for its pods: error: You must be logged in to the server",
        ),
      });
    });

    test("cloud, and whatever else there will be: buildx is told which builder and platform", async () => {
      const builder =
        '{"Name":"cloud-acme","Driver":"cloud","Nodes":[{"Name":"linux-amd64","Endpoint":"cloud://acme/x"}]}';
      await using home = await dockerHome({ "buildx/instances/cloud-acme": builder });
      await using relay = await relayToBuildkit(engine);
      await using programs = await StandIns.make();
      await programs.joining("buildx", relay.address.text.replace("unix://", ""));
      const env = { HOME: home.path, PATH: `${programs.directory}:/bin`, BUILDX_BUILDER: "cloud-acme" };
      const located = await locate(env, { platform: "linux/arm64" });
      expect(await speaks(located)).toBe(true);
      expect(programs.runs("buildx")[0]).toEqual([
        ...["--builder", "cloud-acme", "dial-stdio", "--platform", "linux/arm64"],
      ]);
    });
  });

  describe.skipIf(lacking !== undefined)("a builder in a container", () => {
    const name = "buildx_buildkit_box0";

    async function homeWithBox(): Promise<ClientHome> {
      const home = await clientHome(engine);
      await home.docker(["buildx", "create", "--name=box", "--driver=docker-container", engine.dockerHost]);
      return home;
    }

    test("is started when it is stopped, is waited for, and starts again after its end", async () => {
      await using home = await homeWithBox();
      await using _container = await builderContainer(home, engine, name);
      const env = home.env({ BUILDX_BUILDER: "box" });
      const report = await diagnose({ env, directory: join(home.path, "none") }, { signal });
      expect(report.startable?.error.message).toMatch(
        /container buildx_buildkit_box0 does not run; bktui starts it/,
      );
      expect(await formatDoctor(report)).toContain(
        "Engine   builder box, docker-container (BUILDX_BUILDER): node box0",
      );
      const said: string[] = [];
      const onProgress = (line: string): void => void said.push(line);
      const place = await locate(env, { onProgress });
      expect(said).toEqual([`starting the container ${name}`]);
      expect(place.address.text).toBe(`docker-container://${name}`);
      expect(await speaks(place)).toBe(true);
      await home.docker(["kill", name]);
      await home.docker(["wait", name]);
      expect(await speaks(await locateAgain(place, { env, onProgress }, { signal }))).toBe(true);
    });

    test("that does not exist is made by buildx, whose words are told when it cannot", async () => {
      await using home = await homeWithBox();
      const said: string[] = [];
      const wanted = { builder: "box", onProgress: (line: string) => void said.push(line) };
      // No registry has its image here.
      await expect(locate(home.env(), wanted)).rejects.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringMatching(/its container buildx_buildkit_box0 cannot be made: .*buildkit/),
        hint: expect.stringContaining("docker buildx inspect --bootstrap box"),
      });
      expect(said[0]).toContain("buildx makes it");
    });

    test.skipIf(isPluginInstalled)(
      "that does not exist is an error with the command to type where there is no buildx",
      async () => {
        await using home = await homeWithBox();
        const env = home.env({
          DOCKER_CONFIG: join(home.path, "other"),
          BUILDX_CONFIG: join(home.path, ".docker/buildx"),
        });
        const docker = await dockerAlone(home);
        await expect(locate({ ...env, PATH: docker }, { builder: "box" })).rejects.toMatchObject({
          message: expect.stringContaining("its container buildx_buildkit_box0 does not exist yet"),
          hint: "Run: docker buildx inspect --bootstrap box",
        });
      },
    );

    test("that is paused says how it goes on", async () => {
      await using home = await homeWithBox();
      await using _container = await builderContainer(home, engine, name);
      await home.docker(["start", name]);
      await home.docker(["pause", name]);
      await expect(locate(home.env({ BUILDX_BUILDER: "box" }))).rejects.toMatchObject({
        message: expect.stringContaining(`its container ${name} is paused`),
        hint: `Run: docker unpause ${name}`,
      });
      await home.docker(["unpause", name]);
    });

    test("whose docker is down tells docker's words", async () => {
      await using home = await clientHome(engine);
      await home.docker(["context", "create", "away", "--docker", `host=${engine.dockerHost}`]);
      await home.docker(["buildx", "create", "--name=box", "--driver=docker-container", "away"]);
      await home.docker(["context", "update", "away", "--docker", "host=unix:///nonexistent.sock"]);
      await expect(locate(home.env({ BUILDX_BUILDER: "box" }))).rejects.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringMatching(
          /^builder box, docker-container \(BUILDX_BUILDER\): node box0 \(docker-container, away\): .*nonexistent\.sock/,
        ),
      });
    });
  });
});

/** A PATH with docker and nothing else. */
async function dockerAlone(home: ClientHome): Promise<string> {
  const directory = join(home.path, "bin");
  await mkdir(directory);
  const program = home.env()["PATH"]?.split(delimiter)[0] ?? "";
  await symlink(join(program, "docker"), join(directory, "docker"));
  return directory;
}
