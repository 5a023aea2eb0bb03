/** `npm run demo [NAME]`: an engine with its image, and the debugger on a demo project. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BktuiError, toBktuiError } from "../src/base/errors.ts";
import { defaultEngineDirectory } from "../src/engine/private/system/cache-directories.ts";
import { startDemoEngine, stopDemoEngine } from "./demo-engine.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = fileURLToPath(new URL("../dist/bktui.js", import.meta.url));
const extraOptions: Readonly<Record<string, readonly string[]>> = {
  mounts: ["--secret", `id=token,src=${join(here, "mounts/token.txt")}`],
};
/** They have no Dockerfile: a plan as a definition, and one that a frontend reads, whose image is made before. */
const PLAN = "plan";
const FRONTEND = "frontend";
const say = (line: string): boolean => process.stderr.write(`demo: ${line}\n`);

async function demoNames(): Promise<string[]> {
  const entries = await readdir(here, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const hasNoFile = (name: string): boolean => name === PLAN || name === FRONTEND;
  return names.filter((name) => hasNoFile(name) || existsSync(join(here, name, "Dockerfile")));
}

/** What is built: a directory with a Dockerfile, or a plan that becomes a definition. */
async function sourceOf(name: string): Promise<readonly string[]> {
  return name === PLAN ? (await import("./plan/arguments.ts")).planArguments() : [join(here, name)];
}

/** Without a screen. */
function build(args: readonly string[]): Promise<number> {
  return exitCodeOf(spawn(process.execPath, [program, ...args], { stdio: ["ignore", 2, 2] }));
}

function debug(args: readonly string[]): Promise<number> {
  // The debugger handles these itself; this process only waits for it.
  for (const name of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined);
  return exitCodeOf(spawn(process.execPath, [program, ...args], { stdio: "inherit" }));
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** @param engine which one, as words of the command line */
async function start(name: string, engine: readonly string[], options: readonly string[]): Promise<number> {
  if (name !== FRONTEND)
    return await debug([...engine, ...(extraOptions[name] ?? []), ...options, ...(await sourceOf(name))]);
  const { loadFrontend, PLAN_ARGUMENTS } = await import("./frontend/demo.ts");
  await loadFrontend((args) => build([...engine, ...args]));
  return await debug([...PLAN_ARGUMENTS, ...engine, ...options]);
}

async function main([name = "failing-run", ...options]: readonly string[]): Promise<number> {
  const names = await demoNames();
  if (!names.includes(name)) {
    throw new BktuiError("usage", `there is no demo "${name}"`, {
      hint: `choose one of: ${names.join(", ")}`,
    });
  }
  const named = process.env["BUILDKIT_HOST"] ?? process.env["DOCKER_HOST"];
  if (named !== undefined && named !== "") return await start(name, [], options);
  if (process.getuid?.() !== 0) return await start(name, ["--engine=auto"], options);
  const directory = join(defaultEngineDirectory(), "..", "demo");
  const signal = AbortSignal.timeout(300_000);
  const address = await startDemoEngine(directory, { signal, say }).catch((error) => {
    say(`no engine of the demo's own (${toBktuiError(error).message}); using the one that bktui finds`);
    return undefined;
  });
  if (address === undefined) return await start(name, [], options);
  try {
    return await start(name, ["--addr", address], options);
  } finally {
    await stopDemoEngine(directory);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, hint } = toBktuiError(error);
  say(message);
  if (hint !== undefined) say(hint);
  process.exitCode = 1;
}
