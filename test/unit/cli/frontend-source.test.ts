import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BktuiError, toBktuiError } from "../../../src/base/errors.ts";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { checkInputs } from "../../../src/cli/inputs.ts";
import { FRONTEND_ROWS } from "../../../src/cli/options/frontend-rows.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import { fromDockerfile, sourceName, sourcePath } from "../../../src/engine/build-sources.ts";
import { frontendName, frontendOptions } from "../../../src/engine/buildkit/frontend-options.ts";

let at: string;

beforeAll(async () => {
  at = await mkdtemp(join(tmpdir(), "bktui-frontend-"));
  for (const name of ["Dockerfile", "d/app.Dockerfile", "plan.json", "other/x"]) {
    await mkdir(dirname(join(at, name)), { recursive: true });
    await writeFile(join(at, name), name === "plan.json" ? "{}" : "FROM scratch\n");
  }
});
afterAll(() => rm(at, { recursive: true }));

async function asked(
  ...argv: readonly string[]
): Promise<{ readonly request: BuildRequest; readonly notes: readonly string[] }> {
  const surroundings = { env: {}, cwd: at };
  const invocation = parseArguments(argv, surroundings);
  if (invocation.kind !== "debug") throw new Error(`not a debugger run: ${invocation.kind}`);
  return await checkInputs(invocation.options, surroundings);
}

const PLAN = ["build", "--frontend", "gateway.v0", "--opt", "source=plan:1"];
const LOCALS = ["--local", "context=.", "--local", "dockerfile=."];

describe("buildctl's spelling of a Dockerfile's build", () => {
  const line = (...more: readonly string[]): string[] => [
    "build",
    "--frontend",
    "dockerfile.v0",
    ...LOCALS,
    ...more,
  ];

  test("is the build of a path", async () => {
    const { request } = await asked(...line());
    const plain = await asked(".");
    expect(request).toEqual(plain.request);
    expect(frontendOptions(request)).toEqual({ filename: "Dockerfile" });
  });

  test("takes the file from where it is said to be, and options by the frontend's names", async () => {
    const { request } = await asked(
      ...line("--opt", "filename=d/app.Dockerfile", "--opt=target=t", "--opt", "build-arg:K=V=W"),
      ...["--opt", "label:l=1", "--opt", "platform=linux/arm64", "--opt", "no-cache=a,b"],
      ...["--opt", "force-network-mode=none", "--opt", "add-hosts=h=10.0.0.1,i=10.0.0.2"],
      ...["--opt", "ulimit=nofile=1:2,core=3", "--opt", "shm-size=64", "--opt", "image-resolve-mode=pull"],
      ...["--secret", "id=s,src=plan.json", "--allow", "network.host", "--addr", "unix:///x"],
      ...["--export-cache", "type=local,dest=c", "--import-cache", "type=local,src=c", "--progress", "plain"],
    );
    expect(request).toMatchObject({
      source: fromDockerfile(at, join(at, "d/app.Dockerfile")),
      target: "t",
      buildArgs: { K: "V=W" },
      labels: { l: "1" },
      platform: "linux/arm64",
      noCacheStages: ["a", "b"],
      network: "none",
      addHosts: ["h:10.0.0.1", "i:10.0.0.2"],
      shmSize: 64,
      pull: true,
      allow: ["network.host"],
      cacheTo: [{ type: "local", attributes: { dest: join(at, "c") } }],
      cacheFrom: [{ type: "local", attributes: { src: join(at, "c") } }],
    });
    expect(frontendOptions(request)).toEqual({
      filename: "app.Dockerfile",
      target: "t",
      platform: "linux/arm64",
      "no-cache": "a,b",
      "image-resolve-mode": "pull",
      "force-network-mode": "none",
      "add-hosts": "h=10.0.0.1,i=10.0.0.2",
      ulimit: "core=3:3,nofile=1:2",
      "shm-size": "64",
      "build-arg:K": "V=W",
      "label:l": "1",
    });
  });

  test("has named contexts: directories, layouts and images", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const { request } = await asked(
      ...line("--local", "more=other", "--opt", "context:shared=local:more"),
      ...["--oci-layout", "lay=other", "--opt", `context:base=oci-layout://lay@${digest}`],
      ...["--opt", "context:img=docker-image://busybox:1.36"],
    );
    expect(request).toMatchObject({ source: fromDockerfile(at, join(at, "Dockerfile")) });
    expect(request.contexts).toEqual([
      { name: "shared", from: { kind: "directory", path: join(at, "other") } },
      { name: "base", from: { kind: "oci-layout", path: join(at, "other"), tag: undefined, digest } },
      { name: "img", from: { kind: "reference", text: "docker-image://busybox:1.36" } },
    ]);
  });

  test("with what a path cannot say it goes to the frontend as it is", async () => {
    const { request } = await asked(...line("--opt", "cmdline=x"));
    expect(request.source).toMatchObject({ kind: "frontend", name: "dockerfile.v0" });
    expect(frontendOptions(request)).toEqual({ cmdline: "x" });
  });
});

describe("a build of another frontend", () => {
  test("has its directories by name, and its options", async () => {
    const { request } = await asked(
      ...PLAN,
      ...LOCALS,
      "--opt",
      "filename=plan.json",
      "--source",
      "plan.json",
    );
    expect(request.source).toEqual({
      kind: "frontend",
      name: "gateway.v0",
      options: { source: "plan:1", filename: "plan.json" },
      locals: { context: at, dockerfile: at },
      layouts: {},
      shown: join(at, "plan.json"),
    });
    expect(frontendName(request)).toBe("gateway.v0");
    expect(frontendOptions(request)).toEqual({ source: "plan:1", filename: "plan.json" });
  });

  test("has PATH and -f where no directory is named", async () => {
    const { request } = await asked(...PLAN, "-f", "d/app.Dockerfile", ".");
    expect(request.source).toMatchObject({
      options: { source: "plan:1", filename: "app.Dockerfile" },
      locals: { context: at, dockerfile: join(at, "d") },
    });
  });

  test("may read a file that nobody names: then the text is the one that it tells", async () => {
    const { request } = await asked(...PLAN, "--local", "dockerfile=other");
    expect(sourcePath(request)).toBeUndefined();
    expect(sourceName(request)).toBe("plan:1");
    expect(sourcePath((await asked(...PLAN, ...LOCALS)).request)).toBe(join(at, "Dockerfile"));
  });

  test("may take its context from elsewhere, and no directory at all", async () => {
    const { request } = await asked(...PLAN, "--opt", "context=https://example.test/r.git");
    expect(request.source).toMatchObject({ locals: {} });
  });

  test.each<[string, readonly string[], RegExp, RegExp]>([
    [
      "a path and directories",
      [...PLAN, ...LOCALS, "."],
      /^the path \. and --local say in two ways/,
      /--local and --opt as for buildctl/,
    ],
    ["a file and directories", [...PLAN, ...LOCALS, "-f", "x"], /^-f x and --local/, /PATH and -f/],
    [
      "a context and directories",
      [...PLAN, ...LOCALS, "--context", "x"],
      /^--context x and --local/,
      /PATH and -f/,
    ],
    [
      "two files",
      [...PLAN, "-f", "x", "--opt", "filename=y"],
      /^-f x and --opt filename=y name two files/,
      /one/,
    ],
    ["no image", ["--frontend", "gateway.v0", ...LOCALS], /the image of the frontend is missing/, /source=/],
    [
      "an image for a name",
      ["--frontend", "a/b:1"],
      /an image is no frontend's name/,
      /--opt source=a\/b:1$/,
    ],
    [
      "a URL",
      [...PLAN, "https://x.test/y.git"],
      /is given directories of this machine/,
      /--opt context=URL$/,
    ],
    [
      "a directory that is missing",
      ["--frontend", "dockerfile.v0", "--local", "context=."],
      /it reads the directory "dockerfile"/,
      /--local dockerfile=/,
    ],
    ["no frontend", ["--local", "context=."], /^--local is for a build of a frontend/, /--frontend/],
    ["no frontend for a text", ["--source", "x"], /^--source is for a build/, /--frontend/],
    ["a file of no frontend", ["--opt", "filename=x"], /that is said by -f FILE$/, /--frontend/],
    ["no pair", [...PLAN, "--local", "x"], /^--local x: not NAME=VALUE$/, /context=\.$/],
    ["no name", [...PLAN, "--opt", "=x"], /^--opt =x: not NAME=VALUE$/, /target=app$/],
    ["no directory", [...PLAN, "--local", "x="], /the directory is missing$/, /context=/],
    ["a question", [...PLAN, "--opt", "requestid=frontend.outline"], /it asks no question/, /--call/],
    [
      "two targets",
      [...PLAN, "--opt", "target=a", "--target", "b"],
      /^--target b and --opt target=a say different things$/,
      /one/,
    ],
    [
      "two values of an argument",
      [...PLAN, "--opt", "build-arg:A=1", "--build-arg", "A=2"],
      /^--build-arg A and --opt build-arg:A say different/,
      /one/,
    ],
  ])("with %s is refused as wrong usage", async (_, argv, message, hint) => {
    const error: unknown = await asked(...argv).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BktuiError);
    expect(toBktuiError(error)).toMatchObject({ code: "usage" });
    expect(toBktuiError(error).message).toMatch(message);
    expect(toBktuiError(error).hint).toMatch(hint);
  });

  test("a directory that is not there is named with its option", async () => {
    await expect(asked(...PLAN, "--local", "context=nowhere")).rejects.toThrow(
      /^--local context .*nowhere: no such file/,
    );
    await expect(asked(...PLAN, "--local", "context=plan.json")).rejects.toThrow(/is not a directory$/);
  });
});

test("an option of the engine's own frontend goes with a build of a path too", async () => {
  const { request } = await asked("--opt", "cmdline=x", "--opt", "target=t", ".");
  expect(frontendOptions(request)).toEqual({ filename: "Dockerfile", target: "t", cmdline: "x" });
});

test("every option of buildctl is done, said or refused", async () => {
  const { notes } = await asked(
    ...[
      "--trace",
      "t",
      "--ref-file",
      "r",
      "--debug-json-cache-metrics",
      "m",
      "--wait",
      "--timeout",
      "5",
      ".",
    ],
  );
  expect(notes.filter((note) => note.includes("left out"))).toHaveLength(4);
  await expect(asked("--proxy-network", ".")).rejects.toThrow(/BuildKit's proxy$/);
  await expect(asked("--registry-auth-tlscontext", "host=x", ".")).rejects.toThrow(/certificates$/);
  const flags = FRONTEND_ROWS.map(({ flags: all }) => all.split(" ")[0]);
  expect(new Set(flags).size).toBe(flags.length);
});
