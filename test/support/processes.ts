import { readdirSync, readFileSync } from "node:fs";

/** How many processes of this machine have this command line. */
export function running(command: string): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLine(name) === command).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1).join(" ");
  } catch {
    return "";
  }
}
