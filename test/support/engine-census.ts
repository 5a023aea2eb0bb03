/** What an engine has on this machine besides itself: processes, mounts, directories of running containers. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { engineHome } from "../../src/engine/private/home/home.ts";
import { readRecord } from "../../src/engine/private/home/record.ts";
import { isAlive } from "../../src/engine/private/system/processes.ts";

export interface Census {
  /** Command lines of processes in its containers and of those that watch them, sorted. */
  readonly processes: readonly string[];
  /** Mount points of states and containers, sorted. */
  readonly mounts: readonly string[];
  /** Directories of containers that BuildKit's executor runs. */
  readonly executors: readonly string[];
}

/** @param init process id of the first process in the engine's own pid namespace, as engine.json has it. */
export async function censusOf(init: number, dataRoot: string): Promise<Census> {
  const parents = await parentsOfAll();
  const daemon = [...parents.keys()].find(
    (pid) => parents.get(pid)?.name === "dockerd" && isUnder(pid, init, parents),
  );
  if (daemon === undefined) throw new Error("the engine does not run");
  const within = [...parents.keys()].filter((pid) => pid !== init && isUnder(pid, init, parents));
  const lines = await Promise.all(within.map(commandOf));
  const mounts = (await readFile(`/proc/${daemon}/mountinfo`, "utf8")).split("\n");
  const executor = join(dataRoot, "buildkit", "executor");
  return {
    processes: lines.filter((line) => line !== "").sort(),
    mounts: mounts
      .map((line) => line.split(" ")[4] ?? "")
      .filter((place) => place.startsWith(dataRoot))
      .sort(),
    executors: (await readdir(executor, { withFileTypes: true }))
      .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
      .sort(),
  };
}

/** An engine at rest has nothing else. */
const OWN_PROGRAM = /^(\S*\/)?(dockerd|containerd|docker-registry|dlv)( |$)|^sh -c [\s\S]* bktui-engine /;
/** Processes of a released container end a moment later. */
const SETTLE_MS = 15_000;

/**
 * What builds have left on a dockerd that nobody uses any more: processes, mounts, containers. Empty also when it does
 * not run: then it has none.
 * @param directory of the private engine
 */
export async function leftOn(directory: string, suite: string): Promise<readonly string[]> {
  const dataRoot = join(directory, `data-${suite}`);
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const record = await readRecord(engineHome(directory));
    if (record === undefined || !(await isAlive(record.init))) return [];
    const { processes, mounts, executors } = await censusOf(record.init.pid, dataRoot);
    const left = [
      ...processes.filter((line) => !OWN_PROGRAM.test(line)).map((line) => `process ${line}`),
      ...mounts.filter((place) => place !== dataRoot).map((place) => `mount ${place}`),
      ...executors.map((id) => `container ${id}`),
    ];
    if (left.length === 0 || performance.now() > deadlineMs) return left;
    await delay(100);
  }
}

interface Parent {
  readonly parent: number;
  readonly name: string;
}

async function parentsOfAll(): Promise<ReadonlyMap<number, Parent>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const));
  return new Map(found.flatMap(([pid, parent]) => (parent === undefined ? [] : [[pid, parent]])));
}

/** undefined when it has ended meanwhile. */
async function parentOf(pid: number): Promise<Parent | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(text ?? "") ?? [];
  return name === "" ? undefined : { name, parent: Number(rest.split(" ")[1]) };
}

function isUnder(pid: number, top: number, parents: ReadonlyMap<number, Parent>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)?.parent) {
    if (at === top) return true;
  }
  return false;
}

async function commandOf(pid: number): Promise<string> {
  // A process that is ending has no command line any more.
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim();
}
