import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { checkInputs, type Inputs } from "../../../src/cli/inputs.ts";

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
  const env = {};
  const invocation = parseArguments(argv, { env, cwd: directory });
  if (invocation.kind !== "debug") throw new Error("not a debugger run");
  return checkInputs(invocation.options, env);
}

describe("where the Dockerfile and the context are", () => {
  test("a directory is the context with its Dockerfile", async () => {
    await put("Dockerfile");
    const { request, notes } = await check();
    expect(request).toMatchObject({ context: directory, dockerfile: join(directory, "Dockerfile") });
    expect(notes).toEqual([]);
  });

  test("a lower case dockerfile is found as docker finds it", async () => {
    await put("dockerfile");
    expect((await check()).request.dockerfile).toBe(join(directory, "dockerfile"));
  });

  test("-f may lie outside the context", async () => {
    await put("build/app.Dockerfile");
    await put("app/main.c");
    const { request } = await check("-f", "build/app.Dockerfile", "app");
    expect(request).toMatchObject({
      context: join(directory, "app"),
      dockerfile: join(directory, "build/app.Dockerfile"),
    });
  });

  test("a file is the Dockerfile, its directory the context, and that is said", async () => {
    await put("app/Containerfile");
    const { request, notes } = await check("app/Containerfile");
    expect(request.context).toBe(join(directory, "app"));
    expect(notes).toEqual([`the build context is ${join(directory, "app")}`]);
  });

  test("--context overrides the file's directory", async () => {
    await put("app/Dockerfile");
    const { request, notes } = await check("app/Dockerfile", "--context", ".");
    expect(request.context).toBe(directory);
    expect(notes).toEqual([]);
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

  test("a missing path that looks like a command", async () => {
    await expect(check("docter")).rejects.toMatchObject({ hint: "did you mean bktui doctor?" });
    expect(() => check("enigne", "status")).toThrow(
      expect.objectContaining({ hint: "did you mean bktui engine?" }),
    );
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
    expect(notes).toEqual(['secret "a": the environment variable NOT_SET is not set']);
  });

  test("an agent's socket is accepted, a key file is not", async () => {
    const socket = join(directory, "agent");
    const agent = createServer().listen(socket);
    await new Promise((resolve) => agent.once("listening", resolve));
    await expect(check("--ssh", "default=agent")).resolves.toBeDefined();
    await new Promise((resolve) => agent.close(resolve));
    await put("id_ed25519", "key");
    await expect(check("--ssh", "default=id_ed25519")).rejects.toMatchObject({
      code: "unsupported",
      hint: expect.stringContaining("ssh-add"),
    });
  });
});

describe("what is no Dockerfile that can be built", () => {
  test("a link that leads out of its folder, or to nothing, is named with its target", async () => {
    await put("real/Dockerfile");
    await put("project/sub/D");
    await put("project/x");
    for (const [name, target] of [
      ["out", "../real/Dockerfile"],
      ["absolute", join(directory, "project/sub/D")],
      ["dangling", "gone"],
      ["within", "sub/D"],
      ["twice", "out"],
    ] as const)
      await symlink(target, join(directory, "project", name));
    await symlink("project", join(directory, "link"));
    await symlink("../real", join(directory, "project/elsewhere"));
    const given = (name: string): Promise<Inputs> => check("-f", `project/${name}`, "project");
    await expect(given("out")).rejects.toThrow(
      /Dockerfile \S+\/out is a link to ..\/real\/Dockerfile, out of its folder/,
    );
    await expect(given("twice")).rejects.toMatchObject({
      message: expect.stringContaining("a link to ../real/Dockerfile, out of its folder"),
      hint: `engines get the folder only; name the file itself: -f ${join(directory, "real/Dockerfile")}`,
    });
    await expect(given("absolute")).rejects.toThrow(/, out of its folder/);
    await expect(given("dangling")).rejects.toThrow(/is a link to gone, which does not exist/);
    await expect(given("within")).resolves.toMatchObject({
      request: { dockerfile: join(directory, "project/within") },
    });
    // The folder itself may be a link, and a path may go through one.
    await expect(check("-f", "link/within", "link")).resolves.toBeDefined();
    await expect(check("-f", "project/elsewhere/Dockerfile", "project")).resolves.toBeDefined();
  });

  test("a Compose or Bake file says what to type", async () => {
    const compose = await put("compose.yaml", "services:\n  web:\n    build: ./web\n");
    await expect(check("compose.yaml")).rejects.toMatchObject({
      message: `${compose} is a Compose file, not a Dockerfile`,
      hint: `name one of the Dockerfiles in it:\n  bktui ${join(directory, "web")}  (service web)`,
    });
    await expect(check()).rejects.toMatchObject({
      message: `no Dockerfile in ${directory}`,
      hint: `compose.yaml names those that are elsewhere: bktui ${compose} says what to type`,
    });
    await put("docker-bake.hcl", 'target "x" {\n  inherits = ["y"]\n}\n');
    await expect(check("-f", "docker-bake.hcl", ".")).rejects.toMatchObject({
      hint: "name one of the Dockerfiles in it: bktui -f FILE --target STAGE CONTEXT",
    });
  });
});
