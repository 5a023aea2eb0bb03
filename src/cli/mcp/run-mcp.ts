/** `bktui mcp`: what its launches start, and where their files may be. */
import { toBktuiError } from "../../base/errors.ts";
import { visibleText } from "../../base/visible.ts";
import { usageError } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { isOnStandardOutput } from "../../console/values/outputs.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { contextDirectory, ownDockerfile } from "../../engine/build-sources.ts";
import type { LaunchedBuild, LaunchOptions, McpHost } from "../../mcp/contract.ts";
import type { Places } from "../../mcp/places.ts";
import type { InputStream } from "../../plain/lines/line-input.ts";
import type { Output } from "../../plain/output.ts";
import { consoleBuild } from "../console-build.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, ScreenRun } from "../front-ends.ts";
import { wantsInput } from "../inputs.ts";
import { parsed } from "../open/opened-build.ts";
import { interruptible } from "../unattended.ts";
import type { McpLine } from "./mcp-command.ts";

/** What it needs of the process and its parts. */
export interface McpRun extends Surroundings {
  readonly version: string;
  readonly stdin: InputStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly frontEnds: Pick<FrontEnds, "connect" | "editors" | "serve" | "mcp">;
  prepare(options: DebugOptions): Promise<ScreenRun>;
}

/** Until the client is gone; answers the exit code. @throws {BktuiError} for a command line that cannot be meant. */
export async function runMcp(asked: McpLine, run: McpRun): Promise<number> {
  const { stdin, stdout, stderr, version, frontEnds } = run;
  const given = await givenRun(asked, run);
  const host: McpHost = {
    version,
    isReadOnly: asked.isReadOnly,
    places: given === undefined ? { directories: [run.cwd], files: [] } : placesOf(given.request),
    secretVariables: new Set(
      (given?.request.secrets ?? []).flatMap(({ from }) => (from.kind === "env" ? [from.name] : [])),
    ),
    launch: async (options, waiting) =>
      await launched(optionsFor(asked, options, run), options, waiting, run),
  };
  const onProblem = (words: string): void => stderr.line(`bktui mcp: ${visibleText(words)}`);
  return await interruptible(run, async ({ signal }) => {
    await frontEnds.mcp(host, { source: stdin, sink: stdout, onProblem }, { signal });
    signal.throwIfAborted();
    return 0;
  });
}

/** Undefined when nothing was named and there is nothing to build here: a launch will name it. */
async function givenRun(asked: McpLine, run: McpRun): Promise<ScreenRun | undefined> {
  const options = parsed([...asked.words, asked.path ?? run.cwd], run);
  checkOptions(options, asked);
  try {
    return await run.prepare(options);
  } catch (error) {
    if (asked.path !== undefined || toBktuiError(error).code !== "not-found") throw error;
    return undefined;
  }
}

function checkOptions(options: DebugOptions, { isReadOnly }: McpLine): void {
  const { outputs = [], load } = options.build;
  if (wantsInput(options) !== undefined)
    throw usageError("mcp: standard input is the client's", "name a directory, a Dockerfile or a URL");
  if (outputs.some(isOnStandardOutput))
    throw usageError("mcp: standard output is the client's", "give the output a file or a directory");
  if (isReadOnly && (outputs.length > 0 || load))
    throw usageError("mcp --read-only makes no outputs", "leave out -o, --load and --push, or --read-only");
  if (options.call !== undefined)
    throw usageError("mcp debugs builds: it does not take --call", "leave it out");
}

/** As if it had been typed: so it is checked as everything that is typed. */
function optionsFor(asked: McpLine, options: LaunchOptions, run: McpRun): DebugOptions {
  const { path, dockerfile, target, args, secrets, platform, noCache, breakpoints } = options;
  // A Dockerfile that was named is that of the build that was named.
  const words = asked.words.filter((word) => path === undefined || !word.startsWith("--file="));
  const typed = [
    ...words,
    ...(dockerfile === undefined ? [] : [`--file=${dockerfile}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...secrets.map((secret) => `--secret=${secret}`),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...(noCache ? ["--no-cache"] : []),
    ...breakpoints.map((place) => `--break=${place}`),
  ];
  return parsed([...typed, path ?? asked.path ?? run.cwd], run);
}

async function launched(
  options: DebugOptions,
  { stopOnEntry }: LaunchOptions,
  waiting: Parameters<McpHost["launch"]>[1],
  parts: McpRun,
): Promise<LaunchedBuild> {
  const run = await parts.prepare(options);
  const build = await consoleBuild(run, options, parts, waiting);
  const ready = build.console.launch({
    breakpoints: run.breakpoints,
    run: stopOnEntry === undefined ? run.run : !stopOnEntry,
    signal: build.life,
  });
  return {
    console: build.console,
    ready,
    places: placesOf(run.request),
    masked: (text) => build.masked(text),
    [Symbol.asyncDispose]: () => build[Symbol.asyncDispose](),
  };
}

/** What the build reads on this machine. */
function placesOf(request: BuildRequest): Places {
  const { source, contexts, secrets } = request;
  const context = contextDirectory(request);
  const named = contexts.flatMap(({ from }) => (from.kind === "directory" ? [from.path] : []));
  const locals = source.kind === "dockerfile" ? [] : Object.values(source.locals);
  const text = source.kind === "dockerfile" ? ownDockerfile(request) : source.shown;
  const directories = [...(context === undefined ? [] : [context]), ...locals, ...named];
  return {
    directories: [...new Set(directories)],
    files: text === undefined ? [] : [text],
    source: text,
    secrets: secrets.flatMap(({ from }) => (from.kind === "file" ? [from.path] : [])),
  };
}
