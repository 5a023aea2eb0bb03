/** A cgroup of its own for an engine and its builds. */
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../system/processes.ts";

/** A cgroup of the engine's own; `steps` and `engine` below it, because on cgroup v2 only leaves hold processes. */
export interface EngineCgroup {
  /** Parent of the containers, from the root of each hierarchy. */
  readonly steps: string;
  /** `cgroup.procs` files the engine writes itself into. */
  readonly join: readonly string[];
  /** Why some part is missing, in words. */
  readonly notes: readonly string[];
}

interface Hierarchy {
  readonly mountPoint: string;
  readonly kind: "v2" | "v1-memory" | "v1-other";
}

/** Creates it where the system lets us: without, the engine runs unlimited and says so. */
export async function createCgroup(name: string, memoryBytes: number): Promise<EngineCgroup> {
  const joined: string[] = [];
  const notes: string[] = [];
  let limited = false;
  for (const { mountPoint, kind } of await hierarchies()) {
    if (kind === "v1-other") continue;
    const top = join(mountPoint, name);
    try {
      await mkdir(join(top, "engine"), { recursive: true });
      if (kind === "v2") await passControllersOn(mountPoint, top);
      if (await setLimit(top, kind, memoryBytes)) limited = true;
      joined.push(join(top, "engine", "cgroup.procs"));
    } catch (error) {
      notes.push(`no cgroup of its own in ${mountPoint} (${errnoOf(error) ?? String(error)})`);
    }
  }
  if (!limited) notes.push("no memory limit: the memory controller cannot be used here");
  return { steps: `/${name}/steps`, join: joined, notes };
}

/** Removes what is left of it once all its processes are gone. */
export async function removeCgroup(name: string): Promise<void> {
  for (const { mountPoint } of await hierarchies()) await removeTree(join(mountPoint, name));
}

async function hierarchies(): Promise<readonly Hierarchy[]> {
  return parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Reads /proc/PID/mountinfo (proc(5)). */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const mountPoint = left?.split(" ")[4];
    const [type, , options] = right?.split(" ") ?? [];
    if (mountPoint === undefined) continue;
    if (type === "cgroup2") found.push({ mountPoint, kind: "v2" });
    if (type === "cgroup") {
      const isMemory = options?.split(",").includes("memory") === true;
      found.push({ mountPoint, kind: isMemory ? "v1-memory" : "v1-other" });
    }
  }
  return found;
}

async function passControllersOn(root: string, top: string): Promise<void> {
  const available = (await readFile(join(root, "cgroup.controllers"), "utf8")).trim().split(" ");
  for (const controller of ["memory", "pids", "cpu"]) {
    if (!available.includes(controller)) continue;
    await writeFile(join(root, "cgroup.subtree_control"), `+${controller}`);
    await writeFile(join(top, "cgroup.subtree_control"), `+${controller}`);
  }
}

async function setLimit(top: string, kind: "v2" | "v1-memory", bytes: number): Promise<boolean> {
  const file = join(top, kind === "v2" ? "memory.max" : "memory.limit_in_bytes");
  // On a hybrid host the v2 hierarchy has no memory controller and thus no such file.
  if (kind === "v2" && !(await readdir(top)).includes("memory.max")) return false;
  await writeFile(file, String(bytes));
  return true;
}

async function removeTree(path: string): Promise<void> {
  let entries: readonly { isDirectory(): boolean; readonly name: string }[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  await rmdir(path);
}
