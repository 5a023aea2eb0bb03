/** Contexts and Dockerfiles from where docker takes them: the same verdict and the same image as buildx on the same engine. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import { docker } from "../support/docker-client.ts";
import { serveInEngine } from "../support/engine-network.ts";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, forEachEngine, testEngines } from "../support/engines.ts";
import { writeLayout } from "../support/oci-layout.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { type Ended, run, runBktui } from "../support/program.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const EPOCH = { SOURCE_DATE_EPOCH: "1700000000" };

/** Builds with docker's buildx, also on engines that came without one. */
async function buildx(engine: TestEngine, args: readonly string[], options: Piped): Promise<Ended> {
  const programs = testEngines().map(({ binDir }) =>
    binDir === undefined ? "" : join(binDir, "docker-buildx"),
  );
  const home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  try {
    const env = { ...engineVariables(engine), ...EPOCH, HOME: home };
    const program = programs.find((path) => existsSync(path)) ?? "docker-buildx";
    return await run(program, ["build", ...args], { ...options, env });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

interface Piped {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
}

interface Verdict {
  readonly built: boolean;
  readonly image: string;
  readonly said: string;
}

/** The same command line for both: bktui first, so that docker finds its layers. */
async function both(
  engine: TestEngine,
  args: readonly string[],
  options: Piped,
): Promise<{ readonly ours: Verdict; readonly dockers: Verdict }> {
  const tag = `bktui-test:${randomUUID()}`;
  const all = ["--load", "--provenance=false", ...args];
  const ours = await runBktui(["--run", "-t", tag, ...all], { engine, env: EPOCH, ...options });
  const theirs = await buildx(engine, ["-t", `${tag}-docker`, ...all], options);
  const imageOf = async (built: boolean, name: string): Promise<string> =>
    built ? (await docker(engine, ["image", "inspect", "--format", "{{.Id}}", name])).stdout : "";
  const verdict = async ({ exitCode, stderr }: Ended, name: string): Promise<Verdict> => {
    const built = exitCode === 0;
    return { built, image: await imageOf(built, name), said: stderr };
  };
  return { ours: await verdict(ours, tag), dockers: await verdict(theirs, `${tag}-docker`) };
}

/** Both build, and the same image. Answers what bktui said. */
async function sameImage(engine: TestEngine, args: readonly string[], options: Piped): Promise<string> {
  const { ours, dockers } = await both(engine, args, options);
  expect(dockers.built, dockers.said).toBe(true);
  expect(ours.built, ours.said).toBe(true);
  expect(ours.image).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(ours.image).toBe(dockers.image);
  return ours.said;
}

/** Neither builds. Answers what bktui said. */
async function sameRefusal(engine: TestEngine, args: readonly string[], options: Piped): Promise<string> {
  const { ours, dockers } = await both(engine, args, options);
  expect(dockers.built, dockers.said).toBe(false);
  expect(ours.built, ours.said).toBe(false);
  return ours.said;
}

/** No two tests make the same image, so none finds the other's. */
function dockerfile(...lines: readonly string[]): string {
  return ["FROM busybox:1.36", ...lines, `ENV TEST=${randomUUID()}`, ""].join("\n");
}

async function archive(directory: string): Promise<Uint8Array> {
  const path = join(directory, "..", `${randomUUID()}.tar`);
  await run("tar", ["-cf", path, "-C", directory, "."]);
  const bytes = await readFile(path);
  await rm(path);
  return bytes;
}

/** Without ETag: BuildKit 0.8 cannot do with some. */
const SERVE_FILES = `
  const [directory, port] = process.argv.slice(1);
  require("node:http").createServer((request, response) => {
    const file = require("node:fs").createReadStream(directory + request.url);
    file.on("error", () => response.writeHead(404).end()).pipe(response);
  }).listen(Number(port), "127.0.0.1");
`;

/** A bare repository `x.git` of the directory: branches master and other. */
async function repository(parent: string, files: Readonly<Record<string, string>>): Promise<void> {
  const work = join(parent, "work");
  await mkdir(join(work, "sub"), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(work, name), text);
  const identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
  const git = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await run("git", ["-C", work, ...identity, ...args], {
      env: { HOME: parent },
    });
    expect(exitCode, stderr).toBe(0);
  };
  await git("init", "-q", "-b", "master");
  await git("add", ".");
  await git("commit", "-qm", "one");
  await git("branch", "other");
  await git("clone", "-q", "--bare", work, join(parent, "x.git"));
}

forEachEngine((engine) => {
  const isNew = engine.keepsFailedState;

  test("a Dockerfile on standard input, alone and with a context", async () => {
    await using context = await busyboxContext({ files: { "a.txt": "a" } });
    const alone = await sameImage(engine, ["-"], { cwd: context.path, input: dockerfile("RUN echo alone") });
    expect(alone).toMatch(/building the Dockerfile of standard input/);
    await sameImage(engine, ["-f", "-", "."], { cwd: context.path, input: dockerfile("COPY a.txt /a.txt") });
    const said = await sameRefusal(engine, ["-"], { cwd: context.path, input: "FROM scratch\nRUNN x\n" });
    expect(said).toContain("Dockerfile of standard input");
  });

  test("a tar on standard input, plain and compressed, with the Dockerfile in a directory of it", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: dockerfile("COPY a.txt /"), "sub/D": dockerfile("COPY sub /s"), "a.txt": "a" },
    });
    const tar = await archive(context.path);
    const cwd = tmpdir();
    const said = await sameImage(engine, ["-"], { cwd, input: tar });
    expect(said).toMatch(/note: the context came on standard input/);
    await sameImage(engine, ["-f", "sub/D", "-"], { cwd, input: gzipSync(tar) });
    await sameRefusal(engine, ["-f", "none", "-"], { cwd, input: tar });
    await writeFile(join(context.path, "sub/M"), dockerfile("COPY a.tx /"));
    const missing = await sameRefusal(engine, ["-f", "sub/M", "-"], {
      cwd,
      input: await archive(context.path),
    });
    expect(missing).toMatch(/"\/?a\.tx" is not in the context/);
  });

  test("git: branch and directory, in both spellings, and a refused Dockerfile is shown", async () => {
    const parent = await mkdtemp(join(tmpdir(), "bktui-git-"));
    try {
      const sub = dockerfile("COPY b.txt /b.txt", "RUN cat /b.txt");
      const files = {
        Dockerfile: dockerfile("COPY sub /sub"),
        "sub/Dockerfile": sub,
        "sub/Whole": dockerfile("COPY sub/b.txt /"),
        "sub/b.txt": "b",
      };
      await repository(parent, { ...files, "sub/Broken": "FROM scratch\n\nRUNN x\n" });
      await using server = await serveInEngine(engine, (port) => [
        ...["/usr/lib/git-core/git-daemon", "--export-all", `--base-path=${parent}`],
        ...["--listen=127.0.0.1", `--port=${port}`, "--reuseaddr", parent],
      ]);
      const url = `git://${server.host}/x.git`;
      const cwd = parent;
      await sameImage(engine, [url], { cwd });
      // BuildKit 0.8 knows no directories in a repository.
      await (isNew ? sameImage : sameRefusal)(engine, [`${url}#other:sub`], { cwd });
      await sameImage(engine, ["-f", "sub/Whole", url], { cwd });
      const { ours, dockers } = await both(engine, [`${url}?ref=other&subdir=sub`], { cwd });
      expect({ built: ours.built, image: ours.image }, ours.said + dockers.said).toEqual({
        built: dockers.built,
        image: dockers.image,
      });
      const script = "next\nshell\npwd\nexit\ncontinue\nquit\n";
      const stepped = await runWithoutTerminal(engine, ["--ui=plain", url], script);
      expect(stepped.exitCode, stepped.stdout).toBe(0);
      expect(stepped.stdout).toMatch(/debugging Dockerfile of git:[\s\S]*step 1\/\d[\s\S]*\n\/\n/);
      await writeFile(join(parent, "Own"), dockerfile("COPY sub/b.txt /own"));
      await sameImage(engine, ["-f", join(parent, "Own"), url], { cwd });
      await sameImage(engine, ["-f", "-", url], { cwd, input: dockerfile("COPY sub/b.txt /piped") });
      await sameRefusal(engine, [`${url}#nobranch`], { cwd });
      const said = await sameRefusal(engine, ["-f", "Broken", `${url}#master:sub`], { cwd });
      if (isNew) expect(said).toMatch(/3[^\n]*RUNN x/);
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  test("http: an archive, and a Dockerfile alone", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: dockerfile("COPY a.txt /"), "a.txt": "a" },
    });
    const served = await mkdtemp(join(tmpdir(), "bktui-http-"));
    try {
      await writeFile(join(served, "c.tar.gz"), gzipSync(await archive(context.path)));
      await writeFile(join(served, "alone"), dockerfile("RUN echo alone"));
      await using server = await serveInEngine(engine, (port) => [
        ...[process.execPath, "-e", SERVE_FILES, served, String(port)],
      ]);
      const url = `http://${server.host}`;
      const cwd = served;
      await sameImage(engine, [`${url}/c.tar.gz`], { cwd });
      await sameImage(engine, [`${url}/alone`], { cwd });
      await sameRefusal(engine, [`${url}/none`], { cwd });
      await writeFile(join(served, "D"), dockerfile("COPY a.txt /fetched"));
      await sameImage(engine, ["-f", `${url}/D`, context.path], { cwd });
      await sameRefusal(engine, ["-f", `${url}/none`, context.path], { cwd });
    } finally {
      await rm(served, { recursive: true });
    }
  });

  test("named contexts: a directory, an image, a target, a file of a server", async () => {
    await using context = await busyboxContext({
      files: {
        "app/Dockerfile": dockerfile("COPY --from=shared settings.ini /s.ini"),
        "shared/settings.ini": "x",
        "shared/ignored": "y",
        "shared/.dockerignore": "ignored\n",
        "base/Dockerfile": `FROM base\nRUN true\nENV TEST=${randomUUID()}\n`,
      },
    });
    const cwd = context.path;
    const same = isNew ? sameImage : sameRefusal;
    await same(engine, ["--build-context", "shared=shared", "app"], { cwd });
    await same(engine, ["--build-context=base=docker-image://busybox:1.36", "base"], { cwd });
    await sameRefusal(engine, ["--build-context", "shared=target:other", "app"], { cwd });
    await sameRefusal(engine, ["app"], { cwd });
    await writeFile(join(cwd, "app/Dockerfile"), dockerfile("COPY --from=shared ignored /s.ini"));
    const said = await sameRefusal(engine, ["--build-context", "shared=shared", "app"], { cwd });
    if (isNew) expect(said).toMatch(/"?\/?ignored"? is not in the context shared/);
  });

  test("Dockerfiles outside of the context, and what their directives say", async () => {
    await using context = await busyboxContext({
      files: {
        "app/a.txt": "a",
        "app/b.txt": "b",
        "app/.dockerignore": "a.txt\n",
        "D.out": dockerfile("COPY . /app"),
        "D.out.dockerignore": "b.txt\n",
        "D.escape": `# escape=\`\n${dockerfile("RUN echo one `", "  two")}`,
        "D.check": `# check=error=true\n${dockerfile("MAINTAINER me")}`,
      },
    });
    const cwd = context.path;
    await sameImage(engine, ["-f", "D.out", "app"], { cwd });
    await sameImage(engine, ["-f", "D.escape", "app"], { cwd });
    const { ours, dockers } = await both(engine, ["-f", "D.check", "app"], { cwd });
    expect({ built: ours.built, image: ours.image }, ours.said).toEqual({
      built: dockers.built,
      image: dockers.image,
    });
    await appendFile(join(cwd, "app/.dockerignore"), "# a comment\n");
    await sameImage(engine, ["-f", "D.out", "app"], { cwd });
  });
});

test("an OCI layout as a named context, by tag, by digest and alone; refused by a store without containerd", async () => {
  await using context = await busyboxContext({
    files: { Dockerfile: `FROM base\nRUN echo ${randomUUID()}\nENV TEST=${randomUUID()}\n` },
  });
  const cwd = context.path;
  const digest = await writeLayout(join(cwd, "lay"), inject("busybox"), "1.0");
  const named = (text: string): readonly string[] => ["--build-context", `base=oci-layout://${text}`, "."];
  await using own = await OwnEngine.start(undefined, {
    daemonJson: { features: { "containerd-snapshotter": true } },
  });
  await sameImage(own.engine, named("lay:1.0"), { cwd });
  await sameImage(own.engine, named(`lay@${digest}`), { cwd });
  await sameImage(own.engine, named("lay"), { cwd });
  await writeLayout(join(cwd, "lay"), inject("busybox"), "2.0");
  const missing = await sameRefusal(own.engine, named("lay:3.0"), { cwd });
  expect(missing).toContain("there are 1.0, 2.0: write :TAG behind the path");
  const [graphdriver] = testEngines();
  if (graphdriver?.version !== undefined) await sameRefusal(graphdriver, named("lay:1.0"), { cwd });
});
