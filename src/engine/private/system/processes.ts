/** Processes of this machine, and the errors of its files. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError } from "../../../base/errors.ts";

/** A process told apart from a later one that got the same number. Linux only. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot, as text. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** undefined when there is no such process, or only its unreaped rest. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const bootId = await readIfThere("/proc/sys/kernel/random/boot_id");
  if (stat === undefined || bootId === undefined) return undefined;
  // The command name may hold blanks and brackets: the numbered fields start behind the last one.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = rest[18];
  if (state === "Z" || state === "X" || startTicks === undefined) return undefined;
  return { pid, startTicks, bootId: bootId.trim() };
}

/** Whether this process may do what only root may. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Whether that very process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now?.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Checks a value read from a file. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isInteger(value.pid) &&
    "startTicks" in value &&
    typeof value.startTicks === "string" &&
    "bootId" in value &&
    typeof value.bootId === "string"
  );
}

/** Pids of the direct children of a process, whichever of its threads started them. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map(
    async (thread) => (await readIfThere(`/proc/${pid}/task/${thread}/children`)) ?? "",
  );
  return (await Promise.all(lists))
    .flatMap((text) => text.split(" "))
    .filter((part) => part !== "")
    .map(Number);
}

/** Sends a signal; a process that has gone meanwhile is no error. */
export function sendSignal(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === "ESRCH") return;
    const hint = "It belongs to another user: end it as that user or as root.";
    throw ioFailure(`cannot end process ${pid}`, error, hint);
  }
}

/** Resolves with whether the process ended within the time. /proc offers nothing to wait on, so it looks again every 20 ms. */
export async function endsWithin(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (await isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** The system's code of an error thrown by Node, e.g. "ENOENT". */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** An "io" error whose text has the system's reason. */
export function ioFailure(what: string, cause: unknown, hint?: string): BktuiError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // Node repeats the call and the path: "EACCES: permission denied, open '/x'".
  const words = reason.replace(/^E[A-Z0-9]+: ([^,]+), .*$/s, "$1");
  return new BktuiError("io", `${what}: ${words}`, hint === undefined ? { cause } : { cause, hint });
}

/** A file's text; undefined when it does not exist (or its process has gone). */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ESRCH" || errno === "ENOTDIR") return undefined;
    throw ioFailure(`cannot read ${path}`, error);
  }
}
