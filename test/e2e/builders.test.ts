import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builderContainer } from "../support/builder-container.ts";
import { clientHome, whyNoBuildx } from "../support/client-home.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { runBktui } from "../support/program.ts";

const DOCKERFILE = [
  "FROM scratch",
  "COPY busybox /bin/busybox",
  'RUN ["/bin/busybox", "echo", "built by a builder"]',
  "",
].join("\n");

forEachEngine((engine) => {
  const lacking = whyNoBuildx() ?? (engine.kind === "dockerd" ? undefined : "needs a dockerd");

  describe.skipIf(lacking !== undefined)(
    `buildx's builders${lacking === undefined ? "" : `: ${lacking}`}`,
    () => {
      test("a builder of a container of one's own, chosen by a variable, builds", async () => {
        await using home = await clientHome(engine);
        await using _container = await builderContainer(home, engine, "buildkit-dev");
        await home.docker(["start", "buildkit-dev"]);
        const endpoint = "docker-container://buildkit-dev";
        await home.docker(["buildx", "create", "--name=dev", "--driver=remote", endpoint]);
        await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE }, unique: true });
        const env = home.env({ BUILDX_BUILDER: "dev", DOCKER_HOST: engine.dockerHost });
        const built = await runBktui(["--run", context.path], { env });
        expect(built).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("built by a builder") });
        // A line for docker, in another home.
        const line = ["docker", "--config", join(home.path, ".docker"), "buildx", "--builder=dev", "build"];
        const { HOME: _, ...elsewhere } = env;
        const byLine = await runBktui([...line, "--run", context.path], { env: elsewhere });
        expect(byLine).toMatchObject({ exitCode: 0 });
        await home.docker(["context", "create", "far", "--docker", "host=unix:///nonexistent.sock"]);
        const far = await runBktui(["docker", "--context", "far", "build", "--run", context.path], {
          env: home.env({ DOCKER_HOST: engine.dockerHost }),
        });
        expect(far.stderr).toMatch(
          /docker context far \(DOCKER_CONTEXT\) names unix:\/\/\/nonexistent\.sock/,
        );
        const config = await runBktui(["config"], { env });
        expect(config.stdout).toMatch(
          /^engine = "dev0 at docker-container:\/\/buildkit-dev" +builder dev, remote \(BUILDX_BUILDER\)$/m,
        );
        const doctor = await runBktui(["doctor", "--builder=dev"], { env });
        expect(doctor).toMatchObject({ exitCode: 0 });
        expect(doctor.stdout).toContain(`${endpoint} (builder dev, remote (--builder))`);
      });

      test("a container that is not there tells docker's own words, who chose it, and ends with 1", async () => {
        await using home = await clientHome(engine);
        await home.docker([
          "buildx",
          "create",
          "--name=dev",
          "--driver=remote",
          "docker-container://buildkit-gone",
        ]);
        await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
        const env = home.env({ DOCKER_HOST: engine.dockerHost });
        const ended = await runBktui(["--run", "--builder", "dev", context.path], { env });
        expect(ended.exitCode).toBe(1);
        expect(ended.stderr).toMatch(
          /^bktui: builder dev, remote \(--builder\): node dev0 \(remote, docker-container:\/\/buildkit-gone\): /,
        );
        expect(ended.stderr).toMatch(/No such container: buildkit-gone/);
        const doctor = await runBktui(["doctor", "--builder=dev"], { env });
        expect(doctor.exitCode).toBe(1);
        expect(doctor.stdout).toMatch(
          /^ {2}- builder dev, remote \(--builder\): .*No such container: buildkit-gone/m,
        );
      });

      test("the container of a builder that is killed is started again, and the build is back at its stop", async () => {
        await using home = await clientHome(engine);
        const name = "buildx_buildkit_box0";
        const create = ["buildx", "create", "--name=box", "--driver=docker-container"];
        await home.docker([...create, engine.dockerHost]);
        await using _container = await builderContainer(home, engine, name);
        const env = home.env({ BUILDX_BUILDER: "box", DOCKER_HOST: engine.dockerHost });
        await using fx = await Fx.loaded(engine, { env, unique: true, columns: 120, rows: 40 });
        const { terminal } = fx;
        terminal.type("n");
        await terminal.untilRow(1, /PAUSED before step 2\/8/);
        terminal.type("8");
        await terminal.until(/at +docker-container:\/\/buildx_buildkit_box0/);
        await terminal.until(/from +builder box, docker-container \(BUILDX_BUILDER\)/);
        await home.docker(["kill", name]);
        await terminal.untilRow(1, /LOST engine connection/);
        await terminal.untilRow(1, /PAUSED before step 2\/8/);
        await terminal.until(/connected again/);
        terminal.type("q");
        await terminal.left();
      });

      test("a builder that does not exist ends with 1, as docker's client does", async () => {
        await using home = await clientHome(engine);
        await home.docker(["buildx", "create", "--name=dev", "--driver=remote", "tcp://127.0.0.1:9"]);
        await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
        const env = home.env({ BUILDX_BUILDER: "devv", DOCKER_HOST: engine.dockerHost });
        const ended = await runBktui(["--run", context.path], { env });
        expect(ended.exitCode).toBe(1);
        expect(ended.stderr).toMatch(/there is no builder "devv".*\n.*Did you mean dev\?/);
      });
    },
  );
});
