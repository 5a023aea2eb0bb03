/** Contexts and Dockerfiles from where docker takes them: the same verdict and the same image as buildx on the same engine. */
import { randomUUID } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import { both, dockerfile, sameImage, sameRefusal } from "../support/compared-builds.ts";
import { serveInEngine } from "../support/engine-network.ts";
import { busyboxContext, forEachEngine, testEngines } from "../support/engines.ts";
import { writeLayout } from "../support/oci-layout.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { run } from "../support/program.ts";

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
      const withPassword = `http://me:pw-in-the-url@${server.host}/alone`;
      expect(await sameImage(engine, [withPassword], { cwd })).not.toContain("pw-in-the-url");
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
