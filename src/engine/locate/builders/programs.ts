/** Programs that builders are reached with: docker, kubectl and buildx itself. */
import { join } from "node:path";
import { Deadline } from "../../../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../../../base/errors.ts";
import { visibleLine } from "../../../base/visible.ts";
import { findProgram } from "../../private/packages/programs.ts";
import { type FinishedProgram, lastLines, runProgram } from "../../private/system/run-program.ts";
import { readConfigFile } from "../docker/config-file.ts";
import { dockerDirectory, type Environment } from "../docker/files.ts";

/** A program with its first words, and variables that it gets otherwise than bktui's own. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface AskOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly limitMs?: number;
}

/** Docker's client itself gives up on a silent host after about that. */
const LIMIT_MS = 30_000;
const WORDS_OF_STDERR = 3;

/** Where docker's client looks for plugins behind its own directory (docker/cli of November 2026). */
const PLUGIN_DIRECTORIES: readonly string[] = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/**
 * Runs a program to its end; any exit status is an answer.
 * @throws {BktuiError} "unsupported" when it is not installed, "engine-unreachable" when it takes too long, "cancelled".
 */
export async function ask(
  { program, args, env: own }: Command,
  { env, signal, limitMs = LIMIT_MS }: AskOptions,
): Promise<FinishedProgram> {
  using deadline = new Deadline(limitMs, signal);
  const { env: all } = settled({ ...env, ...own });
  try {
    return await runProgram(program, args, { env: all, signal: deadline.signal });
  } catch (error) {
    throwIfCancelled(signal);
    if (deadline.passed)
      throw new BktuiError("engine-unreachable", `${program} gave no answer within ${limitMs / 1000} s`);
    throw isMissing(error) ? missing(program) : error;
  }
}

/** The last words of a program that failed, harmless to print. */
export function wordsOf({ stderr, stdout, exitCode }: FinishedProgram): string {
  const words = visibleLine(lastLines(stderr.trim() === "" ? stdout : stderr, WORDS_OF_STDERR));
  return words === "" ? `exit status ${exitCode}` : words;
}

/**
 * buildx: as docker's plugin where there is a docker with one, else by itself.
 * @returns undefined = not installed
 */
export async function findBuildx(env: Environment): Promise<Command | undefined> {
  const path = (env["PATH"] ?? "").split(":").filter((directory) => directory !== "");
  if ((await findProgram("docker", path)) !== undefined) {
    const plugin = await findProgram("docker-buildx", await pluginDirectories(env));
    // Run by docker it also minds DOCKER_TLS_VERIFY.
    if (plugin !== undefined) return { program: "docker", args: ["buildx"], env: {} };
  }
  for (const name of ["docker-buildx", "buildx"])
    if ((await findProgram(name, path)) !== undefined) return { program: name, args: [], env: {} };
  return undefined;
}

async function pluginDirectories(env: Environment): Promise<readonly string[]> {
  const { first, own, others } = await pluginPlaces(env);
  return [...first, own, ...others];
}

/** Where docker looks for plugins, in this order: `first` of its configuration, `own` of the user, `others` of the system. */
export async function pluginPlaces(
  env: Environment,
): Promise<{ readonly first: readonly string[]; readonly own: string; readonly others: readonly string[] }> {
  const { values } = await readConfigFile(env);
  const extra = values["cliPluginsExtraDirs"];
  const first = Array.isArray(extra) ? extra.filter((each) => typeof each === "string") : [];
  return { first, own: join(dockerDirectory(env), "cli-plugins"), others: PLUGIN_DIRECTORIES };
}

/** What a command gets besides bktui's own variables, when bktui was told others, e.g. by `--config DIR`. */
export function differences(env: Environment): Readonly<Record<string, string>> {
  const changed = Object.entries(env).filter(([name, value]) => process.env[name] !== value);
  return settled(Object.fromEntries(changed)).env;
}

function settled(env: Environment): { readonly env: Readonly<Record<string, string>> } {
  const set = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { env: Object.fromEntries(set) };
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function missing(program: string): BktuiError {
  return new BktuiError("unsupported", `the program ${program} is not installed`, {
    hint: `Install ${program}, or reach the engine by its own address: --addr ADDRESS.`,
  });
}
