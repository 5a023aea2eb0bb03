/**
 * Every form of address, from the command line to a real BuildKit. Real: docker, ssh and sshd, containers, dockerd's own
 * TLS. Stand-ins that note their arguments and join the stream to a real BuildKit: buildctl, podman, nerdctl, kubectl.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { docker } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine, type TestContext, testEngines } from "../support/engines.ts";
import { commandLinesWith, familyOf, running } from "../support/processes.ts";
import { type Ended, run, runBktui } from "../support/program.ts";
import { relayToBuildkit } from "../support/relay.ts";
import { socketsOf } from "../support/sockets.ts";
import { SshServer, whyNoSshServer } from "../support/ssh-server.ts";
import { StandIns } from "../support/stand-ins.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { tlsRelayTo } from "../support/tls-relay.ts";

const Dockerfile = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "echo", "it ran"]\n';

const SYSTEM = ["/usr/bin", "/bin"];

interface Named {
  readonly addr?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole build, its context and its step included. */
async function build({ addr, env = {} }: Named): Promise<Ended> {
  await using context: TestContext = await busyboxContext({ files: { Dockerfile }, unique: true });
  const args = addr === undefined ? [] : ["--addr", addr];
  return await runBktui(["--run", ...args, context.path], { env });
}

function expectBuilt({ exitCode, stderr }: Ended): void {
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("it ran");
}

function socketOf({ dockerHost }: TestEngine): string {
  return dockerHost.replace(/^unix:\/\//, "");
}

forEachEngine((engine) => {
  describe("ssh://", () => {
    let missing: string | undefined;
    beforeAll(async () => {
      missing = await whyNoSshServer();
    });

    /** The real ssh, told of the server and its key, and noting each run. */
    async function sshTo(server: SshServer, programs: StandIns): Promise<void> {
      const real = `PATH=${process.env["PATH"]} exec ssh ${server.clientOptions.join(" ")} "$@"`;
      await programs.script("ssh", `echo run >>${programs.directory}/ssh.log\n${real}`);
    }

    test("as docker means it: docker system dial-stdio over there, with one ssh for all", async ({
      skip,
    }) => {
      if (missing !== undefined) return skip(missing);
      if (engine.binDir === undefined || engine.kind !== "dockerd")
        return skip("no docker of the engine's own");
      await using programs = await StandIns.make();
      await using server = await SshServer.start({ path: [engine.binDir, ...SYSTEM] });
      await sshTo(server, programs);
      const address = `ssh://root@127.0.0.1:${server.port}${socketOf(engine)}`;
      expectBuilt(await build({ env: { PATH: programs.path, DOCKER_HOST: address } }));
      expect(programs.lines("ssh.log")).toEqual(["run"]);
      // What was ended may take a moment to be gone.
      await vi.waitFor(
        () =>
          expect(commandLinesWith(server.directory).filter((line) => line.startsWith("ssh "))).toEqual([]),
        5000,
      );
    });

    test("as BuildKit means it: buildctl dial-stdio over there, with a socket or its own", async ({
      skip,
    }) => {
      if (missing !== undefined) return skip(missing);
      await using relay = await relayToBuildkit(engine);
      await using programs = await StandIns.make();
      await using there = await StandIns.make();
      await there.joining("buildctl", relay.address.text.replace("unix://", ""));
      await using server = await SshServer.start({ path: [there.directory, ...SYSTEM] });
      await sshTo(server, programs);
      const host = `ssh://root@127.0.0.1:${server.port}`;
      expectBuilt(await build({ env: { PATH: programs.path, BUILDKIT_HOST: host } }));
      expectBuilt(await build({ addr: `${host}/run/buildkit/buildkitd.sock`, env: { PATH: programs.path } }));
      expect(there.runs("buildctl")).toEqual([
        ["dial-stdio"],
        ["--addr", "unix:///run/buildkit/buildkitd.sock", "dial-stdio"],
      ]);
      expect(programs.lines("ssh.log")).toEqual(["run", "run"]);
    });

    test.for<["password" | "key", RegExp, RegExp]>([
      [
        "password",
        /ssh ended with exit code 255: .*Permission denied \(password\)/,
        /ssh-add; ssh-copy-id -l root/,
      ],
      [
        "key",
        /ssh ended with exit code 127: .*docker.*not found/,
        /docker command must be on the PATH over there/,
      ],
    ])("that fails is told in its own words: %s", async ([login, why, hint], { skip }) => {
      if (missing !== undefined) return skip(missing);
      await using programs = await StandIns.make();
      await using server = await SshServer.start({ path: ["/nonexistent"], login });
      await sshTo(server, programs);
      const ended = await build({
        env: { PATH: programs.path, DOCKER_HOST: `ssh://root@127.0.0.1:${server.port}` },
      });
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toMatch(why);
      expect(ended.stderr).toMatch(hint);
      expect(ended.stderr).toMatch(
        /Try it by hand: ssh -l root -p \d+ .*'docker system dial-stdio' <\/dev\/null/,
      );
    });
  });

  describe("docker-container://", () => {
    test("runs buildctl in a real container, of docker's context too", async ({ skip }) => {
      if (engine.binDir === undefined || engine.kind !== "dockerd")
        return skip("no docker of the engine's own");
      await using relay = await relayToBuildkit(engine);
      await using programs = await StandIns.make();
      await programs.joining("dial", relay.address.text.replace("unix://", ""));
      // The stand-in runs on this machine's files, which the container sees.
      await programs.script(
        "buildctl",
        `[ "$*" = dial-stdio ] && exec chroot /host ${programs.directory}/dial "$@"`,
      );
      const name = `bktui-dial-${process.pid}`;
      const mounts = ["-v", "/:/host", "-v", `${programs.directory}/buildctl:/bin/buildctl`];
      const container = ["run", "-d", "--network=none", "--name", name, ...mounts];
      const started = await docker(engine, [...container, "busybox:1.36", "sleep", "1000"]);
      expect(started.exitCode, started.stderr).toBe(0);
      try {
        const path = `${engine.binDir}:${process.env["PATH"]}`;
        const address = `docker-container://${name}`;
        expectBuilt(await build({ addr: address, env: { PATH: path, DOCKER_HOST: engine.dockerHost } }));
        await using config = await StandIns.make();
        const env = { PATH: path, DOCKER_CONFIG: join(config.directory, "docker") };
        await mkdir(env.DOCKER_CONFIG);
        const made = await run(
          "docker",
          ["context", "create", "far", "--docker", `host=${engine.dockerHost}`],
          { env },
        );
        expect(made.exitCode, made.stderr).toBe(0);
        expectBuilt(await build({ env: { ...env, BUILDKIT_HOST: `${address}?context=far` } }));
        expect(programs.runs("dial")).toEqual([["dial-stdio"], ["dial-stdio"]]);
      } finally {
        await docker(engine, ["rm", "-f", name]);
      }
    });

    test("that is not there, or is no BuildKit, is told in docker's words", async ({ skip }) => {
      if (engine.binDir === undefined || engine.kind !== "dockerd")
        return skip("no docker of the engine's own");
      const env = { PATH: `${engine.binDir}:${process.env["PATH"]}`, DOCKER_HOST: engine.dockerHost };
      const absent = await build({ addr: "docker-container://bktui-absent", env });
      expect(absent.exitCode).toBe(1);
      expect(absent.stderr).toMatch(/docker ended with exit code 1: .*No such container: bktui-absent/);
      expect(absent.stderr).toContain("Start the container first");
      const name = `bktui-plain-${process.pid}`;
      const started = await docker(engine, [
        "run",
        "-d",
        "--network=none",
        "--name",
        name,
        "busybox:1.36",
        "sleep",
        "1000",
      ]);
      expect(started.exitCode, started.stderr).toBe(0);
      try {
        const plain = await build({ addr: `docker-container://${name}`, env });
        expect(plain.exitCode).toBe(1);
        expect(plain.stderr).toMatch(/docker ended with exit code 12[67]: .*buildctl/);
        expect(plain.stderr).toContain("it is no BuildKit");
        expect((await docker(engine, ["kill", name])).exitCode).toBe(0);
        const ended = await build({ addr: `docker-container://${name}`, env });
        expect(ended.stderr).toMatch(/docker ended with exit code 1: .*is not running/);
        expect(ended.stderr).toContain(`docker start ${name}.`);
      } finally {
        await docker(engine, ["rm", "-f", name]);
      }
    });
  });

  test.each([
    ["podman", "podman-container://box", ["exec", "-i", "box", "buildctl", "dial-stdio"]],
    [
      "nerdctl",
      "nerdctl-container://box?namespace=k8s.io",
      ["exec", "--namespace", "k8s.io", "-i", "box", "buildctl", "dial-stdio"],
    ],
    [
      "kubectl",
      "kube-pod://pod-0?context=c&namespace=n&container=b",
      [
        "--context=c",
        "--namespace=n",
        "exec",
        "--container=b",
        "-i",
        "pod-0",
        "--",
        "buildctl",
        "dial-stdio",
      ],
    ],
  ])("%s is run once, as BuildKit's own client runs it", async (program, address, words) => {
    await using relay = await relayToBuildkit(engine);
    await using programs = await StandIns.make();
    await programs.joining(program, relay.address.text.replace("unix://", ""));
    expectBuilt(await build({ env: { PATH: programs.path, BUILDKIT_HOST: address } }));
    expect(programs.runs(program)).toEqual([words]);
  });
});

test("a program that is not there, and one that dies with words, end with 1 and say what to do", async () => {
  await using programs = await StandIns.make();
  await using nothing = await StandIns.make();
  await writeFile(join(nothing.directory, "node"), "");
  const env = { PATH: nothing.directory };
  const absent = await build({ addr: "kube-pod://pod", env });
  expect(absent.exitCode).toBe(1);
  expect(absent.stderr).toContain("there is no program kubectl on the PATH");
  await programs.script(
    "kubectl",
    "printf 'the \\033[31mserver\\033[0m is \\033]0;t\\007gone\\n' >&2; exit 3",
  );
  const died = await build({ addr: "kube-pod://pod", env: { PATH: programs.path } });
  expect(died.exitCode).toBe(1);
  expect(died.stderr).toContain("kubectl ended with exit code 3: the server is ^[]0;t^Ggone");
  expect(died.stderr).toContain("Try it by hand: kubectl --context= --namespace= exec");
});

test("npipe:// is refused where there are no named pipes", async () => {
  const { exitCode, stderr } = await build({ addr: "npipe:////./pipe/docker_engine" });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("exist on Windows only");
});

test("what a program has started ends with bktui, also what does not want to", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  await using relay = await relayToBuildkit(engine);
  await using programs = await StandIns.make();
  await programs.joining("dial", relay.address.text.replace("unix://", ""));
  const sleep = `sleep ${200_000 + process.pid}`;
  await programs.script("kubectl", `(trap "" TERM; exec ${sleep}) &\nexec ${programs.directory}/dial "$@"`);
  expectBuilt(await build({ addr: "kube-pod://pod", env: { PATH: programs.path } }));
  expect(programs.runs("dial")).toHaveLength(1);
  await vi.waitFor(() => expect(running(sleep)).toBe(0), 5000);
});

test("S39 · a program or TLS between bktui and the engine leaves no door open to others", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  await using relay = await relayToBuildkit(engine);
  await using programs = await StandIns.make();
  await programs.joining("kubectl", relay.address.text.replace("unix://", ""));
  await using secure = await tlsRelayTo(relay.address.text);
  const files = ["--tlscacert", secure.certificates.authority.cert];
  const client = ["--tlscert", secure.client.cert, "--tlskey", secure.client.key];
  await using context = await busyboxContext({ files: { Dockerfile } });
  for (const named of [["kube-pod://pod"], [secure.address, ...files, ...client]]) {
    await using terminal = await Terminal.start({
      args: ["--addr", ...named, context.path],
      env: { PATH: programs.path },
    });
    await terminal.untilRow(1, /LOADED/);
    const { open, count } = await socketsOf(await familyOf(await terminal.pid()));
    expect(count).toBeGreaterThan(0);
    expect(open).toEqual([]);
  }
});

test("a program cannot ask on the terminal", async () => {
  await using programs = await StandIns.make();
  await programs.script("kubectl", 'echo "PASS""WORD:" >/dev/tty || echo "it has no terminal" >&2; exit 1');
  await using context = await busyboxContext({ files: { Dockerfile } });
  await using terminal = await Terminal.start({
    args: ["--addr", "kube-pod://pod", context.path],
    env: { PATH: programs.path },
    columns: 120,
  });
  const rows = await terminal.until(/it has no terminal/);
  expect(rows.join("\n")).not.toContain("PASSWORD:");
});
