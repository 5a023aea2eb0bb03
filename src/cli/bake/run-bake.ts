/** `bktui bake`, and bake and compose files given in the place of a Dockerfile: which target, then a debugger run on it. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import { BktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { badValue, usageError } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import type { InputStream } from "../../plain/lines/line-input.ts";
import type { Output } from "../../plain/output.ts";
import { Interruption } from "../../plain/signals.ts";
import { parseArguments } from "../arguments.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, Keys, Ui } from "../front-ends.ts";
import { type BakeBuild, bakeBuild } from "./bake-builds.ts";
import type { BakeLine } from "./bake-command.ts";
import { type Buildx, noBuildx, runBake } from "./buildx.ts";
import { type BakePlan, type ListedTarget, readList, readPlan, record } from "./read-plan.ts";
import { placedPlan, remoteOf } from "./remote-bake.ts";

/** What ends by a signal has one above. */
const LAST_OWN_CODE = 128;

export interface BakeRun extends Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** A file for `-f -`. */
  readonly input: Uint8Array | undefined;
  findBuildx(): Promise<Buildx | undefined>;
  /** Which front end a build gets. */
  uiOf(options: DebugOptions): Promise<Ui>;
  /** On the terminal. @throws {BktuiError} "cancelled" when nothing is chosen. */
  choose(
    title: string,
    items: readonly Choice[],
    look: Pick<DebugOptions, "color" | "ascii">,
  ): Promise<string>;
  /** Debugs one; answers the exit code. */
  debug(build: BakeBuild): Promise<number>;
}

/** What the command line knows of a debugger run. */
export interface BakeParts {
  readonly frontEnds: Pick<FrontEnds, "choose" | "findBuildx">;
  /** The terminal, when standard input is the file. */
  readonly keys: Keys | undefined;
  uiOf(options: DebugOptions): Promise<Ui>;
  debug(build: BakeBuild): Promise<number>;
}

/** Of a process and its parts. */
export function bakeRun(
  { stdout, stderr, env, cwd }: Pick<BakeRun, "stdout" | "stderr" | "env" | "cwd">,
  { frontEnds, keys, uiOf, debug, ...given }: BakeParts & Pick<BakeRun, "input">,
): BakeRun {
  return {
    stdout,
    stderr,
    env,
    cwd,
    ...given,
    findBuildx: () => frontEnds.findBuildx(),
    debug,
    uiOf,
    choose: async (title, items, { color, ascii }) => {
      const look = { color, ascii: ascii ? true : undefined, keys };
      const value = await frontEnds.choose(title, items, look);
      if (value === undefined) throw new BktuiError("cancelled", "no target was chosen");
      return value;
    },
  };
}

/** All of standard input. @throws {BktuiError} "cancelled". */
export async function readInput(stdin: InputStream): Promise<Uint8Array> {
  return await interruptibly(async (signal) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of addAbortSignal(signal, Readable.from(stdin))) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  });
}

/** Until a signal, which ends it: whatever runs after it has its own ways. */
async function interruptibly<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** How buildx is asked; `hint`: for what it refuses. */
type Asking = Pick<BakeRun, "cwd" | "env" | "input"> & { readonly hint?: string | undefined };

async function askBake(
  buildx: Buildx,
  words: readonly string[],
  { cwd, env, input, hint }: Asking,
): Promise<string> {
  return await interruptibly((signal) => runBake(buildx, { cwd, env, input, hint, words }, { signal }));
}

export interface Choice {
  readonly label: string;
  readonly value: string;
}

/** @throws {BktuiError} "unsupported" without a buildx, "bad-request" with its words, "usage" when one must be chosen. */
export async function runBakeLine(line: BakeLine, run: BakeRun): Promise<number> {
  const remote = remoteOf(line.targets);
  const buildx = await run.findBuildx();
  if (buildx === undefined) throw noBuildx("bktui bake");
  // Its builder is what fetches them.
  const builder = remote === undefined ? [] : line.buildWords.filter((word) => word.startsWith("--builder="));
  const asked = [...builder, ...line.bakeWords, ...line.targets];
  const asking = { ...run, hint: remote === undefined ? undefined : FETCHED_BY };
  if (line.only === "list") return await print(buildx, asked, asking);
  const words = ["--print", ...asked];
  if (line.only === "print") return await print(buildx, words, asking);
  const printed = readPlan(await askBake(buildx, words, asking));
  const plan = remote === undefined ? printed : await placedPlan(printed, remote, run);
  return await debugAll(plan, plan.asked, { line, run });
}

const FETCHED_BY =
  "docker buildx fetches bake files with its own builder: name another one with --builder, or a docker with DOCKER_HOST; or clone the repository and run bktui bake in it";

async function print(
  buildx: Buildx,
  words: readonly string[],
  run: Asking & Pick<BakeRun, "stdout">,
): Promise<number> {
  const text = await askBake(buildx, words, run);
  for (const row of text.trimEnd().split("\n")) run.stdout.line(row);
  return 0;
}

interface Asked {
  readonly line: BakeLine;
  /** In front of a command to type: to where its paths start. */
  readonly cd?: string;
  readonly run: BakeRun;
}

async function debugAll(plan: BakePlan, names: readonly string[], asked: Asked): Promise<number> {
  const { line, run } = asked;
  if (names.length === 0) throw badValue("the bake file has no target to build");
  let made: Readonly<Record<string, unknown>> = {};
  const context = { ...run, plan, buildWords: line.buildWords, allowed: line.allowed };
  const open = async (name: string): Promise<BakeBuild> => await bakeBuild(name, { ...context, made });
  if (names.length > 1) {
    const { ui } = await wishes(asked);
    if (ui !== "headless") {
      const name = await chosen(
        names.map((each) => ({ name: each, description: "" })),
        asked,
      );
      await using build = await open(name);
      return await run.debug(build);
    }
  }
  let exitCode = 0;
  for (const [index, name] of names.entries()) {
    if (names.length > 1) run.stderr.line(`target ${name} (${index + 1} of ${names.length})`);
    await using build = await open(name);
    const code = await run.debug(build);
    // By a signal: it meant all of them.
    if (code > LAST_OWN_CODE) return code;
    if (exitCode === 0) exitCode = code;
    if (code === 0) made = await madeSoFar(build, made);
  }
  return exitCode;
}

/** By target, what the metadata file says after a build that succeeded: it is written when all is made. */
async function madeSoFar(
  { options }: BakeBuild,
  before: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const { metadataFile } = options.build;
  if (metadataFile === undefined || options.call !== undefined) return before;
  // What is no file, e.g. /dev/stdout, has no others beside it.
  if (!(await stat(metadataFile)).isFile()) return before;
  return record(JSON.parse(await readFile(metadataFile, "utf8")));
}

/** What the options ask for that hold for every target. */
async function wishes({ line, run }: Asked): Promise<{ readonly options: DebugOptions; readonly ui: Ui }> {
  const invocation = parseArguments([...line.buildWords, run.cwd], run);
  if (invocation.kind !== "debug") throw new BktuiError("internal", "the options ask for no debugger run");
  return { options: invocation.options, ui: await run.uiOf(invocation.options) };
}

/** @throws {BktuiError} "usage" with a command for each, where nobody can be asked. */
async function chosen(
  targets: readonly Pick<ListedTarget, "name" | "description">[],
  asked: Asked,
): Promise<string> {
  const { line, run, cd = "" } = asked;
  const { options, ui } = await wishes(asked);
  if (ui === "full") {
    const items = targets.map(({ name, description }) => ({
      value: name,
      label: description === "" ? name : `${name}  ${description}`,
    }));
    return await run.choose("Which target?", items, options);
  }
  const urls = line.targets.filter(isRemote).map((url) => `${quote(withoutPassword(url))} `);
  const files = [...line.files.map((file) => `-f ${quote(file)} `), ...urls].join("");
  const commands = targets.map(({ name }) => `${cd}bktui bake ${files}${quote(name)}`);
  throw usageError(
    `${targets.length} targets, and one is debugged at a time`,
    `name one, or build all of them with --run:\n  ${commands.join("\n  ")}`,
  );
}

/**
 * A bake or compose file where a Dockerfile was expected. Paths in a compose file start where it lies, those in a bake file
 * where bktui was started, as for docker.
 * @returns undefined without a buildx to read it
 */
export async function runBakeFile(
  path: string,
  {
    isCompose,
    buildWords,
    run,
  }: { readonly isCompose: boolean; readonly buildWords: readonly string[]; readonly run: BakeRun },
): Promise<number | undefined> {
  const buildx = await run.findBuildx();
  if (buildx === undefined) return undefined;
  const cwd = isCompose ? dirname(path) : run.cwd;
  const file = isCompose ? basename(path) : relative(cwd, path) || path;
  const at = { ...run, cwd };
  const line: BakeLine = {
    files: [file],
    bakeWords: [`--file=${file}`],
    buildWords,
    allowed: [],
    targets: [],
    only: undefined,
  };
  const listed = await targetsOf(buildx, line, at);
  const asked = { line, run: at, cd: cwd === run.cwd ? "" : `cd ${quote(cwd)} && ` };
  const [only] = listed;
  const name = listed.length === 1 && only !== undefined ? only.name : await chosen(listed, asked);
  const words = ["--print", ...line.bakeWords, name];
  const plan = readPlan(await askBake(buildx, words, at));
  return await debugAll(plan, plan.asked, asked);
}

/** All that the file names; of a buildx that lists none (before 0.19) what it would build. */
async function targetsOf(buildx: Buildx, line: BakeLine, run: BakeRun): Promise<readonly ListedTarget[]> {
  const list = async (): Promise<readonly ListedTarget[] | undefined> => {
    try {
      const words = [...line.bakeWords, "--list=type=targets,format=json"];
      return readList(await askBake(buildx, words, run));
    } catch (error) {
      // What is wrong with the file is told by the next call as well.
      if (error instanceof BktuiError && error.code === "bad-request") return undefined;
      throw error;
    }
  };
  const listed = (await list())?.filter(({ isGroup }) => !isGroup);
  if (listed !== undefined && listed.length > 0) return listed;
  const plan = readPlan(await askBake(buildx, ["--print", ...line.bakeWords], run));
  return plan.asked.map((name) => ({ name, description: "", isGroup: false }));
}
