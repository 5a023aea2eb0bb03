/** Runs an engine in namespaces of its own and waits until it answers. */
import { type ChildProcess, spawn } from "node:child_process";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../../base/errors.ts";
import { probeKind } from "../../../transport/probe.ts";
import type { EngineHome } from "../home/home.ts";
import { childrenOf, endsWithin, identityOf, type ProcessIdentity, sendSignal } from "../system/processes.ts";
import { lastLines } from "../system/run-program.ts";
import { createCgroup } from "./cgroup.ts";
import type { DaemonPlan } from "./daemon.ts";
import { daemonCommand, daemonEnvironment, logLimits, registryConfiguration } from "./daemon.ts";
import { type Attached, attachedDelve, type DelvePlan, delveAddressText } from "./delve.ts";
import { INIT_SCRIPT } from "./init-script.ts";

export interface Launched {
  readonly init: ProcessIdentity;
  readonly notes: readonly string[];
  /** Where its debugger listens. */
  readonly delve: string | undefined;
}

export interface LaunchOptions {
  readonly socketDirectory: string;
  /** Whether the engine runs in a user namespace of its own, with this user as its root. */
  readonly rootless: boolean;
  /** Limit of everything in the engine together. */
  readonly memoryBytes: number;
  /** A debugger to attach once the daemon answers. */
  readonly delve: DelvePlan | undefined;
  /** Called once the engine's first process is known, before that does anything. */
  readonly onInit: (init: ProcessIdentity) => Promise<void>;
  readonly signal: AbortSignal;
}

const READY_TIMEOUT_MS = 30_000;

/**
 * Starts the daemon in its own mount, pid and (unless plan.network is "host") net namespace and cgroup, detached from
 * this process, and waits until it answers. On any failure nothing of it is left running.
 * @throws {BktuiError} "no-engine" when it ends or does not answer in time, "cancelled".
 */
export async function launchDaemon(
  home: EngineHome,
  plan: DaemonPlan,
  options: LaunchOptions,
): Promise<Launched> {
  throwIfCancelled(options.signal);
  const cgroup = options.rootless ? undefined : await createCgroup(home.name, options.memoryBytes);
  const joined = cgroup === undefined || cgroup.join.length === 0 ? undefined : cgroup;
  const command = await daemonCommand(home, { ...plan, cgroupParent: joined?.steps });
  const registry = await registryConfiguration(home, plan);
  await rm(plan.socket, { force: true });
  await removeDeadContainers(plan.data);
  const env = {
    ...daemonEnvironment(plan.paths, process.env),
    ...logLimits(plan, process.env),
    BKTUI_SOCKETS: options.socketDirectory,
    BKTUI_STASH: home.stash,
    BKTUI_JOIN: joined?.join.join(" ") ?? "",
    BKTUI_NETWORK: plan.network,
    BKTUI_REGISTRY: registry ?? "",
    BKTUI_DELVE: options.delve?.program ?? "",
    BKTUI_DELVE_LISTEN: options.delve === undefined ? "" : delveAddressText(options.delve.listen),
  };
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child=KILL"];
  const user = options.rootless ? ["--user", "--map-root-user", "--map-auto"] : [];
  const args = [...user, ...namespaces, "--", "sh", "-c", INIT_SCRIPT, "bktui-engine", ...command];
  await using log = await open(home.log, "w", 0o600);
  // Its own session: a Ctrl-C in this terminal is not meant for the engine, and it outlives this process.
  const child = spawn("unshare", args, { env, detached: true, stdio: ["pipe", log.fd, log.fd], cwd: "/" });
  // It may end before it has been told to go on; that is seen elsewhere.
  child.stdin?.on("error", () => undefined);
  const init = await whenReady(child, home, plan, options);
  const attached = await withDelve(child, home, options);
  child.unref();
  return { init, notes: [...(cgroup?.notes ?? []), ...(attached?.notes ?? [])], delve: attached?.listen };
}

/**
 * A daemon that was killed leaves the directories of the containers that it had (checked on Docker 28.5), and no later one
 * removes them. Their processes and mounts ended with the namespaces of the engine.
 */
async function removeDeadContainers(data: string): Promise<void> {
  // Docker's place; buildkitd's.
  for (const executor of [join(data, "buildkit", "executor"), join(data, "runc-overlayfs", "executor")]) {
    for (const entry of await readdir(executor, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) await rm(join(executor, entry.name), { recursive: true, force: true });
  }
}

async function withDelve(
  child: ChildProcess,
  home: EngineHome,
  { delve, signal }: LaunchOptions,
): Promise<Attached | undefined> {
  if (delve === undefined) return undefined;
  child.stdin?.end("ready\n");
  try {
    return await attachedDelve(home.log, delve, { signal });
  } catch (error) {
    await endUnshare(child);
    throw error;
  }
}

async function whenReady(
  child: ChildProcess,
  home: EngineHome,
  plan: DaemonPlan,
  { onInit, delve, signal }: LaunchOptions,
): Promise<ProcessIdentity> {
  let init: ProcessIdentity | undefined;
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, killer) => {
    ended = killer ?? `status ${code}`;
  });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  try {
    for (;;) {
      if (ended !== undefined) throw await startFailure(home, plan, `ended with ${ended}`);
      if (performance.now() > deadline) throw await startFailure(home, plan, "does not answer");
      if (init === undefined) {
        init = await initOf(child);
        if (init !== undefined) {
          await onInit(init);
          // Before, nobody would find it if this process died.
          child.stdin?.write("noted\n");
          if (delve === undefined) child.stdin?.end();
        }
      } else if (await answers(plan, signal)) return init;
      await delay(20, undefined, { signal }).catch(() => undefined);
      throwIfCancelled(signal);
    }
  } catch (error) {
    await endUnshare(child);
    throw error;
  }
}

async function initOf(child: ChildProcess): Promise<ProcessIdentity | undefined> {
  if (child.pid === undefined) return undefined;
  const [pid] = await childrenOf(child.pid);
  return pid === undefined ? undefined : await identityOf(pid);
}

async function answers(plan: DaemonPlan, signal: AbortSignal): Promise<boolean> {
  try {
    return (await probeKind({ kind: "unix", path: plan.socket }, { signal })) === plan.kind;
  } catch (error) {
    const { code } = toBktuiError(error);
    if (code === "engine-unreachable" || code === "unsupported") return false;
    throw error;
  }
}

/** Killing unshare kills the first process of the namespace (--kill-child) and with it everything in there. */
async function endUnshare(child: ChildProcess): Promise<void> {
  const identity = child.pid === undefined ? undefined : await identityOf(child.pid);
  if (identity === undefined) return;
  sendSignal(identity.pid, "SIGKILL");
  await endsWithin(identity, 5000);
}

async function startFailure(home: EngineHome, plan: DaemonPlan, what: string): Promise<BktuiError> {
  const log = lastLines(await readFile(home.log, "utf8"), 3);
  return new BktuiError("no-engine", `${plan.program} ${what}: ${log}`, { hint: `Its log is ${home.log}.` });
}
