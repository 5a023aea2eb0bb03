/** Git repositories as contexts: the same verdict and image as buildx, and stepped through without a Dockerfile here. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { both, dockerfile, sameImage, sameRefusal } from "../support/compared-builds.ts";
import { serveInEngine } from "../support/engine-network.ts";
import { forEachEngine } from "../support/engines.ts";
import { run } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const DAEMON = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-daemon");

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

/** A server with the repository, in the engine's network. */
class GitServer implements AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly #server: AsyncDisposable;

  static async start(engine: TestEngine): Promise<GitServer> {
    const directory = await mkdtemp(join(tmpdir(), "bktui-git-"));
    await repository(directory, {
      Dockerfile: dockerfile("COPY sub /sub"),
      "sub/Dockerfile": dockerfile("COPY b.txt /b.txt", "RUN cat /b.txt"),
      "sub/Whole": dockerfile("COPY sub/b.txt /"),
      "sub/b.txt": "b",
      Broken: "FROM scratch\n\nRUNN x\n",
    });
    const server = await serveInEngine(engine, (port) => [
      ...[DAEMON, "--export-all", `--base-path=${directory}`],
      ...["--listen=127.0.0.1", `--port=${port}`, "--reuseaddr", directory],
    ]);
    return new GitServer(directory, `git://${server.host}/x.git`, server);
  }

  private constructor(directory: string, url: string, server: AsyncDisposable) {
    this.directory = directory;
    this.url = url;
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true });
  }
}

describe.skipIf(!existsSync(DAEMON))("with git-daemon", () => {
  forEachEngine((engine) => {
    const isNew = engine.keepsFailedState;

    test("branch and directory, in both spellings", async () => {
      await using git = await GitServer.start(engine);
      const [{ url }, cwd] = [git, git.directory];
      await sameImage(engine, [url], { cwd });
      // BuildKit 0.8 knows no directories in a repository.
      await (isNew ? sameImage : sameRefusal)(engine, [`${url}#other:sub`], { cwd });
      await sameImage(engine, ["-f", "sub/Whole", url], { cwd });
      const { ours, dockers } = await both(engine, [`${url}?ref=other&subdir=sub`], { cwd });
      expect({ built: ours.built, image: ours.image }, ours.said + dockers.said).toEqual({
        built: dockers.built,
        image: dockers.image,
      });
      await sameRefusal(engine, [`${url}#nobranch`], { cwd });
    });

    test("with a Dockerfile from here, from a pipe, and as a named context", async () => {
      await using git = await GitServer.start(engine);
      const [{ url }, cwd] = [git, git.directory];
      await writeFile(join(cwd, "Own"), dockerfile("COPY sub/b.txt /own"));
      await sameImage(engine, ["-f", join(cwd, "Own"), url], { cwd });
      await sameImage(engine, ["-f", "-", url], { cwd, input: dockerfile("COPY sub/b.txt /piped") });
      await mkdir(join(cwd, "app"));
      await writeFile(join(cwd, "app/Dockerfile"), dockerfile("COPY --from=repo sub/b.txt /b"));
      await (isNew ? sameImage : sameRefusal)(engine, ["--build-context", `repo=${url}`, "app"], { cwd });
    });

    test("stepped through by lines, with a shell at a COPY", async () => {
      await using git = await GitServer.start(engine);
      const script = "next\nshell\npwd\nexit\ncontinue\nquit\n";
      const { exitCode, stdout } = await runWithoutTerminal(engine, ["--ui=plain", git.url], script);
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toMatch(/debugging Dockerfile of git:[\s\S]*step 1\/\d[\s\S]*\n\/\n/);
    });

    test("on the screen: its source, and a refused file at its line, which is edited in a copy", async () => {
      await using git = await GitServer.start(engine);
      const editor = join(git.directory, "edit.sh");
      await writeFile(editor, '#!/bin/sh\nfor last; do :; done\nsed -i "s/RUNN x/COPY sub \\/s/" "$last"\n', {
        mode: 0o755,
      });
      await using terminal = await Terminal.start({
        engine,
        args: ["-f", "Broken", git.url],
        env: { EDITOR: editor, VISUAL: "" },
      });
      if (!isNew) {
        // BuildKit 0.8 refuses without telling the file.
        await terminal.until(/line 3: unknown instruction RUNN/);
        return;
      }
      await terminal.until(/3[^\n]*RUNN x/);
      terminal.type("e");
      // What was refused is loaded again when it is saved.
      await terminal.until(/3[^\n]*COPY sub \/s/);
      terminal.type("c");
      await terminal.until(/FINISHED/);
    });
  });
});
