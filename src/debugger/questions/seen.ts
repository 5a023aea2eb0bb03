/** What was seen in a state, at paths that a failure leads to. Plain data; names are untrusted text. */
import type { Digest } from "../../graph/graph.ts";

/** A step's container, with its mounts, as its user: over what the step left, or over what it began with. */
export interface Place {
  readonly vertex: Digest;
  readonly side: "failed" | "base";
}

export interface PathAsked {
  readonly place: Place;
  /** Absolute, without "." and "../explain". */
  readonly path: string;
}

export interface EntrySeen {
  readonly path: string;
  /** "link": one that cannot be followed, whether what it leads to is missing or may not be reached. */
  readonly kind: "directory" | "file" | "link" | "other";
  /** Permission bits; of what a link leads to, if it can be followed. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** What the step's user may do: some of "r", "w", "x"; all of them with a link itself, which forbids nobody anything. */
  readonly may: string;
}

/** Of one kind of unit of a file system: bytes, or inodes. */
export interface Space {
  readonly total: number;
  readonly free: number;
}

export interface PathSeen {
  /** From "/" down to the path, as far as it exists and can be looked at. */
  readonly entries: readonly EntrySeen[];
  /** The file's first bytes, a character each; undefined when it is no file or cannot be read. */
  readonly head: string | undefined;
  /** Of the file system of the deepest entry; undefined where no program tells. */
  readonly bytes: Space | undefined;
  readonly inodes: Space | undefined;
}

export interface MountSeen {
  readonly at: string;
  readonly type: string;
  readonly options: readonly string[];
}

export interface Seen {
  readonly uid: number;
  readonly gid: number;
  /** As `uname -m` says it, e.g. "x86_64"; "" when it is not known. */
  readonly machine: string;
  /** In the order of mounting. */
  readonly mounts: readonly MountSeen[];
  /** How many processes the kernel has ended for lack of memory; undefined when it does not count. */
  readonly memoryKills: number | undefined;
  /** Since when: the build was loaded, on this very machine; or the kernel started. */
  readonly countedSince: "build" | "start";
  /** Which start of which kernel it is; "" when it is not known. */
  readonly boot: string;
  /** What the step's processes may use together, and what the machine has, in bytes; undefined when not known. */
  readonly memoryLimit: number | undefined;
  readonly machineMemory: number | undefined;
  readonly paths: ReadonlyMap<string, PathSeen>;
  /** The engine could not look for lack of space on its disk: all else is unknown. */
  readonly isFull: boolean;
}

export const FULL: Seen = {
  uid: 0,
  gid: 0,
  machine: "",
  mounts: [],
  memoryKills: undefined,
  countedSince: "start",
  boot: "",
  memoryLimit: undefined,
  machineMemory: undefined,
  paths: new Map(),
  isFull: true,
};

/** By place; what could not be looked at is not in it. */
export type Sights = ReadonlyMap<string, Seen>;

export function placeKey({ vertex, side }: Place): string {
  return `${side} ${vertex}`;
}

/** With one more look at a place. */
export function withSeen(sights: Sights, place: Place, seen: Seen): Sights {
  const key = placeKey(place);
  const paths = new Map([...(sights.get(key)?.paths ?? []), ...seen.paths]);
  return new Map([...sights, [key, { ...seen, paths }]]);
}

/** The path itself; undefined when it does not exist, or was not looked at. */
export function entryAt(seen: Seen | undefined, path: string): EntrySeen | undefined {
  return seen?.paths.get(path)?.entries.find((entry) => entry.path === path);
}

/**
 * It was looked at and is not there. Of nothing is that said where no program could look, where a directory on the way
 * may not be entered, and behind a link that cannot be followed.
 */
export function isMissing(seen: Seen | undefined, path: string): boolean {
  const entries = seen?.paths.get(path)?.entries ?? [];
  const last = entries.at(-1);
  if (last === undefined || entries[0]?.path !== "/" || last.path === path) return false;
  return last.kind !== "link" && (last.kind !== "directory" || last.may.includes("x"));
}

/** The mount that a path lies in. */
export function mountAt(seen: Seen, path: string): MountSeen | undefined {
  const around = seen.mounts.filter(({ at }) => isWithin(path, at));
  // Of two at one place the later one hides the other.
  return around.reduce<MountSeen | undefined>(
    (best, mount) => (best === undefined || mount.at.length >= best.at.length ? mount : best),
    undefined,
  );
}

export function isWithin(path: string, directory: string): boolean {
  const at = directory.replace(/\/+$/, "");
  return path === at || path.startsWith(`${at}/`);
}
