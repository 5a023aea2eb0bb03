/** Whose program it is that has connected over TCP on this machine, where the system tells. */
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";

/** The two ends of a connection, as this side sees them. */
export interface Ends {
  readonly family: "IPv4" | "IPv6";
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** Number of its user; undefined = the system does not tell. */
export async function userOfPeer(ends: Ends): Promise<number | undefined> {
  const file = ends.family === "IPv4" ? "/proc/net/tcp" : "/proc/net/tcp6";
  const table = await readFile(file, "latin1").catch(() => "");
  return userIn(table, ends, endianness());
}

/** @param table of the kernel: a line for each socket, also for the peer's own, whose ends are the other way round */
export function userIn(table: string, ends: Ends, order: "LE" | "BE"): number | undefined {
  const from = wordOf(ends.remoteAddress, ends.remotePort, order);
  const to = wordOf(ends.localAddress, ends.localPort, order);
  for (const line of table.split("\n").slice(1)) {
    const [, local, remote, , , , , user] = line.trim().split(/\s+/);
    if (local === from && remote === to && user !== undefined) return Number(user);
  }
  return undefined;
}

/** "0100007F:1F90": each four bytes of the address in the machine's own order. */
function wordOf(address: string, port: number, order: "LE" | "BE"): string {
  const bytes =
    address === "::1"
      ? Buffer.from([...new Array<number>(15).fill(0), 1])
      : Buffer.from(address.split(".").map(Number));
  if (order === "LE") bytes.swap32();
  return `${bytes.toString("hex").toUpperCase()}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}
