/** Starts, stops and looks at an engine of bktui's own. */
import { readdir, rm } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import type { Address } from "../../transport/address.ts";
import { probeKind } from "../../transport/probe.ts";
import { removeCgroup } from "./daemon/cgroup.ts";
import {
  type DelvePlan,
  delveAddressText,
  delvePlan,
  NotDebugged,
  parseDelveAddress,
} from "./daemon/delve.ts";
import { launchDaemon } from "./daemon/launch.ts";
import { type PreparedEngine, prepareEngine } from "./daemon/prepare.ts";
import {
  type EngineHome,
  engineHome,
  isEngineDirectory,
  prepareHome,
  prepareSocketDirectory,
  removeSocketDirectory,
} from "./home/home.ts";
import { acquireLock } from "./home/lock.ts";
import { type EngineNetwork, type EngineRecord, readRecord, writeRecord } from "./home/record.ts";
import type { PackageSource } from "./packages/packages.ts";
import { describeChoice, type EngineChoice } from "./packages/programs.ts";
import { type StartableEngines, startableEngines, whyNotThisSystem } from "./requirements.ts";
import { packageCacheDirectory } from "./system/cache-directories.ts";
import { endsWithin, errnoOf, isAlive, isRoot, sendSignal } from "./system/processes.ts";

/** A BuildKit of bktui's own. It outlives the process that started it; `stopPrivateEngine` ends it. */
export interface PrivateEngine {
  readonly address: Address;
  /** E.g. "28.5.2". */
  readonly version: string;
  /** Distribution suite of its packages, e.g. "sid"; undefined = the installed programs. */
  readonly suite: string | undefined;
  readonly directory: string;
  /** Has docker and, from Debian 13 on, docker-buildx; undefined when nothing came with the engine. */
  readonly binDir: string | undefined;
  /** What a RUN step can reach: "nat" the internet, "isolated" nothing, "host" all this machine can. */
  readonly network: EngineNetwork;
  /** What is less than it could be, in words. */
  readonly notes: readonly string[];
  /** Where dlv listens, which is attached to it. */
  readonly delve: string | undefined;
  /** A dockerd with containerd's image store. */
  readonly containerdStore: boolean;
}

export interface StartOptions {
  readonly kind: "auto" | "dockerd" | "buildkitd";
  /** Take the engine from the packages of exactly this suite. */
  readonly suite?: string | undefined;
  /** Absolute; created with mode 0700. */
  readonly directory: string;
  /** Storage directory of a docker-registry, served inside the engine's network as the mirror of docker.io. */
  readonly registry?: string | undefined;
  /** Added to dockerd's configuration, e.g. `{ features: { "containerd-snapshotter": true } }`. */
  readonly daemonJson?: Readonly<Record<string, unknown>> | undefined;
  /** Default: connected when that is possible. */
  readonly network?: "nat" | "isolated" | undefined;
  /** What the engine and its builds together may use; default: three quarters of this machine's memory. */
  readonly memoryBytes?: number | undefined;
  /** Where unpacked packages are kept; default `packageCacheDirectory()`. */
  readonly cache?: string | undefined;
  /** Attach dlv, listening on this HOST:PORT of loopback. */
  readonly delve?: string | undefined;
  /** Lets dockerd keep images in containerd's store, which can have those of several platforms. */
  readonly containerdStore?: boolean | undefined;
  readonly onProgress: (line: string) => void;
}

export type EngineStatus =
  | { readonly kind: "running"; readonly engine: PrivateEngine; readonly pid: number }
  | { readonly kind: "stopped" };

const STOP_GRACE_MS = 5000;
const KILL_TIMEOUT_MS = 10_000;
const CONTAINERD_STORE = { features: { "containerd-snapshotter": true } } as const;
/** The engine and its builds together may take this part of the machine's memory. */
const MEMORY_SHARE = 0.75;

/**
 * Starts an engine, or returns the one that already runs in that directory (whatever it was started with).
 * Root gets namespaces and a cgroup for it; everybody else an installed buildkitd in a user namespace.
 * @throws {BktuiError} "no-engine" with the reason per candidate, "unsupported" off Linux, "io", "cancelled"; "not-found"
 * without dlv, "not-now" when one runs that is not debugged so, stands at a breakpoint, or has another image store.
 */
export async function startPrivateEngine(
  options: StartOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<PrivateEngine> {
  const wrongSystem = whyNotThisSystem();
  if (wrongSystem !== undefined) throw cannotStart("unsupported", wrongSystem);
  const delve = options.delve === undefined ? undefined : await delvePlan(options.delve, process.env);
  const home = engineHome(options.directory);
  await prepareHome(home);
  await using _lock = await lockHome(home, options.onProgress, signal);
  const running = await runningRecord(home);
  if (running !== undefined) {
    checkDebugged(running, options.delve);
    if (options.containerdStore === true) checkStore(running);
  }
  const found = running === undefined ? "gone" : await lookAt(running, signal);
  if (running !== undefined && found === "answers") return engineOf(home, running);
  // Ended it would be lost to whoever looks at it there.
  if (running?.delve !== undefined && found === "silent") throw atBreakpoint(running.delve);
  await endEngine(home);
  const { choices, source, noPackages } = await usableEngines(options);
  const failures: string[] = [];
  for (const choice of choices) {
    try {
      return await startChoice(choice, home, source, { ...options, delve }, signal);
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof NotDebugged) throw error;
      const failure = `${describeChoice(choice)}: ${toBktuiError(error).message}`;
      failures.push(failure);
      options.onProgress(`cannot use ${failure}`);
    }
  }
  if (noPackages !== undefined) failures.push(noPackages.message);
  const reasons = failures.map((failure) => `\n  ${failure}`).join("");
  const hint = `Run bktui doctor${isRoot() ? "" : ", or start it as root"}.`;
  throw new BktuiError("no-engine", `no engine of bktui's own can be started:${reasons}`, { hint });
}

/**
 * Ends the engine with everything in it and removes its sockets and cgroup; its build cache stays.
 * Resolves with whether one ran.
 * @throws {BktuiError} "io" when it belongs to somebody else.
 */
export async function stopPrivateEngine(
  directory: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  const home = engineHome(directory);
  if (!(await isEngineDirectory(home))) return false;
  await using _lock = await lockHome(home, () => undefined, signal);
  return await endEngine(home);
}

/** Looks, and changes nothing. */
export async function statusOf(directory: string): Promise<EngineStatus> {
  const home = engineHome(directory);
  const record = await runningRecord(home);
  if (record === undefined) return { kind: "stopped" };
  return { kind: "running", engine: engineOf(home, record), pid: record.init.pid };
}

/**
 * Stops the engine and deletes its directory; unpacked packages stay.
 * @throws {BktuiError} "io" when the directory was not made by bktui.
 */
export async function purgePrivateEngine(
  directory: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await stopPrivateEngine(directory, { signal });
  const home = engineHome(directory);
  if (await isEngineDirectory(home)) {
    await rm(directory, { recursive: true, force: true });
    return;
  }
  if ((await readdir(directory).catch(() => [])).length > 0) {
    throw new BktuiError("io", `${directory} was not made by bktui and is not deleted`);
  }
}

async function lockHome(
  home: EngineHome,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const onWait = (pid: number): void =>
    onProgress(`waiting for process ${pid}, which uses ${home.directory}`);
  return await acquireLock(home.lock, { signal, onWait });
}

async function startChoice(
  choice: EngineChoice,
  home: EngineHome,
  source: PackageSource | undefined,
  options: Omit<StartOptions, "delve"> & { readonly delve: DelvePlan | undefined },
  signal: AbortSignal,
): Promise<PrivateEngine> {
  const socketDirectory = await prepareSocketDirectory(home);
  const containerdStore = options.containerdStore === true && choice.kind === "dockerd";
  try {
    const prepared = await prepareEngine(choice, {
      home,
      socketDirectory,
      source,
      cache: options.cache ?? packageCacheDirectory(),
      rootless: !isRoot(),
      network: options.network,
      registry: options.registry,
      daemonJson: { ...options.daemonJson, ...(containerdStore ? CONTAINERD_STORE : {}) },
      onProgress: options.onProgress,
      signal,
    });
    options.onProgress(`starting ${describeChoice(choice)}, version ${prepared.plan.version}`);
    const started = performance.now();
    const record = await launch(prepared, home, {
      socketDirectory,
      memoryBytes: options.memoryBytes,
      delve: options.delve,
      containerdStore,
      signal,
    });
    options.onProgress(`ready after ${Math.round(performance.now() - started)} ms`);
    return engineOf(home, record);
  } catch (error) {
    await endEngine(home);
    await removeSocketDirectory(socketDirectory);
    throw error;
  }
}

async function launch(
  prepared: PreparedEngine,
  home: EngineHome,
  {
    socketDirectory,
    memoryBytes = Math.floor(totalmem() * MEMORY_SHARE),
    delve,
    containerdStore,
    signal,
  }: Pick<StartOptions, "memoryBytes"> & {
    readonly socketDirectory: string;
    readonly containerdStore: boolean;
    readonly delve: DelvePlan | undefined;
    readonly signal: AbortSignal;
  },
): Promise<EngineRecord> {
  const { plan, suite, binDir, notes } = prepared;
  const known = {
    kind: plan.kind,
    version: plan.version,
    suite,
    binDir,
    socketDirectory,
    network: plan.network,
    delve: undefined,
    containerdStore,
  };
  const launched = await launchDaemon(home, plan, {
    socketDirectory,
    rootless: !isRoot(),
    memoryBytes,
    delve,
    // Written before it is ready: if this process dies now, the next one finds what to end.
    onInit: (init) => writeRecord(home, { ...known, notes, init }),
    signal,
  });
  const { init, delve: listen } = launched;
  const record = { ...known, notes: [...notes, ...launched.notes], init, delve: listen };
  await writeRecord(home, record);
  return record;
}

async function runningRecord(home: EngineHome): Promise<EngineRecord | undefined> {
  const record = await readRecord(home);
  return record !== undefined && (await isAlive(record.init)) ? record : undefined;
}

/** @throws {BktuiError} "not-now" when one runs that is not debugged as it is wanted. */
function checkDebugged({ delve }: EngineRecord, wanted: string | undefined): void {
  if (wanted === undefined) return;
  const address = parseDelveAddress(wanted);
  if (delve !== undefined && address.port === 0) return;
  const listen = delveAddressText(address);
  if (delve === listen) return;
  const how = delve === undefined ? "without dlv" : `with dlv at ${delve}`;
  throw new BktuiError("not-now", `bktui's own engine runs already, ${how}`, {
    hint: `Run bktui engine stop, then bktui engine start --delve=${listen}; its build cache stays.`,
  });
}

/** @throws {BktuiError} "not-now" when a dockerd runs with its own image store. */
function checkStore({ kind, containerdStore }: EngineRecord): void {
  if (containerdStore || kind === "buildkitd") return;
  throw new BktuiError("not-now", "bktui's own engine runs already, with dockerd's own image store", {
    hint: "Run bktui engine stop, then bktui engine start --containerd-store; its build cache for each store stays.",
  });
}

function atBreakpoint(listen: string): BktuiError {
  return new BktuiError("not-now", `bktui's own engine does not answer, and dlv at ${listen} debugs it`, {
    hint: `It stands at a breakpoint: let it go on there (dlv connect ${listen}, continue), or run bktui engine stop.`,
  });
}

/** "gone": nobody listens any more, what is left of it only ends; "silent": it may stand still. */
async function lookAt(record: EngineRecord, signal: AbortSignal): Promise<"answers" | "silent" | "gone"> {
  try {
    return (await probeKind(socketOf(record), { signal })) === record.kind ? "answers" : "silent";
  } catch (error) {
    const { code, cause } = toBktuiError(error);
    if (code !== "engine-unreachable") throw error;
    return ["ECONNREFUSED", "ENOENT"].includes(errnoOf(cause) ?? "") ? "gone" : "silent";
  }
}

/** buildkitd waits for running builds when it is asked to end: after the grace its pid namespace is killed. */
async function endEngine(home: EngineHome): Promise<boolean> {
  const record = await readRecord(home);
  const ran = record !== undefined && (await isAlive(record.init));
  if (ran) {
    sendSignal(record.init.pid, "SIGTERM");
    if (!(await endsWithin(record.init, STOP_GRACE_MS))) {
      sendSignal(record.init.pid, "SIGKILL");
      if (!(await endsWithin(record.init, KILL_TIMEOUT_MS))) {
        throw new BktuiError(
          "io",
          `process ${record.init.pid} of the engine in ${home.directory} does not end`,
        );
      }
    }
  }
  if (record !== undefined) await removeSocketDirectory(record.socketDirectory);
  await removeCgroup(home.name);
  await rm(home.record, { force: true });
  return ran;
}

async function usableEngines({ kind, suite }: StartOptions): Promise<StartableEngines> {
  const engines = await startableEngines({ kind, suite, env: process.env });
  const { obstacle, noPackages } = engines;
  if (noPackages !== undefined && noPackages.code !== "unsupported") throw noPackages;
  if (obstacle === undefined) return engines;
  throw cannotStart("no-engine", obstacle, "Install BuildKit, runc and uidmap, or run bktui with sudo.");
}

function cannotStart(code: "no-engine" | "unsupported", reason: string, hint?: string): BktuiError {
  const message = `no engine of bktui's own can be started: ${reason}`;
  return new BktuiError(code, message, hint === undefined ? {} : { hint });
}

function socketOf(record: EngineRecord): { readonly kind: "unix"; readonly path: string } {
  return { kind: "unix", path: join(record.socketDirectory, "engine.sock") };
}

function engineOf(home: EngineHome, record: EngineRecord): PrivateEngine {
  const { kind, version, suite, binDir, network, notes, delve, containerdStore } = record;
  const socket = socketOf(record);
  const address: Address = { kind, socket, text: `unix://${socket.path}` };
  return {
    address,
    version,
    suite,
    directory: home.directory,
    binDir,
    network,
    notes,
    delve,
    containerdStore,
  };
}
