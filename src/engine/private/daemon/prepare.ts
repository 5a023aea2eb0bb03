/** Finds or downloads all that one engine needs. */
import { join } from "node:path";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../../base/errors.ts";
import type { EngineHome } from "../home/home.ts";
import type { EngineNetwork } from "../home/record.ts";
import type { PackageSource, UnpackedPackages } from "../packages/packages.ts";
import {
  checkRuns,
  type EngineChoice,
  fetchEngine,
  fetchTools,
  findProgram,
  type ProgramPaths,
  searchPath,
  whyNoNat,
} from "../packages/programs.ts";
import { runSuccessfully } from "../system/run-program.ts";
import { type DaemonPlan, daemonEnvironment } from "./daemon.ts";

/** An engine whose programs are all there and run on this machine. */
export interface PreparedEngine {
  readonly plan: DaemonPlan;
  readonly suite: string | undefined;
  readonly binDir: string | undefined;
  readonly notes: readonly string[];
}

export interface PrepareOptions {
  readonly home: EngineHome;
  readonly socketDirectory: string;
  readonly source: PackageSource | undefined;
  /** Package cache, see home.ts. */
  readonly cache: string;
  readonly rootless: boolean;
  /** undefined = connected when that is possible. */
  readonly network: "nat" | "isolated" | undefined;
  readonly registry: string | undefined;
  readonly daemonJson: Readonly<Record<string, unknown>>;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds or downloads everything one choice needs.
 * @throws {BktuiError} "unsupported" when it cannot run here, "io" when it cannot be downloaded, "cancelled".
 */
export async function prepareEngine(choice: EngineChoice, options: PrepareOptions): Promise<PreparedEngine> {
  const engine = choice.from === "packages" ? await fetchFrom(choice.suite, options) : undefined;
  const tools = await toolsFor(options);
  const found = [engine, tools.packages].filter((set) => set !== undefined);
  const paths: ProgramPaths = {
    // What the machine has installed wins over the tools, not over the engine.
    programs: [...pathOf(engine), ...searchPath(process.env), ...pathOf(tools.packages)],
    libraries: found.flatMap((set) => set.libraryDirs),
  };
  const program = choice.from === "installed" ? choice.program : await required("dockerd", pathOf(engine));
  const version = await versionOf(choice.kind, program, paths, options);
  const { network, notes } = await networkFor(options, paths);
  return {
    plan: {
      kind: choice.kind,
      program,
      version,
      paths,
      data: join(options.home.directory, `data-${choice.from === "packages" ? choice.suite : choice.kind}`),
      socket: join(options.socketDirectory, "engine.sock"),
      network,
      registry: options.registry,
      daemonJson: options.daemonJson,
      cgroupParent: undefined,
    },
    suite: choice.from === "packages" ? choice.suite : undefined,
    binDir: engine?.binDir,
    notes: [...tools.notes, ...notes],
  };
}

function pathOf(set: UnpackedPackages | undefined): readonly string[] {
  return set === undefined ? [] : [set.binDir];
}

async function fetchFrom(suite: string, options: PrepareOptions): Promise<UnpackedPackages> {
  if (options.source === undefined) {
    throw new BktuiError("unsupported", `no package archive to take ${suite} from`);
  }
  return await fetchEngine(options.source, suite, options);
}

/** Fetched only when something is missing; their lack is told by whoever needs one of them. */
async function toolsFor(options: PrepareOptions): Promise<{ packages?: UnpackedPackages; notes: string[] }> {
  const names = ["runc"];
  if (options.registry !== undefined) names.push("docker-registry");
  if (options.network !== "isolated" && !options.rootless) names.push("slirp4netns", "iptables");
  const path = searchPath(process.env);
  const present = await Promise.all(names.map((name) => findProgram(name, path)));
  if (options.source === undefined || !present.includes(undefined)) return { notes: [] };
  try {
    return { packages: await fetchTools(options.source, options), notes: [] };
  } catch (error) {
    throwIfCancelled(options.signal);
    return { notes: [`no tools from packages: ${toBktuiError(error).message}`] };
  }
}

async function versionOf(
  kind: "dockerd" | "buildkitd",
  program: string,
  paths: ProgramPaths,
  { signal }: PrepareOptions,
): Promise<string> {
  const env = daemonEnvironment(paths, process.env);
  const runc = kind === "buildkitd" ? await findProgram("buildkit-runc", paths.programs) : undefined;
  const companions = [runc ?? (await required("runc", paths.programs))];
  if (kind === "dockerd") companions.push(await required("containerd", paths.programs));
  await checkRuns([program, ...companions], env, { signal });
  const text = await runSuccessfully(program, ["--version"], { env, signal });
  // "Docker version 28.5.2+dfsg4, build …", "buildkitd github.com/moby/buildkit v0.32.2 …"
  return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? text.trim();
}

async function required(name: string, directories: readonly string[]): Promise<string> {
  const path = await findProgram(name, directories);
  if (path === undefined) throw new BktuiError("unsupported", `${name} is not on this machine`);
  return path;
}

async function networkFor(
  options: PrepareOptions,
  paths: ProgramPaths,
): Promise<{ network: EngineNetwork; notes: readonly string[] }> {
  if (options.rootless) {
    if (options.registry === undefined) return { network: "host", notes: [] };
    throw new BktuiError("unsupported", "an engine with a registry of its own needs root");
  }
  if (options.network === "isolated") return { network: "isolated", notes: [] };
  const reason = await whyNoNat(paths.programs);
  if (reason === undefined) return { network: "nat", notes: [] };
  if (options.network === "nat") throw new BktuiError("unsupported", `no connected network: ${reason}`);
  return { network: "isolated", notes: [`steps have no network: ${reason}`] };
}
