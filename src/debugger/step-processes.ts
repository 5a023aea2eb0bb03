/** What the processes of a running step do, where the engine runs on this machine: Linux shows them in /proc. */
import { readdir, readFile } from "node:fs/promises";

export interface StepProcess {
  /** Its command line, shortened; untrusted text. */
  readonly command: string;
  readonly does: "runs" | "waits" | "waits for a disk" | "is stopped" | "has ended";
  /** Processor time so far, in seconds. */
  readonly cpuSeconds: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly state: string;
  readonly cpuSeconds: number;
}

const LONGEST = 60;
/** Of a second, in which Linux counts for programs. */
const TICKS = 100;
/** BuildKit (0.8 to 0.32) names the cgroup of a step so, with the step's id behind it. */
const STEP_CGROUP = /^\d+:[^:]*:(\/.*)?\/buildkit\/[^/]+$/m;

/**
 * Those that have no child of their own: what the step waits for. Undefined when they cannot be seen: another machine,
 * another system, or more than one step that may be meant.
 * @param args of the step; a shell may have put its last program in its own place
 * @param address of the engine
 */
export async function processesOf(
  args: readonly string[],
  address: string,
): Promise<readonly StepProcess[] | undefined> {
  if (!address.startsWith("unix:")) return undefined;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(processAt))).filter((process) => process !== undefined);
  const firsts = (
    await Promise.all(all.map(async (each) => ((await isFirst(each.pid)) ? each : undefined)))
  ).filter((process) => process !== undefined);
  const ours = await engines(firsts, address);
  const wanted = `${args.join("\0")}\0`;
  const same: Process[] = [];
  for (const process of ours) if ((await textOf(process.pid, "cmdline")) === wanted) same.push(process);
  const [root, ...others] = same.length > 0 ? same : ours;
  if (root === undefined || others.length > 0) return undefined;
  const leaves = leavesBelow(root, all);
  return await Promise.all(
    leaves.map(async (process) => ({
      command: await commandOf(process),
      does: doing(process.state),
      cpuSeconds: process.cpuSeconds,
    })),
  );
}

/** A private engine has its name in its address and in the cgroups of its steps. */
async function engines(firsts: readonly Process[], address: string): Promise<readonly Process[]> {
  const placed = await Promise.all(
    firsts.map(async (process) => ({
      process,
      parent: STEP_CGROUP.exec(await textOf(process.pid, "cgroup"))?.[1],
    })),
  );
  const steps = placed.filter(({ parent }) => parent !== undefined);
  const own = steps.filter(({ parent = "" }) => address.split("/").includes(parent.split("/")[1] ?? "?"));
  return (own.length > 0 ? own : steps).map(({ process }) => process);
}

function leavesBelow(root: Process, all: readonly Process[]): readonly Process[] {
  const children = all.filter(({ parent }) => parent === root.pid);
  return children.length === 0 ? [root] : children.flatMap((child) => leavesBelow(child, all));
}

/** The first process of a container: 1 in the innermost of several namespaces. */
async function isFirst(pid: number): Promise<boolean> {
  return /^NSpid:\s+\d+\s(?:.*\s)?1$/m.test(await textOf(pid, "status"));
}

/** Undefined when it has ended meanwhile. */
async function processAt(pid: number): Promise<Process | undefined> {
  // The name stands in brackets and may hold any.
  const found = /^\d+ \(([\s\S]*)\) (\S) (\d+) (.*)$/m.exec(await textOf(pid, "stat"));
  if (found === null) return undefined;
  const [, name = "", state = "", parent = "", rest = ""] = found;
  const fields = rest.split(" ");
  // Of proc(5) utime and stime, which are its fields 14 and 15.
  const ticks = Number(fields[9]) + Number(fields[10]);
  return { pid, parent: Number(parent), name, state, cpuSeconds: ticks / TICKS };
}

async function commandOf({ pid, name }: Process): Promise<string> {
  const words = (await textOf(pid, "cmdline")).split("\0").join(" ").trim();
  const command = words === "" ? name : words;
  return command.length > LONGEST ? `${command.slice(0, LONGEST)}…` : command;
}

function doing(state: string): StepProcess["does"] {
  switch (state) {
    case "R":
      return "runs";
    case "D":
      return "waits for a disk";
    case "T":
    case "t":
      return "is stopped";
    case "Z":
    case "X":
      return "has ended";
    default:
      return "waits";
  }
}

async function textOf(pid: number, file: string): Promise<string> {
  return await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}
