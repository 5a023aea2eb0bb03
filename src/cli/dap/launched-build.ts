/** From a launch and its command line to a build that is connected. */
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { Scope } from "../../base/scope.ts";
import { usageError } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { isOnStandardOutput } from "../../console/values/outputs.ts";
import type { DapBuild, DapHost } from "../../dap/host.ts";
import { wordsWithoutPath } from "../arguments.ts";
import { buildOptions } from "../commands.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { ScreenRun } from "../front-ends.ts";
import { wantsInput } from "../inputs.ts";
import { parsed } from "../open/opened-build.ts";
import type { RunParts } from "../prepare-run.ts";
import { type BakeAsked, bakeLaunch } from "./bake-launch.ts";
import { type DapParts, type DebuggedBuild, dapBuild } from "./dap-build.ts";
import type { DapLine } from "./dap-command.ts";
import { type LaunchBody, readLaunchBody } from "./launch-body.ts";
import { launchWords } from "./launch-words.ts";
import { optionKeys } from "./option-keys.ts";

export interface LaunchRun extends DapParts {
  /** The environment of a launch, for what looks at the process's own: how engines are found. */
  setVariables(variables: Readonly<Record<string, string>>): void;
  prepare(
    options: DebugOptions,
    surroundings: Surroundings,
    parts?: Pick<RunParts, "input" | "asTarget">,
  ): Promise<ScreenRun>;
}

/** What a launch and its command line ask for, as a build that is connected. */
export async function launchedBuild(
  line: DapLine,
  body: unknown,
  { run, waiting }: { readonly run: LaunchRun; readonly waiting: Parameters<DapHost["open"]>[2] },
): Promise<DebuggedBuild> {
  const asked = await askedOf(line, body, { run, signal: waiting.signal });
  const { launch, options, surroundings, others } = asked;
  const owned = [asked.owned];
  return await dapBuild(asked.run, {
    options,
    others,
    owned,
    notes: [...launch.notes, ...idleNotes(asked.run, options)],
    // As buildx: to the first breakpoint or failure, unless it is asked for.
    isRun: launch.stopOnEntry !== true,
    again: async (next) => {
      const both = { ...recordOf(body), ...recordOf(next) };
      const again = await askedOf(line, both, { run, signal: new AbortController().signal });
      owned.push(again.owned);
      return { request: again.run.request, run: again.launch.stopOnEntry !== true };
    },
    parts: { ...run, ...surroundings },
    waiting,
  });
}

const DONE_AT_FAILURE: readonly string[] = [
  "pause",
  "exit",
  "shell",
] satisfies readonly DapBuild["atFailure"][];

/** What is done at a failure is for the person at the editor to say. */
function idleNotes(
  { settings, failureExport }: ScreenRun,
  { bundle, keepGoing }: DebugOptions,
): readonly string[] {
  const { onError } = settings.build;
  const idle = [
    ...(DONE_AT_FAILURE.includes(onError) ? [] : [`onError ${onError}`]),
    ...(failureExport === undefined || onError === "export" ? [] : ["exports of failures"]),
    ...(bundle === undefined ? [] : ["bundle"]),
    ...(keepGoing ? ["keepGoing"] : []),
  ];
  if (idle.length === 0) return [];
  return [
    `nothing is done at a failure by ${idle.join(", ")}: the debug console has export, bundle and keep-going`,
  ];
}

interface Asked {
  readonly launch: LaunchBody;
  readonly options: DebugOptions;
  readonly surroundings: Surroundings;
  readonly others: DapBuild["others"];
  readonly run: ScreenRun;
  /** What is needed until the build is over, e.g. a Dockerfile that stands in the bake file. */
  readonly owned: AsyncDisposable | undefined;
}

async function askedOf(
  line: DapLine,
  body: unknown,
  { run, signal }: { readonly run: LaunchRun; readonly signal: AbortSignal },
): Promise<Asked> {
  const launch = readLaunchBody("launch", body, optionKeys(buildOptions()));
  const surroundings = surroundingsOf(launch, run);
  const variables = Object.entries(launch.env).map(([name, value]) => [name, value ?? ""]);
  run.setVariables(Object.fromEntries(variables));
  if (launch.bake !== undefined)
    return await bakeAsked(launch.bake, { line, launch, body: recordOf(body), surroundings, run, signal });
  const words = launchWords(line, withDockerfile(launch, surroundings), buildOptions());
  const options = parsed(words, surroundings);
  checkOptions(options);
  return {
    launch,
    options,
    surroundings,
    others: [],
    owned: undefined,
    run: await run.prepare(options, surroundings),
  };
}

/** Where a Dockerfile is and what is built with it say its targets. */
async function bakeAsked(
  asked: BakeAsked,
  {
    line,
    launch,
    body,
    surroundings,
    run,
    signal,
  }: Pick<Asked, "launch" | "surroundings"> & {
    readonly line: DapLine;
    readonly body: object;
    readonly run: LaunchRun;
    readonly signal: AbortSignal;
  },
): Promise<Asked> {
  const nowhere = { ...launch, dockerfile: undefined, contextPath: undefined };
  const [, ...words] = launchWords(line, nowhere, buildOptions());
  const found = await bakeLaunch(asked, {
    body,
    buildWords: wordsWithoutPath(words),
    surroundings,
    signal,
    findBuildx: async () => await run.frontEnds.findBuildx(),
  });
  await using kept = new Scope();
  const { options, input, asTarget } = kept.own(found.build);
  checkOptions(options, input !== undefined);
  const prepared = await run.prepare(options, surroundings, { input, asTarget });
  return kept.release(() => ({
    launch,
    options,
    surroundings,
    others: found.others,
    run: prepared,
    owned: found.build,
  }));
}

/** What it says; null and "" say nothing. */
function recordOf(body: unknown): object {
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== ""));
}

function surroundingsOf({ cwd, env }: LaunchBody, run: Surroundings): Surroundings {
  const set = Object.entries(env).map(([name, value]) => [name, value ?? undefined] as const);
  return { cwd: resolve(run.cwd, cwd ?? "."), env: { ...run.env, ...Object.fromEntries(set) } };
}

/** Some name it as it is called in the context. */
function withDockerfile(body: LaunchBody, { cwd }: Surroundings): LaunchBody {
  const { dockerfile, contextPath } = body;
  if (dockerfile === undefined || contextPath === undefined) return body;
  if (isAbsolute(dockerfile) || isRemote(contextPath) || existsSync(resolve(cwd, dockerfile))) return body;
  const inContext = resolve(cwd, contextPath, dockerfile);
  return existsSync(inContext) ? { ...body, dockerfile: inContext } : body;
}

function checkOptions(options: DebugOptions, hasInput = false): void {
  const { outputs = [] } = options.build;
  if (!hasInput && wantsInput(options) !== undefined)
    throw usageError("dap: standard input is the editor's", "name a directory, a Dockerfile or a URL");
  if (outputs.some(isOnStandardOutput))
    throw usageError("dap: standard output is the editor's", "give the output a file or a directory");
  if (options.call !== undefined)
    throw usageError("dap debugs builds: it does not take --call", "leave it out");
  if (options.json || options.script !== undefined)
    throw usageError("dap takes its commands from an editor: not --json or --script", "leave them out");
}
