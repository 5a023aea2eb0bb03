/** Command line, environment and configuration of dockerd and buildkitd. */
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import type { EngineHome } from "../home/home.ts";
import type { EngineNetwork } from "../home/record.ts";
import type { ProgramPaths } from "../packages/programs.ts";
import { findProgram } from "../packages/programs.ts";

/** What one daemon is started with. */
export interface DaemonPlan {
  readonly kind: "dockerd" | "buildkitd";
  readonly program: string;
  /** E.g. "28.5.2". */
  readonly version: string;
  readonly paths: ProgramPaths;
  /** Data directory; apart per version, because an older daemon must not open a newer one's files. */
  readonly data: string;
  readonly socket: string;
  readonly network: EngineNetwork;
  /** Storage directory of a docker-registry; undefined = no mirror. */
  readonly registry: string | undefined;
  /** Added to dockerd's configuration. */
  readonly daemonJson: Readonly<Record<string, unknown>>;
  /** Parent cgroup of the containers; undefined = the daemon's own choice. */
  readonly cgroupParent: string | undefined;
}

/** Where the registry listens inside the engine's network. */
const MIRROR = "127.0.0.1:5000";
/** Set up by the init script in memory; gone with the engine. */
const SCRATCH = "/run/bktui";

/** Writes the daemon's configuration; returns its command line. Never reads the system's own configuration. */
export async function daemonCommand(home: EngineHome, plan: DaemonPlan): Promise<readonly string[]> {
  switch (plan.kind) {
    case "dockerd":
      return await dockerdCommand(home, plan);
    case "buildkitd":
      return await buildkitdCommand(home, plan);
  }
}

async function dockerdCommand(home: EngineHome, plan: DaemonPlan): Promise<readonly string[]> {
  const config = join(home.directory, "daemon.json");
  const mirrors = plan.registry === undefined ? {} : { "registry-mirrors": [`http://${MIRROR}`] };
  await writePrivate(config, JSON.stringify({ ...mirrors, ...plan.daemonJson }));
  const network = plan.network === "nat" ? [] : ["--iptables=false", "--ip6tables=false"];
  const parent = plan.cgroupParent === undefined ? [] : ["--cgroup-parent", plan.cgroupParent];
  return [
    plan.program,
    ...["--config-file", config],
    ...["--data-root", plan.data],
    // Absolute: containerd takes a relative one for a TCP address.
    ...["--exec-root", `${SCRATCH}/exec`],
    ...["--pidfile", `${SCRATCH}/dockerd.pid`],
    ...["--host", `unix://${plan.socket}`],
    ...["--group", String(process.getegid?.() ?? 0)],
    // systemd is out of sight in the engine's own /run.
    ...["--exec-opt", "native.cgroupdriver=cgroupfs"],
    ...["--log-level", "warn"],
    ...network,
    ...parent,
  ];
}

async function buildkitdCommand(home: EngineHome, plan: DaemonPlan): Promise<readonly string[]> {
  const config = join(home.directory, "buildkitd.toml");
  const lines = [
    `root = ${JSON.stringify(plan.data)}`,
    "[grpc]",
    `  address = [${JSON.stringify(`unix://${plan.socket}`)}]`,
    "[otel]",
    `  socketPath = "${SCRATCH}/otel.sock"`,
    "[worker.oci]",
    "  enabled = true",
    ...(plan.cgroupParent === undefined
      ? []
      : [`  defaultCgroupParent = ${JSON.stringify(plan.cgroupParent)}`]),
    "[worker.containerd]",
    "  enabled = false",
    ...(plan.registry === undefined
      ? []
      : ['[registry."docker.io"]', `  mirrors = ["${MIRROR}"]`, `[registry."${MIRROR}"]`, "  http = true"]),
  ];
  await writePrivate(config, `${lines.join("\n")}\n`);
  return [plan.program, "--config", config];
}

/** Configuration of the registry inside the engine; undefined when none is wanted. */
export async function registryConfiguration(home: EngineHome, plan: DaemonPlan): Promise<string | undefined> {
  if (plan.registry === undefined) return undefined;
  if ((await findProgram("docker-registry", plan.paths.programs)) === undefined) {
    throw new BktuiError("unsupported", "a registry needs docker-registry, which is not on this machine", {
      hint: "Install the package docker-registry.",
    });
  }
  const path = join(home.directory, "registry.yml");
  const lines = [
    "version: 0.1",
    `storage: {filesystem: {rootdirectory: ${JSON.stringify(plan.registry)}}}`,
    `http: {addr: "${MIRROR}"}`,
    "log: {level: warn, accesslog: {disabled: true}}",
  ];
  await writePrivate(path, `${lines.join("\n")}\n`);
  return path;
}

/** The daemon's environment: search paths and proxies; nothing else of the user's. */
export function daemonEnvironment(
  paths: ProgramPaths,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = Object.entries(env).filter(([name]) => /^(https?|no|all)_proxy$/i.test(name));
  const own: Record<string, string> = {
    PATH: paths.programs.join(":"),
    HOME: env["HOME"] ?? "/root",
    LC_ALL: "C",
  };
  if (paths.libraries.length > 0) {
    own["LD_LIBRARY_PATH"] = paths.libraries.join(":");
    own["XTABLES_LIBDIR"] = [...paths.libraries.map((directory) => join(directory, "xtables")), ""].join(":");
  }
  for (const [name, value] of passed) if (value !== undefined) own[name] = value;
  return own;
}

/**
 * Lifts the limits at which BuildKit clips a step's output (2 MiB and 200 KiB/s).
 * Not on Docker before 23: with them lifted, 20.10.24 sent empty messages on a Status call without end after a step
 * had written 5 MB, in most tries. What the user has set himself holds.
 */
export function logLimits(
  { kind, version }: Pick<DaemonPlan, "kind" | "version">,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (kind === "dockerd" && Number.parseInt(version, 10) < 23) return {};
  const limits = ["BUILDKIT_STEP_LOG_MAX_SIZE", "BUILDKIT_STEP_LOG_MAX_SPEED"];
  return Object.fromEntries(limits.map((name) => [name, env[name] ?? "-1"]));
}

async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}
