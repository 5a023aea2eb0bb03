/** What the kernel of this machine counts. */
import { readFileSync } from "node:fs";

export interface KernelCount {
  /** Which start of which kernel. */
  readonly boot: string;
  /** Processes ended for lack of memory since then. */
  readonly memoryKills: number;
}

/** Undefined where there is no Linux. Takes microseconds: the kernel writes these files itself. */
export function countHere(): KernelCount | undefined {
  try {
    const kills = /^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "latin1"))?.[1];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return kills === undefined ? undefined : { boot, memoryKills: Number(kills) };
  } catch {
    return undefined;
  }
}
