import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { checkInputs, type Inputs, wantsInput } from "../../../src/cli/inputs.ts";
import { ReceivedInput } from "../../../src/cli/received.ts";
import { contextDirectory, fromDockerfile } from "../../../src/engine/build-sources.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-inputs-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function put(name: string, content: string | Uint8Array = "FROM scratch\n"): Promise<string> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

function check(...argv: readonly string[]): Promise<Inputs> {
  return checkWith({}, ...argv);
}

function checkWith(env: Readonly<Record<string, string>>, ...argv: readonly string[]): Promise<Inputs> {
  return checkPiped("", argv, env);
}

/** @param piped what standard input holds */
async function checkPiped(
  piped: string | Uint8Array,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Inputs> {
  const surroundings = { env, cwd: directory };
  const invocation = parseArguments(argv, surroundings);
  if (invocation.kind !== "debug") throw new Error("not a debugger run");
  const { options } = invocation;
  if (wantsInput(options) === undefined) return await checkInputs(options, surroundings);
  const stdin = new PassThrough().end(piped);
  using input = await ReceivedInput.read(stdin, { signal: new AbortController().signal });
  return await checkInputs(options, surroundings, input);
}

describe("where the Dockerfile and the context are", () => {
  test("a directory is the context with its Dockerfile", async () => {
    await put("Dockerfile");
    const { request, notes } = await check();
    expect(request).toMatchObject({ source: fromDockerfile(directory, join(directory, "Dockerfile")) });
    expect(notes).toEqual([]);
  });

  test("a lower case dockerfile is found as docker finds it", async () => {
    await put("dockerfile");
    expect((await check()).request.source).toMatchObject({ dockerfile: join(directory, "dockerfile") });
  });

  test("-f may lie outside the context", async () => {
    await put("build/app.Dockerfile");
    await put("app/main.c");
    const { request } = await check("-f", "build/app.Dockerfile", "app");
    const file = join(directory, "build/app.Dockerfile");
    expect(request).toMatchObject({ source: fromDockerfile(join(directory, "app"), file) });
  });

  test("a file is the Dockerfile, its directory the context, and that is said", async () => {
    await put("app/Containerfile");
    const { request, notes } = await check("app/Containerfile");
    expect(request.source).toMatchObject({ context: join(directory, "app") });
    expect(notes).toEqual([`the build context is ${join(directory, "app")}`]);
  });

  test("--context overrides the file's directory", async () => {
    await put("app/Dockerfile");
    const { request, notes } = await check("app/Dockerfile", "--context", ".");
    expect(request.source).toMatchObject({ context: directory });
    expect(notes).toEqual([]);
  });
});

describe("what is no file here", () => {
  test("a Dockerfile that is piped is a private copy, and its context empty", async () => {
    const { request, notes } = await checkPiped("FROM scratch\n", ["-"]);
    expect(request.source).toMatchObject({
      context: expect.stringMatching(/bktui-input-\w+\/context$/),
      dockerfile: { kind: "copy", of: "standard input" },
    });
    expect(notes).toEqual([expect.stringMatching(/private copy/)]);
  });

  test("-f - takes it with a context", async () => {
    await put("app/main.c");
    const { request } = await checkPiped("FROM scratch\n", ["-f", "-", "app"]);
    expect(request.source).toMatchObject({ context: join(directory, "app"), dockerfile: { kind: "copy" } });
  });

  test("a tar that is piped is the context, with the Dockerfile in it", async () => {
    const { request, notes } = await checkPiped(gzipSync("anything"), ["-f", "sub/D", "-"]);
    expect(request.source).toMatchObject({
      context: { kind: "archive", of: "standard input" },
      dockerfile: { kind: "in-context", path: "sub/D" },
    });
    expect(notes).toEqual([expect.stringMatching(/a rerun takes the same again/)]);
  });

  test.each(["https://host/x.git#main:sub", "git://host/x.git", "http://host/Dockerfile"])(
    "%s is fetched by the engine",
    async (url) => {
      expect((await check(url)).request.source).toMatchObject({
        context: { kind: "url", url },
        dockerfile: { kind: "in-context", path: "Dockerfile" },
      });
      const dockerfile = { kind: "in-context", path: "sub/D" };
      expect((await check("-f", "sub/D", url)).request.source).toMatchObject({ dockerfile });
    },
  );

  test("a repository over ssh is given the agent, as docker does", async () => {
    const socket = join(directory, "agent");
    const agent = createServer().listen(socket);
    await new Promise((resolve) => agent.once("listening", resolve));
    const { request } = await checkWith({ SSH_AUTH_SOCK: socket }, "git@host:x.git");
    expect(request.source).toMatchObject({ context: { kind: "url", url: "git@host:x.git" } });
    expect(request.ssh.map(({ id }) => id)).toEqual(["default"]);
    await new Promise((resolve) => agent.close(resolve));
    await expect(checkWith({}, "ssh://git@host/x.git")).rejects.toThrow(/SSH_AUTH_SOCK/);
  });

  test("with a URL a whole path of -f is a file here", async () => {
    const path = await put("D");
    expect((await check("-f", path, "https://host/x.git")).request.source).toMatchObject({
      dockerfile: path,
    });
  });

  test("a Dockerfile behind a URL, with a context here and not with one elsewhere", async () => {
    await put("app/main.c");
    const { request } = await check("-f", "https://host/D", "app");
    expect(request.source).toMatchObject({
      context: join(directory, "app"),
      dockerfile: { kind: "url", url: "https://host/D" },
    });
    await expect(check("-f", "https://host/D", "https://host/x.git")).rejects.toThrow(/takes only one/);
  });

  test("a directory goes before a URL of its name", async () => {
    await put("github.com/a/b/Dockerfile");
    const context = join(directory, "github.com/a/b");
    expect((await check("github.com/a/b")).request.source).toMatchObject({ context });
  });

  test("a Dockerfile here with --context URL", async () => {
    const path = await put("D");
    expect((await check("D", "--context", "https://host/x.git")).request.source).toMatchObject({
      context: { kind: "url", url: "https://host/x.git" },
      dockerfile: path,
    });
  });

  test.each<[string, string, readonly string[], RegExp]>([
    ["nothing", "", ["-"], /standard input is empty/],
    ["both", "x", ["-f", "-", "-"], /both the context and the Dockerfile/],
    ["two Dockerfiles", "FROM scratch\n", ["-f", "D", "-"], /two Dockerfiles: standard input and -f D/],
    [
      "two contexts",
      "",
      ["--context", "https://u:secret@host/y", "https://host/x"],
      /two contexts: .*\*\*\*/,
    ],
  ])("%s on standard input is refused", async (_name, piped, argv, message) => {
    await expect(checkPiped(piped, argv)).rejects.toThrow(message);
  });

  test("an archive is no Dockerfile", async () => {
    await expect(checkPiped(gzipSync("x"), ["-f", "-", "."])).rejects.toThrow(
      /holds an archive, not a Dockerfile/,
    );
  });

  test("nothing of it stays on disk", async () => {
    const { request } = await checkPiped("FROM scratch\n", ["-"]);
    expect(existsSync(contextDirectory(request) ?? "/")).toBe(false);
  });

  test("a named context that is not there, or no directory", async () => {
    await put("Dockerfile");
    await expect(check("--build-context", "a=none")).rejects.toThrow(
      /build context "a" .*none: no such file/,
    );
    await expect(check("--build-context", "a=Dockerfile")).rejects.toThrow(/Dockerfile is not a directory/);
  });
});

describe("a mistake is named before anything runs", () => {
  test("a missing path, with a near one", async () => {
    await put("Dockerfile.dev");
    await expect(check("Dockerfile.de")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining("Dockerfile.de: no such file"),
      hint: expect.stringContaining("Dockerfile.dev?"),
    });
  });

  test("a missing path behind --serve, whose name it may be", async () => {
    const hint = "if it is the name for --serve, write --serve=mine";
    await expect(check("--serve", "mine")).rejects.toMatchObject({ code: "not-found", hint });
    const without = expect.not.stringContaining("--serve");
    await expect(check("mine", "--serve")).rejects.toMatchObject({ hint: without });
  });

  test("a missing path that looks like a command", async () => {
    await expect(check("docter")).rejects.toMatchObject({ hint: "did you mean bktui doctor?" });
    await expect(check("enigne", "status")).rejects.toMatchObject({ hint: "did you mean bktui engine?" });
  });

  test("a directory without a Dockerfile, with what looks like one", async () => {
    await put("Containerfile");
    await put("web.dockerfile");
    await put("web.Dockerfile.dockerignore", "");
    await expect(check()).rejects.toMatchObject({
      code: "not-found",
      message: `no Dockerfile in ${directory}`,
      hint: `did you mean -f ${directory}/Containerfile or -f ${directory}/web.dockerfile?`,
    });
  });

  test("a directory without anything like a Dockerfile", async () => {
    await expect(check()).rejects.toMatchObject({ code: "not-found", hint: "give its path with -f FILE" });
  });

  test.each([
    ["of no bytes", ""],
    ["of blanks behind a byte order mark", "\ufeff \r\n\t\n"],
  ])("an empty Dockerfile %s", async (_name, text) => {
    await put("Dockerfile", text);
    await expect(check()).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(/is empty$/),
    });
  });

  test("a binary Dockerfile", async () => {
    await put("Dockerfile", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0));
    await expect(check()).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("binary: it has a NUL byte at offset 4"),
    });
  });

  test.each([
    ["a comment", "# a\0b\nFROM scratch\n"],
    ["a label behind a byte order mark", '\ufeffARG a\nFROM scratch\nLABEL b="\0"\n'],
    ["a file for another frontend", "# syntax=my/frontend\n\0"],
  ])("but not for a NUL in %s, which engines build", async (_, text) => {
    await put("Dockerfile", text);
    await expect(check()).resolves.toBeDefined();
  });

  test("a UTF-16 Dockerfile", async () => {
    await put("Dockerfile", Buffer.from("\ufeffFROM scratch\n", "utf16le"));
    await expect(check()).rejects.toMatchObject({
      message: expect.stringContaining("UTF-16"),
      code: "bad-request",
    });
  });

  test("CRLF, a byte order mark and Latin-1 comments are no mistakes", async () => {
    await put("Dockerfile", Buffer.from("\ufeffFROM scratch\r\n# caf\xe9\r\n", "latin1"));
    await expect(check()).resolves.toBeDefined();
  });

  test("a Dockerfile that is a directory", async () => {
    await mkdir(join(directory, "Dockerfile"));
    await expect(check()).rejects.toMatchObject({ message: expect.stringContaining("is a directory") });
  });

  test("a Dockerfile that is a device", async () => {
    await expect(check("/dev/null")).rejects.toMatchObject({
      message: expect.stringContaining("not a regular file"),
    });
  });

  test("a loop of symbolic links", async () => {
    await symlink("Dockerfile", join(directory, "Dockerfile"));
    await expect(check()).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("too many symbolic links"),
    });
  });

  test("two Dockerfiles", async () => {
    await put("a");
    await put("b");
    await expect(check("a", "-f", "b")).rejects.toMatchObject({ code: "usage" });
  });

  test("a context that is a file", async () => {
    await put("Dockerfile");
    await expect(check("Dockerfile", "--context", "Dockerfile")).rejects.toMatchObject({
      message: expect.stringContaining("is not a directory"),
    });
  });

  test("a Dockerfile whose content cannot be read", async () => {
    await expect(check("/proc/self/mem")).rejects.toMatchObject({
      code: "io",
      message: expect.stringMatching(/^cannot read the Dockerfile \/proc\/self\/mem: /),
    });
  });
});

describe("secrets and agents", () => {
  beforeEach(async () => {
    await put("Dockerfile");
  });

  test("a secret's file that is missing", async () => {
    await expect(check("--secret", "id=npm,src=.npmrc")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining('secret "npm"'),
    });
  });

  test("a secret's file that is too large", async () => {
    await put("big", new Uint8Array(500 * 1024 + 1));
    await expect(check("--secret", "id=big,src=big")).rejects.toMatchObject({
      message: expect.stringContaining("512001 bytes"),
    });
  });

  test("a secret's variable that is not set is said, and the build goes on as in docker", async () => {
    const { notes } = await check("--secret", "id=a,env=NOT_SET");
    expect(notes).toEqual(['secret "a": the environment variable NOT_SET is not set, the secret is empty']);
  });

  test("an id that may be a variable or a file names both", async () => {
    await expect(check("--secret", "id=NPM")).rejects.toMatchObject({
      code: "not-found",
      message: `secret "NPM": there is neither an environment variable NPM nor a file ${join(directory, "NPM")}`,
    });
    await put("NPM", "x");
    expect((await check("--secret", "id=NPM")).notes).toEqual([]);
    expect((await checkWith({ NPM: "x" }, "--secret", "id=NPM")).notes).toEqual([
      'secret "NPM": the variable NPM is taken, not the file of that name; src=NPM names the file',
    ]);
  });

  test("a file beside a variable must be there, though it does not count", async () => {
    await expect(check("--secret", "id=a,env=A,src=gone")).rejects.toMatchObject({ code: "not-found" });
    await put("here", "x");
    expect((await check("--secret", "id=a,env=A,src=here")).notes).toEqual([
      `secret "a": the variable A counts, not the file ${join(directory, "here")}`,
    ]);
  });

  test("an agent's socket or key files are accepted, not both", async () => {
    const socket = join(directory, "agent");
    const agent = createServer().listen(socket);
    await new Promise((resolve) => agent.once("listening", resolve));
    await put("id_ed25519", "key");
    await expect(check("--ssh", "default=agent", "--ssh", "b=id_ed25519,id_ed25519")).resolves.toBeDefined();
    await expect(check("--ssh", "default=agent,id_ed25519")).rejects.toMatchObject({
      code: "bad-request",
      message: "--ssh default: one agent's socket, or keys, not several of them",
    });
    await new Promise((resolve) => agent.close(resolve));
    await expect(check("--ssh", "default=gone")).rejects.toMatchObject({ code: "not-found" });
    await expect(check("--ssh", `default=${directory}`)).rejects.toMatchObject({
      message: `--ssh default: ${directory} is neither a socket nor a key`,
    });
  });
});

test("a policy that docker would apply is told of, unless the options turn it off there too", async () => {
  await put("App");
  await put("App.rego", "package docker\n");
  const beside = `the policy ${join(directory, "App.rego")} is not applied: bktui evaluates no rules in Rego, docker buildx build does`;
  expect((await check("-f", "App", ".")).notes).toEqual([beside]);
  const env = { BUILDX_DEFAULT_POLICY: "true" };
  const builtIn = expect.stringMatching(
    /^the built-in policy that BUILDX_DEFAULT_POLICY asks for is not applied/,
  );
  expect((await checkWith(env, "-f", "App", "--policy", "strict=true", ".")).notes).toEqual([
    beside,
    builtIn,
  ]);
  expect((await checkWith(env, "-f", "App", "--policy=reset=true", ".")).notes).toEqual([builtIn]);
  expect((await checkWith(env, "-f", "App", "--policy=disabled=true", ".")).notes).toEqual([]);
  await put("Dockerfile");
  expect((await check(".")).notes).toEqual([]);
});
