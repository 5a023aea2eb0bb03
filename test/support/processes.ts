import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "../../src/engine/private/system/processes.ts";

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

/** Process ids of those whose command line has the text in it, of any process of this machine. */
export function processesWith(text: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(text))
    .map(Number);
}

/** Their command lines. */
export function commandLinesWith(text: string): readonly string[] {
  return processesWith(text).map(commandLine);
}

/** Words joined by blanks; empty when it has ended. */
export function commandLine(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1).join(" ");
  } catch {
    return "";
  }
}

/** A process and all that it has started, itself or by others; parents first. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  const found = [pid];
  for (const parent of found) found.push(...(await childrenOf(parent)));
  return found;
}
