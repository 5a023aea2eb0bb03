/** What figures have in common: contexts, bktui on a terminal, and the peers they are measured beside. */

import { access, chmod, copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRequest } from "../src/engine/build-request.ts";
import { fromDockerfile } from "../src/engine/build-sources.ts";
import { REQUEST } from "../test/support/debug-driver.ts";
import { engineVariables } from "../test/support/engine-variables.ts";
import { type Ended, run } from "../test/support/program.ts";
import { Terminal, type TerminalOptions } from "../test/support/terminal.ts";
import type { TestEngine } from "../test/support/test-engine.ts";

export const STEPS = 20;
export const WINDOW = { columns: 120, rows: 40 } as const;

export interface Bench {
  readonly engine: TestEngine;
  readonly busybox: string;
  /** Directory for contexts; deleted at the end. */
  readonly scratch: string;
}

let contexts = 0;

/** A context whose steps no other context has; `lines` follow the four that put busybox into place. */
export async function context({ busybox, scratch }: Bench, lines: readonly string[]): Promise<string> {
  contexts += 1;
  const head = [
    "FROM scratch",
    "ADD busybox /bin/busybox",
    `ENV BENCH=${process.pid}-${contexts}`,
    'RUN ["/bin/busybox","--install","-s","/bin"]',
  ];
  return await contextOf({ busybox, scratch }, `${[...head, ...lines].join("\n")}\n`);
}

/** A context of busybox and this Dockerfile. */
export async function contextOf(
  { busybox, scratch }: Pick<Bench, "busybox" | "scratch">,
  dockerfile: string,
): Promise<string> {
  const path = await mkdtemp(join(scratch, "context-"));
  await copyFile(busybox, join(path, "busybox"));
  await chmod(join(path, "busybox"), 0o755);
  await writeFile(join(path, "Dockerfile"), dockerfile);
  return path;
}

export function echoSteps(count = STEPS): readonly string[] {
  return Array.from({ length: count }, (_, index) => `RUN echo ${index}`);
}

export function requestFor(path: string): BuildRequest {
  return { ...REQUEST, source: fromDockerfile(path, join(path, "Dockerfile")) };
}

/** bktui before its first step. */
export async function opened(
  { engine }: Bench,
  path: string,
  { more = [], ...options }: Partial<TerminalOptions> & { readonly more?: readonly string[] } = {},
): Promise<Terminal> {
  const terminal = await Terminal.start({ ...WINDOW, ...options, args: [...more, path], engine });
  await terminal.untilRow(1, /LOADED · nothing has run yet$/);
  return terminal;
}

/** A shell with the keyboard in the step that failed. */
export async function openedInShell(bench: Bench, lines: readonly string[]): Promise<Terminal> {
  const terminal = await opened(bench, await context(bench, lines));
  terminal.type("c");
  await terminal.untilRow(1, /FAILED/);
  terminal.type("!");
  await terminal.until(SHELL_PROMPT);
  return terminal;
}

export const SHELL_PROMPT = /^root@\d+\/\d+ FAILED \/\S* #$/m;

/** Leaves as a person does, so that what is kept for the next start is kept. */
export async function leave(terminal: Terminal): Promise<void> {
  await terminal.press("q", (rows) => rows.some((row) => row.startsWith("LEFT") || /Quit\?/.test(row)));
  if (terminal.screen().some((row) => row.includes("Quit?"))) terminal.type("y");
  await terminal.left();
  await terminal[Symbol.asyncDispose]();
}

let keptCode: Promise<string> | undefined;

/** A cache directory with the code that an earlier start has compiled, as every start but the first finds it. */
export async function codeCache(bench: Bench): Promise<string> {
  keptCode ??= (async () => {
    const cache = await mkdtemp(join(bench.scratch, "code-"));
    const path = await context(bench, echoSteps());
    await leave(await opened(bench, path, { env: { XDG_CACHE_HOME: cache } }));
    return cache;
  })();
  return await keptCode;
}

/** Docker's own client; its home is the bench's, so that no configuration of this machine counts. */
export async function docker(bench: Bench, args: readonly string[]): Promise<Ended> {
  const { binDir = "" } = bench.engine;
  const home = join(bench.scratch, "docker-home");
  await mkdir(home, { recursive: true });
  const env = { ...engineVariables(bench.engine), HOME: home, DOCKER_BUILDKIT: "1" };
  const isBuildx = args[0] === "build" || args[0] === "prune";
  const ended = await run(join(binDir, isBuildx ? "docker-buildx" : "docker"), args, { env });
  if (ended.exitCode !== 0) throw new Error(`docker ${args.join(" ")}: ${ended.stderr}`);
  return ended;
}

export async function plainBuild(bench: Bench, path: string): Promise<void> {
  await docker(bench, ["build", "--progress=plain", path]);
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
