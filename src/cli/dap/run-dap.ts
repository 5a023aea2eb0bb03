/** `bktui dap`: what an editor's launches start. */
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleText } from "../../base/visible.ts";
import { usageError } from "../../console/bad-values.ts";
import { isRemote } from "../../console/build-contexts.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { isOnStandardOutput } from "../../console/values/outputs.ts";
import type { DapHost, DapStreams } from "../../dap/host.ts";
import type { InputStream } from "../../plain/lines/line-input.ts";
import type { Output } from "../../plain/output.ts";
import { reportError } from "../../plain/report.ts";
import { buildOptions } from "../commands.ts";
import type { DebugOptions } from "../debug-options.ts";
import type { FrontEnds, ScreenRun } from "../front-ends.ts";
import { wantsInput } from "../inputs.ts";
import { parsed } from "../open/opened-build.ts";
import { interruptible } from "../unattended.ts";
import { dapBuild } from "./dap-build.ts";
import type { DapLine } from "./dap-command.ts";
import { DockerParent } from "./docker-parent.ts";
import { type LaunchBody, readLaunchBody } from "./launch-body.ts";
import { launchWords } from "./launch-words.ts";
import { optionKeys } from "./option-keys.ts";

/** What it needs of the process and its parts. */
export interface DapRun extends Surroundings {
  readonly version: string;
  readonly stdin: InputStream;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly frontEnds: Pick<FrontEnds, "connect" | "serve" | "dap" | "setDocker" | "ownCommand">;
  prepare(options: DebugOptions, surroundings: Surroundings): Promise<ScreenRun>;
}

/** Until the client is gone; answers the exit code. @throws {BktuiError} for a wrong line when nobody but its typist could be told. */
export async function runDap(line: DapLine, run: DapRun): Promise<number> {
  const { stderr, stdinIsTerminal, frontEnds } = run;
  checkLine(line, run);
  if (stdinIsTerminal)
    stderr.line(
      "bktui dap: waiting for messages of the Debug Adapter Protocol; an editor starts this, see bktui dap --help",
    );
  return await interruptible(run, async ({ signal }) => {
    using docker = new DockerParent(run.env);
    const ending = AbortSignal.any([signal, docker.signal]);
    await frontEnds.dap(hostOf(line, run), standardStreams(run), { signal: ending });
    signal.throwIfAborted();
    return 0;
  });
}

/** A client is told by the answer to its launch; what is said here is for its log. */
function checkLine({ words }: DapLine, run: DapRun): void {
  try {
    parsed(["build", ...words], run);
  } catch (error) {
    if (run.stdinIsTerminal) throw error;
    for (const text of reportError(toBktuiError(error), { debug: false })) run.stderr.line(text);
  }
}

function hostOf(line: DapLine, run: DapRun): DapHost {
  return {
    version: run.version,
    open: async (request, body, waiting) => {
      if (request === "attach")
        throw new BktuiError(
          "bad-request",
          "attach: this bktui has no build to attach to; it was started for one editor",
          { hint: 'use "request": "launch"' },
        );
      return await launched(line, body, { run, waiting });
    },
  };
}

/** What a launch and its command line ask for, as a build that is connected. */
async function launched(
  line: DapLine,
  body: unknown,
  { run, waiting }: { readonly run: DapRun; readonly waiting: Parameters<DapHost["open"]>[2] },
): ReturnType<DapHost["open"]> {
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

async function askedOf(line: DapLine, body: unknown, run: DapRun) {
  const launch = readLaunchBody("launch", body, optionKeys(buildOptions()));
  const surroundings = surroundingsOf(launch, run);
  const words = launchWords(line, withDockerfile(launch, surroundings), buildOptions());
  const options = parsed(words, surroundings);
  checkOptions(options);
  // For the engine's finding, which looks at the process's own.
  const variables = Object.entries(launch.env).map(([name, value]) => [name, value ?? ""]);
  run.frontEnds.setDocker(Object.fromEntries(variables));
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

function standardStreams({ stdin, stdout, stderr }: DapRun): DapStreams {
  return {
    source: bytesOf(stdin),
    write: (bytes) => stdout.write(bytes),
    drained: () => drained(stdout),
    closed: stdout.closed,
    onProblem: (words) => stderr.line(`bktui dap: ${visibleText(words)}`),
  };
}

/** A stream that breaks has ended. */
async function* bytesOf(stdin: InputStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stdin) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  } catch {
    return;
  }
}

function drained(stdout: Output): Promise<void> {
  return new Promise((resolve) => {
    if (stdout.closed.aborted) resolve();
    stdout.closed.addEventListener("abort", () => resolve(), { once: true });
    stdout.onDrain(() => resolve());
  });
}
