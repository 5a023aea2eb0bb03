/** From a launch and its command line to a build that is connected. */
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { usageError } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { isOnStandardOutput } from "../../console/values/outputs.ts";
import type { DapHost } from "../../dap/host.ts";
import { buildOptions } from "../commands.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { ScreenRun } from "../front-ends.ts";
import { wantsInput } from "../inputs.ts";
import { parsed } from "../open/opened-build.ts";
import { type DapParts, type DebuggedBuild, dapBuild } from "./dap-build.ts";
import type { DapLine } from "./dap-command.ts";
import { type LaunchBody, readLaunchBody } from "./launch-body.ts";
import { launchWords } from "./launch-words.ts";
import { optionKeys } from "./option-keys.ts";

export interface LaunchRun extends DapParts {
  /** The environment of a launch, for what looks at the process's own: how engines are found. */
  setVariables(variables: Readonly<Record<string, string>>): void;
  prepare(options: DebugOptions, surroundings: Surroundings): Promise<ScreenRun>;
}

/** What a launch and its command line ask for, as a build that is connected. */
export async function launchedBuild(
  line: DapLine,
  body: unknown,
  { run, waiting }: { readonly run: LaunchRun; readonly waiting: Parameters<DapHost["open"]>[2] },
): Promise<DebuggedBuild> {
  const asked = await askedOf(line, body, run);
  const { launch, options, surroundings } = asked;
  return await dapBuild(asked.run, {
    options,
    notes: launch.notes,
    // As buildx: to the first breakpoint or failure, unless it is asked for.
    isRun: launch.stopOnEntry !== true,
    again: async (next) => {
      const asked = await askedOf(line, { ...recordOf(body), ...recordOf(next) }, run);
      return { request: asked.run.request, run: asked.launch.stopOnEntry !== true };
    },
    parts: { ...run, ...surroundings },
    waiting,
  });
}

async function askedOf(line: DapLine, body: unknown, run: LaunchRun) {
  const launch = readLaunchBody("launch", body, optionKeys(buildOptions()));
  const surroundings = surroundingsOf(launch, run);
  const words = launchWords(line, withDockerfile(launch, surroundings), buildOptions());
  const options = parsed(words, surroundings);
  checkOptions(options);
  const variables = Object.entries(launch.env).map(([name, value]) => [name, value ?? ""]);
  run.setVariables(Object.fromEntries(variables));
  return { launch, options, surroundings, run: await run.prepare(options, surroundings) };
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

function checkOptions(options: DebugOptions): void {
  const { outputs = [] } = options.build;
  if (wantsInput(options) !== undefined)
    throw usageError("dap: standard input is the editor's", "name a directory, a Dockerfile or a URL");
  if (outputs.some(isOnStandardOutput))
    throw usageError("dap: standard output is the editor's", "give the output a file or a directory");
  if (options.call !== undefined)
    throw usageError("dap debugs builds: it does not take --call", "leave it out");
  if (options.json || options.script !== undefined)
    throw usageError("dap takes its commands from an editor: not --json or --script", "leave them out");
}
