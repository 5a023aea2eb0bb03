/** A registry with a password: who gets in, with what, and what is said to those who do not. */
import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, inject, test } from "vitest";
import { serveInEngine } from "../support/engine-network.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import {
  IMAGE,
  PASSWORD,
  privateRegistry,
  type TokenServer,
  tokenServer,
  USER,
} from "../support/private-registry.ts";
import { type Ended, runBktui } from "../support/program.ts";
import type { TestEngine } from "../support/test-engine.ts";

/** Answers everything with a status, or hangs up. */
const REFUSING = `
  const [status, port] = process.argv.slice(1);
  require("node:http").createServer((request, response) => {
    if (status === "") request.socket.destroy();
    else response.writeHead(Number(status), { "content-type": "application/json" }).end("{}");
  }).listen(Number(port), "127.0.0.1");
`;

const pair = (password: string): { readonly auth: string } => ({
  auth: Buffer.from(`${USER}:${password}`).toString("base64"),
});

/** A home with docker's configuration and helpers in it. */
class DockerHome implements AsyncDisposable {
  readonly path: string;

  static async make(): Promise<DockerHome> {
    return new DockerHome(await mkdtemp(join(tmpdir(), "bktui-login-")));
  }

  private constructor(path: string) {
    this.path = path;
  }

  async configure(config: unknown): Promise<void> {
    const text = typeof config === "string" ? config : JSON.stringify(config);
    await writeFile(join(this.path, "config.json"), text);
  }

  async helper(name: string, script: string): Promise<void> {
    await mkdir(join(this.path, "bin"), { recursive: true });
    const file = join(this.path, "bin", `docker-credential-${name}`);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      DOCKER_CONFIG: this.path,
      PATH: `${join(this.path, "bin")}${delimiter}${process.env["PATH"]}`,
    };
  }

  /** Builds from an image of the registry that no build has used before. */
  async build(
    engine: TestEngine,
    host: string,
    env: Readonly<Record<string, string>> = {},
    image = IMAGE,
  ): Promise<Ended> {
    await using context = await busyboxContext({
      files: { Dockerfile: `FROM ${host}/${image}\nRUN echo ${randomUUID()}\n` },
    });
    return await runBktui(["--run", "--pull", context.path], {
      engine,
      env: { ...this.environment, ...env },
    });
  }

  /** Builds an image that nobody has and pushes it. */
  async push(engine: TestEngine, name: string): Promise<Ended> {
    await using context = await busyboxContext({
      files: { Dockerfile: `FROM scratch\nCOPY busybox /bin/sh\nRUN echo ${randomUUID()}\n` },
    });
    return await runBktui(["--run", "--push", "-t", name, "--provenance=false", context.path], {
      engine,
      env: this.environment,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

forEachEngine((engine) => {
  test("by password: right, wrong and none; from the file, a helper and the environment", async () => {
    await using registry = await privateRegistry(engine, inject("busybox"), { kind: "password" });
    await using home = await DockerHome.make();
    const { host } = registry;
    const refused = await home.build(engine, host);
    expect(refused.exitCode, refused.stderr).toBe(1);
    expect(refused.stderr).toContain(`No credentials for ${host} were found.`);
    expect(refused.stderr).toContain(`docker login ${host}`);

    await home.configure({ auths: { [host]: pair("wrong") } });
    const wrong = await home.build(engine, host);
    expect(wrong.exitCode, wrong.stderr).toBe(1);
    expect(wrong.stderr).toContain(`Credentials for ${host} were found and given.`);
    expect(wrong.stderr).not.toContain("wrong");

    await home.configure({ auths: { [host]: pair(PASSWORD) } });
    const right = await home.build(engine, host);
    expect(right.exitCode, right.stderr).toBe(0);
    expect(right.stderr).toContain(`credentials for ${host} were given to the engine`);

    await home.configure({ credHelpers: { [host]: "test" } });
    await home.helper(
      "test",
      `cat > ${home.path}/asked; echo '{"Username":"${USER}","Secret":"${PASSWORD}"}'`,
    );
    const helped = await home.build(engine, host);
    expect(helped.exitCode, helped.stderr).toBe(0);

    const name = `${host}/private/made:1`;
    const pushed = await home.push(engine, name);
    expect(pushed.exitCode, pushed.stderr).toBe(0);
    const pulled = await home.build(engine, host, {}, "private/made:1");
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    await home.configure({ auths: { [host]: pair("wrong") } });
    const notPushed = await home.push(engine, `${host}/private/other:1`);
    expect(notPushed.exitCode, notPushed.stderr).toBe(1);
    expect(notPushed.stderr).toMatch(/unauthorized|authentication required|401/i);

    await home.configure({});
    const variable = JSON.stringify({ auths: { [host]: pair(PASSWORD) } });
    const told = await home.build(engine, host, { DOCKER_AUTH_CONFIG: variable });
    expect(told.exitCode, told.stderr).toBe(0);
  });

  test("a helper or configuration that is of no use is named, and its output is not", async () => {
    await using registry = await privateRegistry(engine, inject("busybox"), { kind: "password" });
    await using home = await DockerHome.make();
    const { host } = registry;
    await home.configure({ credsStore: "test" });
    await home.helper("test", "echo hidden-output; exit 3");
    const failing = await home.build(engine, host);
    expect(failing.exitCode, failing.stderr).toBe(1);
    expect(failing.stderr).toContain(
      "the credential helper docker-credential-test failed with exit status 3",
    );
    expect(failing.stderr).not.toContain("hidden");
    await home.helper("test", "echo hidden-output");
    expect((await home.build(engine, host)).stderr).toMatch(
      /docker-credential-test gave an answer that is no JSON/,
    );
    await home.configure({ credsStore: "absent" });
    expect((await home.build(engine, host)).stderr).toMatch(/docker-credential-absent is not installed/);
    await home.configure('{"auths": {');
    expect((await home.build(engine, host)).stderr).toMatch(/config\.json:1:12 is not JSON/);
  });

  test("by tokens, which are fetched here: the password reaches neither engine nor registry", async () => {
    await using tokens: TokenServer = await tokenServer();
    await using registry = await privateRegistry(engine, inject("busybox"), {
      kind: "token",
      server: tokens,
    });
    await using home = await DockerHome.make();
    const { host } = registry;
    await home.configure({ auths: { [host]: pair(PASSWORD) } });
    const right = await home.build(engine, host);
    expect(right.exitCode, right.stderr).toBe(0);
    expect(right.stderr).toContain(`a token for ${host} was given to the engine, the credentials were not`);
    expect(tokens.asked).toContain("POST repository:private/busybox:pull");

    await home.configure({ auths: { [host]: { identitytoken: PASSWORD } } });
    const identity = await home.build(engine, host);
    expect(identity.exitCode, identity.stderr).toBe(0);

    await home.configure({ auths: { [host]: pair("wrong") } });
    const wrong = await home.build(engine, host);
    expect(wrong.exitCode, wrong.stderr).toBe(1);
    expect(wrong.stderr).toMatch(/failed to fetch oauth token: unexpected status from \S+: 401: who are you/);

    await home.configure({ auths: { [host]: pair(PASSWORD) } });
    for (const status of [403, 429]) {
      tokens.refuse(status);
      const { exitCode, stderr } = await home.build(engine, host);
      expect(exitCode, stderr).toBe(1);
      expect(stderr).toMatch(new RegExp(`unexpected status from \\S+: ${status}: told to say ${status}`));
    }
    tokens.refuse(undefined);
    const again = await home.build(engine, host);
    expect(again.exitCode, again.stderr).toBe(0);
  });

  test.each([
    ["403", "403", /403/],
    ["429", "429", /429|too many requests/i],
    ["nothing", "", /EOF|reset/],
  ])("a registry that says %s: which one, and why", async (_name, status, why) => {
    await using server = await serveInEngine(engine, (port) => [
      process.execPath,
      "-e",
      REFUSING,
      status,
      String(port),
    ]);
    await using home = await DockerHome.make();
    const { exitCode, stderr } = await home.build(engine, server.host);
    expect(exitCode, stderr).toBe(1);
    expect(stderr).toMatch(why);
    expect(stderr).toContain(`Registry: ${server.host}.`);
    expect(stderr).toMatch(/^ +1 \| (>>> )?FROM 127/m);
  });
});

test("a push by the engine itself, with a token that was fetched here", async () => {
  await using own = await OwnEngine.start(undefined, {
    daemonJson: { features: { "containerd-snapshotter": true } },
  });
  await using tokens = await tokenServer();
  await using registry = await privateRegistry(own.engine, inject("busybox"), {
    kind: "token",
    server: tokens,
  });
  await using home = await DockerHome.make();
  const name = `${registry.host}/private/made:1`;
  await home.configure({ auths: { [registry.host]: pair(PASSWORD) } });
  const pushed = await home.push(own.engine, name);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
  expect(pushed.stderr).toContain(
    `a token for ${registry.host} was given to the engine, the credentials were not`,
  );
  expect(tokens.asked.join("\n")).toMatch(/repository:private\/made:pull,push/);
  await home.configure({ auths: { [registry.host]: pair("wrong") } });
  const refused = await home.push(own.engine, name);
  expect(refused.exitCode, refused.stderr).toBe(1);
  expect(refused.stderr).toMatch(/401: who are you/);
});
