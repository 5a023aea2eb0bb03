/** Names of what is not finished yet, and the removal of what a killed process left under such a name. */
import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";

const PATTERN = /^\.bktui-(\d+)-(\d+)-[0-9a-f]{12}$/;

/** New, in plain letters, hidden; tells which process it belongs to. */
export function temporaryName(): string {
  return `.bktui-${pidNamespace()}-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/**
 * Removes what processes of this user left in the directory that are no more. What belongs to a process of another
 * container stays: whether that lives cannot be told from here. Never fails: it is not what the user came for.
 */
export function removeLeft(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      const [, namespace, pid] = PATTERN.exec(name) ?? [];
      if (namespace !== pidNamespace() || isAlive(Number(pid))) continue;
      const path = join(directory, name);
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // A directory that cannot be listed will be told of when something is written to it.
  }
}

/** Process ids mean something within one of these only; "0" where there are none. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
