/** Sockets of a process by which others could get at it. Linux. */
import { readdir, readFile, readlink } from "node:fs/promises";

/** Of TCP, see include/net/tcp_states.h of Linux. */
const LISTENING = "0A";
/** Field 5 of /proc/net/tcp and its like is "st", field 10 is the inode. */
const TCP_FIELDS = { state: 3, inode: 9 } as const;
/** Of /proc/net/unix: "Inode", and behind it the name if the socket has one. */
const UNIX_INODE = 6;

export interface Sockets {
  /** Lines of /proc/net: listening, or with a name that others can send to. */
  readonly open: readonly string[];
  /** How many sockets the process has. */
  readonly count: number;
}

/** Of the processes together. */
export async function socketsOf(pids: readonly number[]): Promise<Sockets> {
  const inodes = new Set((await Promise.all(pids.map(inodesOf))).flat());
  const [pid = 0] = pids;
  const lines = await Promise.all(
    ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix"].map(async (kind) =>
      (await linesOf(pid, kind))
        .filter((fields) => isOpen(kind, fields, inodes))
        .map((fields) => `${kind} ${fields.join(" ")}`),
    ),
  );
  return { open: lines.flat(), count: inodes.size };
}

function isOpen(kind: string, fields: readonly string[], inodes: ReadonlySet<string>): boolean {
  const isUnix = kind === "unix";
  const inode = fields[isUnix ? UNIX_INODE : TCP_FIELDS.inode] ?? "";
  if (!inodes.has(inode)) return false;
  if (isUnix) return fields.length > UNIX_INODE + 1;
  return !kind.startsWith("tcp") || fields[TCP_FIELDS.state] === LISTENING;
}

async function inodesOf(pid: number): Promise<readonly string[]> {
  const directory = `/proc/${pid}/fd`;
  const targets = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => "")),
  );
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function linesOf(pid: number, kind: string): Promise<readonly (readonly string[])[]> {
  // A kernel without IPv6 has no such file.
  const text = await readFile(`/proc/${pid}/net/${kind}`, "utf8").catch(() => "");
  return text.split("\n").map((line) => line.trim().split(/\s+/));
}
