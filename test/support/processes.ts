import { readdirSync, readFileSync } from "node:fs";

/** How many processes of this machine have this command line. */
export function running(command: string): number {
  return processesOf(command).length;
}

/** Process ids of those of this machine that have this command line. */
export function processesOf(command: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && commandLine(name) === command)
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1).join(" ");
  } catch {
    return "";
  }
}
