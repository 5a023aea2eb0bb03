/** A git repository behind git's own daemon, where an engine's builds can reach it. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { serveInEngine } from "./engine-network.ts";
import { hasProgram } from "./has-program.ts";
import { run } from "./program.ts";
import type { TestEngine } from "./test-engine.ts";

const DAEMON = hasProgram("git")
  ? join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-daemon")
  : "git-daemon";

export const HAS_GIT_DAEMON = existsSync(DAEMON);

/** A bare repository `x.git` of the directory: branches master and other. */
async function repository(parent: string, files: Readonly<Record<string, string>>): Promise<void> {
  const work = join(parent, "work");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await writeFile(join(work, name), text);
  }
  const identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
  const git = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await run("git", ["-C", work, ...identity, ...args], {
      env: { HOME: parent },
    });
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  };
  await git("init", "-q", "-b", "master");
  await git("add", ".");
  await git("commit", "-qm", "one");
  await git("branch", "other");
  await git("clone", "-q", "--bare", work, join(parent, "x.git"));
}

/** A server with the repository, in the engine's network. */
export class GitServer implements AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly #server: AsyncDisposable;

  static async start(engine: TestEngine, files: Readonly<Record<string, string>>): Promise<GitServer> {
    const directory = await mkdtemp(join(tmpdir(), "bktui-git-"));
    await repository(directory, files);
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
