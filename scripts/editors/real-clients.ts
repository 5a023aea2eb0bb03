/**
 * `npm run editors [NAME…]`: real editors debug a build through `bktui dap`, and what was seen is printed. They come from a newer
 * Debian, in a root directory of their own below the user's cache; nothing is installed on this machine. Needs root and debootstrap.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDemoEngine, stopDemoEngine } from "../../demo/demo-engine.ts";
import { BktuiError, toBktuiError } from "../../src/base/errors.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";
import { emacs } from "./emacs.ts";
import { helix } from "./helix.ts";
import { neovim } from "./neovim.ts";
import type { EditorSession, Place } from "./session.ts";
import { type Bound, suiteRoot, wordsInside } from "./suite-root.ts";
import { vscode } from "./vscode.ts";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const SESSIONS: Readonly<Record<string, EditorSession>> = { emacs, helix, neovim, vscode };
const DOCKERFILE = `FROM busybox:1.36 AS base
ARG GREETING=hello
RUN echo "$GREETING" > /greeting

FROM base AS app
WORKDIR /app
RUN cp /greeting . && echo copied
RUN test -s missing.txt
`;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** A home and a project, gone in the end. */
async function preparedPlace(root: string, dockerHost: string): Promise<Place & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-editors-"));
  const [home = "", project = "", bin = "", run = ""] = ["home", "project", "bin", "run"].map((name) =>
    join(directory, name),
  );
  for (const each of [home, project, bin, run]) await mkdir(each, { mode: 0o700 });
  await writeFile(join(project, "Dockerfile"), DOCKERFILE);
  await symlink(join(REPOSITORY, "dist/bktui.js"), join(bin, "bktui"));
  const node = { from: process.execPath, to: "/usr/local/bin/node" };
  const plugin = process.env["NVIM_DAP"];
  const bound: readonly Bound[] = [
    ...[REPOSITORY, directory, dirname(dockerHost.replace("unix://", "")), node],
    ...(plugin === undefined ? [] : [{ from: plugin, to: "/opt/nvim-dap" }]),
  ];
  const env = {
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    XDG_RUNTIME_DIR: run,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    DOCKER_HOST: dockerHost,
  };
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    home,
    project,
    repository: REPOSITORY,
    hasNvimDap: plugin !== undefined,
    env,
    bktui: join(bin, "bktui"),
    inside: (command) => wordsInside(root, bound, ["env", "-i", "-C", project, ...settings, ...command]),
    configured: async (from, to) => {
      const path = join(home, ".config", to);
      await mkdir(dirname(path), { recursive: true });
      await cp(join(REPOSITORY, "demo/editors", from), path);
    },
    read: async (name) => await readFile(join(directory, name), "utf8").catch(() => ""),
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Whether all was seen that is to be seen. */
async function hasSeen(name: string, session: EditorSession, root: string, dockerHost: string) {
  await using place = await preparedPlace(root, dockerHost);
  say(`\n=== ${name}`);
  try {
    await session(place, say);
    say(`=== ${name}: seen all`);
    return true;
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    say(`=== ${name}: FAILED`);
    return false;
  }
}

async function main(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => SESSIONS[word] === undefined);
  if (unknown !== undefined)
    throw new BktuiError("usage", `there is no session "${unknown}"`, {
      hint: `choose of: ${Object.keys(SESSIONS).join(", ")}`,
    });
  const names = words.length > 0 ? words : Object.keys(SESSIONS);
  const directory = join(packageCacheDirectory(), "..", "editors");
  const root = await suiteRoot(directory, say);
  const engine = join(directory, "engine");
  const dockerHost = await startDemoEngine(engine, { signal: AbortSignal.timeout(300_000), say });
  try {
    let failures = 0;
    for (const name of names) {
      const session = SESSIONS[name];
      if (session !== undefined && !(await hasSeen(name, session, root, dockerHost))) failures += 1;
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await stopDemoEngine(engine);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, hint } = toBktuiError(error);
  say(hint === undefined ? message : `${message}\n${hint}`);
  process.exitCode = 1;
}
