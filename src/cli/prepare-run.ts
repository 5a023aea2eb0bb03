/** From options to a run: looks at the files that it needs, and takes options and configuration together. */
import { visibleLine } from "../base/visible.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { EngineChoice } from "../console/connect.ts";
import { failureExport } from "../console/exports/failure-export.ts";
import { parseBreakpoints } from "../console/option-values.ts";
import { parsePlatform } from "../console/values/platform.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { contextDirectory, ownDockerfile } from "../engine/build-sources.ts";
import { type LoadedConfig, loadConfig } from "./config/load-config.ts";
import type { Config } from "./config/schema.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds, ScreenRun } from "./front-ends.ts";
import { withGitFacts } from "./git-facts.ts";
import { checkInputs, type Inputs } from "./inputs.ts";
import { around } from "./named-engine.ts";
import { asBuildctl, checkOutputs } from "./output-checks.ts";
import type { ReceivedInput } from "./received.ts";
import { tlsFilesOf } from "./tls-options.ts";

/** What a run has besides its options. */
export interface RunParts {
  /** A Dockerfile or context that is no file of the user's. */
  readonly input?: ReceivedInput | undefined;
  readonly asTarget?: ((request: BuildRequest) => BuildRequest) | undefined;
  /** A build that is over is shown first. */
  readonly record?: EngineChoice["record"];
}

/** @throws {BktuiError} for what is wrong with an option or a file; nothing has begun then. */
export async function preparedRun(
  options: DebugOptions,
  line: Surroundings & { readonly stdoutIsTerminal: boolean },
  {
    frontEnds,
    input,
    asTarget = (request) => request,
    record,
  }: RunParts & { readonly frontEnds: Pick<FrontEnds, "dockerProblems" | "readDefinition"> },
): Promise<ScreenRun> {
  const { env, cwd } = line;
  const checked = await checkInputs(options, line, input);
  const request = asBuildctl(asTarget(checked.request), options, { isTerminal: line.stdoutIsTerminal });
  // What is wrong with it is told before an engine is looked for.
  if (request.source.kind === "definition")
    await frontEnds.readDefinition(request, { isBuilt: options.dump === undefined });
  await checkOutputs(request, line);
  const { notes, ...facts } = await withGitFacts(request, env);
  const config = await loadConfig(options, { dockerfile: ownDockerfile(facts.request), env });
  const tls = await tlsFilesOf(options.typedTls, around(options, line));
  const broken = (await frontEnds.dockerProblems()).map(visibleLine);
  return configured(
    options,
    { ...facts, notes: [...checked.notes, ...notes, ...broken], tls, record, cwd },
    config,
  );
}

/** What to run with options and files taken together. */
function configured(
  options: DebugOptions,
  {
    request,
    notes,
    tls,
    record,
    cwd,
  }: Inputs & Pick<EngineChoice, "tls" | "record"> & Pick<Surroundings, "cwd">,
  config: LoadedConfig,
): ScreenRun {
  const { settings, build, origins, problems } = config;
  // A definition has neither.
  const usual: Config = request.source.kind === "definition" ? {} : build;
  const breaks = options.breakpoints ?? parseBreakpoints(build.break ?? []);
  const fromFiles = origins.filter(
    ({ key, value, from }) =>
      ["target", "break", "platform"].includes(key) &&
      value !== undefined &&
      from !== options.given.from(key),
  );
  const platform =
    request.platform ?? (usual.platform === undefined ? undefined : parsePlatform([usual.platform]));
  return {
    request: {
      ...request,
      target: request.target ?? usual.target,
      debugImage: settings.shell.debugImage,
      platform,
    },
    breakpoints: breaks.orders,
    noEarlierBreaks: breaks.alone,
    run: settings.ui.start === "run",
    failureExport: failureExport(options.typedExport, { cwd }, settings.build.onError === "export"),
    notes: [
      ...notes,
      ...problems,
      ...fromFiles.map(({ key, value, from }) =>
        visibleLine(`${key} ${[value].flat().join(", ")} from ${from}`),
      ),
    ],
    color: options.color,
    ascii: settings.ui.ascii === "auto" ? undefined : settings.ui.ascii,
    engine: {
      addr: options.addr,
      tls,
      builder: options.builder,
      platform,
      contextPath: contextDirectory(request),
      policy: options.enginePolicy ?? "ask",
      record,
    },
    settings,
    serve: options.serve,
    dap: options.dap,
  };
}
