/** What the processes of a running step do, where the engine runs on this machine: Linux shows them in /proc. */
import { readdir, readFile } from "node:fs/promises";

export interface StepProcess {
  /** Its whole command line, so that secrets in it can be found; untrusted text. */
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

/** A file of a process; empty when it has ended. */
type TextOf = (pid: number, file: string) => Promise<string>;

/** A longer line is not told: cut anywhere, it could end in a piece of a secret. */
const LONGEST = 64 * 1024;
/** Of a second, in which Linux counts for programs. */
const TICKS = 100;
/** BuildKit (0.8 to 0.32) names the cgroup of a step so, with the step's id behind it. */
const STEP_CGROUP = /^\d+:[^:]*:(\/.*)?\/buildkit\/[^/]+$/m;

/**
 * Those that have no child of their own: what the step waits for. Undefined when they cannot be seen: another machine,
 * another system, no container that is surely this step's (others' may be there: of steps beside it, of other builds), or
 * several that may be.
 * @param args of the step
 * @param address of the engine
 * @param proc where Linux shows its processes
 */
export async function processesOf(
  args: readonly string[],
  address: string,
  proc = "/proc",
): Promise<readonly StepProcess[] | undefined> {
  if (!address.startsWith("unix:")) return undefined;
  const textOf: TextOf = (pid, file) => readFile(`${proc}/${pid}/${file}`, "utf8").catch(() => "");
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map((pid) => processAt(pid, textOf)))).filter(
    (process) => process !== undefined,
  );
  const firsts = (
    await Promise.all(all.map(async (each) => ((await isFirst(each.pid, textOf)) ? each : undefined)))
  ).filter((process) => process !== undefined);
  const ours = await Promise.all(
    (await engines(firsts, address, textOf)).map(async (process) => ({
      process,
      line: await textOf(process.pid, "cmdline"),
    })),
  );
  const same = ours.filter(({ line }) => line === `${args.join("\0")}\0`);
  const likely = same.length > 0 ? same : ours.filter(({ line }) => endsScript(line, args));
  const [root, ...others] = likely.map(({ process }) => process);
  if (root === undefined || others.length > 0) return undefined;
  const leaves = leavesBelow(root, all);
  return await Promise.all(
    leaves.map(async (process) => ({
      command: await commandOf(process, textOf),
      does: doing(process.state),
      cpuSeconds: process.cpuSeconds,
    })),
  );
}

/** A shell may have put the last command of its script in its own place. */
function endsScript(line: string, args: readonly string[]): boolean {
  const script = args.at(-1)?.trimEnd() ?? "";
  const command = line.split("\0").join(" ").trim();
  if (args.length < 2 || command === "" || !script.endsWith(command)) return false;
  return /(?:^|[;&|\n])\s*(?:exec\s+)?$/.test(script.slice(0, -command.length));
}

/** A private engine has its name in its address and in the cgroups of its steps. */
async function engines(
  firsts: readonly Process[],
  address: string,
  textOf: TextOf,
): Promise<readonly Process[]> {
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
async function isFirst(pid: number, textOf: TextOf): Promise<boolean> {
  return /^NSpid:\s+\d+\s(?:.*\s)?1$/m.test(await textOf(pid, "status"));
}

/** Undefined when it has ended meanwhile. */
async function processAt(pid: number, textOf: TextOf): Promise<Process | undefined> {
  // The name stands in brackets and may hold any.
  const found = /^\d+ \(([\s\S]*)\) (\S) (\d+) (.*)$/m.exec(await textOf(pid, "stat"));
  if (found === null) return undefined;
  const [, name = "", state = "", parent = "", rest = ""] = found;
  const fields = rest.split(" ");
  // Of proc(5) utime and stime, which are its fields 14 and 15.
  const ticks = Number(fields[9]) + Number(fields[10]);
  return { pid, parent: Number(parent), name, state, cpuSeconds: ticks / TICKS };
}

async function commandOf({ pid, name }: Process, textOf: TextOf): Promise<string> {
  const words = (await textOf(pid, "cmdline")).split("\0").join(" ").trim();
  return words === "" || words.length > LONGEST ? name : words;
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
