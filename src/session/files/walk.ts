/** Lists the files below a directory that pass a filter, in the order of the protocol. */
import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { throwIfCancelled } from "../../base/errors.ts";
import { type BytePath, fromBytes, fromText, joinBytes, toBytes, toText } from "./byte-path.ts";
import { goMode, toGoMode } from "./go-mode.ts";
import type { FileStat } from "./packets.ts";
import type { MatchedPatterns, PatternMatcher } from "./pattern-matcher.ts";
import { Slice } from "./slice.ts";

/** An entry passes when every `includes` list matches it and no `excludes` list does. */
export interface WalkFilter {
  readonly includes: readonly PatternMatcher[];
  readonly excludes: readonly PatternMatcher[];
}

/** One file, directory, link or special file below the root. */
export interface Entry extends FileStat {
  readonly device: bigint;
  readonly inode: bigint;
  /** Bytes of content at the time of the walk; 0 for everything but regular files. */
  readonly contentBytes: number;
}

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** An entry that passes the filter cannot be looked at, or a directory cannot be listed. May throw to end the walk. */
  readonly onUnreadable: (path: BytePath, error: unknown) => void;
}

interface OpenDirectory {
  readonly path: BytePath;
  readonly names: readonly BytePath[];
  next: number;
  /** Its own entry, as long as no reader has seen it: it is due before the first entry in it that passes. */
  pending: Entry | undefined;
  readonly verdict: Verdict | undefined;
}

interface Verdict {
  readonly skip: boolean;
  /** Nothing below can pass. */
  readonly prune: boolean;
  readonly includes: readonly MatchedPatterns[];
  readonly excludes: readonly MatchedPatterns[];
}

/**
 * Lists what passes the filter below `root`: depth first, names in byte order, a directory before its entries. A
 * directory that does not pass itself comes too when something in it does. Follows no link. Entries that vanish
 * meanwhile are left out.
 * @param root absolute, resolved.
 */
export async function* walk(
  root: string,
  filter: WalkFilter,
  { signal, onUnreadable }: WalkOptions,
): AsyncGenerator<Entry, void, undefined> {
  const tree = new Tree(root, onUnreadable);
  const slice = new Slice();
  const open: OpenDirectory[] = [tree.open(fromText(""), undefined, undefined, undefined)];
  for (let directory = open.at(-1); directory !== undefined; directory = open.at(-1)) {
    if (slice.usedUp) {
      await slice.rest();
      throwIfCancelled(signal);
    }
    const name = directory.names[directory.next];
    directory.next += 1;
    if (name === undefined) {
      open.pop();
      continue;
    }
    const path = joinBytes(directory.path, name);
    const verdict = judge(toText(path), filter, directory.verdict);
    if (verdict.skip && verdict.prune) continue;
    const stats = tree.look(path, verdict);
    if (stats === undefined) continue;
    const entry = verdict.skip ? undefined : tree.entry(path, stats);
    if (entry !== undefined) {
      yield* takePending(open);
      yield entry;
    }
    if (!stats.isDirectory()) continue;
    open.push(tree.open(path, stats, entry === undefined ? tree.entry(path, stats) : undefined, verdict));
  }
}

function* takePending(open: readonly OpenDirectory[]): Generator<Entry, void, undefined> {
  for (const directory of open) {
    if (directory.pending === undefined) continue;
    const entry = directory.pending;
    directory.pending = undefined;
    yield entry;
  }
}

function judge(path: string, filter: WalkFilter, parent: Verdict | undefined): Verdict {
  let skip = false;
  let prune = false;
  const includes = filter.includes.map((matcher, index) => {
    const { matched, patterns } = matcher.match(path, parent?.includes[index]);
    if (!matched) {
      skip = true;
      prune ||= !matcher.couldMatchInside(path);
    }
    return patterns;
  });
  const excludes = filter.excludes.map((matcher, index) => {
    const { matched, patterns } = matcher.match(path, parent?.excludes[index]);
    if (matched) {
      skip = true;
      prune ||= !matcher.couldExceptInside(path);
    }
    return patterns;
  });
  return { skip, prune, includes, excludes };
}

const noLink = fromText("");

/** The file system below one root. */
class Tree {
  readonly #root: BytePath;
  readonly #onUnreadable: (path: BytePath, error: unknown) => void;
  /** First path sent of each file with several names. */
  readonly #linked = new Map<string, BytePath>();

  constructor(root: string, onUnreadable: (path: BytePath, error: unknown) => void) {
    this.#root = fromText(root);
    this.#onUnreadable = onUnreadable;
  }

  look(path: BytePath, { skip }: Verdict): BigIntStats | undefined {
    try {
      return lstatSync(this.#full(path), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      if (!skip) this.#onUnreadable(path, error);
      return undefined;
    }
  }

  open(
    path: BytePath,
    stats: BigIntStats | undefined,
    pending: Entry | undefined,
    verdict: Verdict | undefined,
  ): OpenDirectory {
    return { path, names: this.#names(path, stats, verdict), next: 0, pending, verdict };
  }

  entry(path: BytePath, stats: BigIntStats): Entry | undefined {
    // BigIntStats answers isFile() and the like with bigint arithmetic, which shows in large trees.
    const kernelMode = Number(stats.mode);
    const type = kernelMode & constants.S_IFMT;
    const entry = {
      path,
      mode: toGoMode(kernelMode),
      modTimeNs: stats.mtimeNs,
      size: 0,
      linkname: noLink,
      deviceMajor: 0,
      deviceMinor: 0,
      device: stats.dev,
      inode: stats.ino,
      contentBytes: 0,
    };
    if (type === constants.S_IFDIR) return entry;
    const size = Number(stats.size);
    if (type === constants.S_IFLNK) {
      const linkname = this.#target(path);
      return linkname === undefined ? undefined : { ...entry, mode: goMode.symlink + 0o777, size, linkname };
    }
    const first = this.#firstName(path, stats);
    if (first === undefined) entry.size = size;
    else entry.linkname = first;
    if (type === constants.S_IFREG) entry.contentBytes = size;
    if (type === constants.S_IFBLK || type === constants.S_IFCHR) {
      entry.deviceMajor = deviceMajor(stats.rdev);
      entry.deviceMinor = deviceMinor(stats.rdev);
    }
    return entry;
  }

  #names(path: BytePath, stats: BigIntStats | undefined, verdict: Verdict | undefined): readonly BytePath[] {
    try {
      const names = readdirSync(this.#full(path), { encoding: "buffer" }).map(fromBytes);
      // A directory swapped for a link in the meantime would have listed a foreign place.
      const now = lstatSync(this.#full(path), { bigint: true, throwIfNoEntry: false });
      if (stats !== undefined && (now?.ino !== stats.ino || now.dev !== stats.dev)) return [];
      return names.sort();
    } catch (error) {
      // Nothing of a directory that does not pass itself may be wanted; Moby ignores it, too.
      const ignored = isMissing(error) || (verdict?.skip === true && isForbidden(error));
      if (!ignored || stats === undefined) this.#onUnreadable(path, error);
      return [];
    }
  }

  #firstName(path: BytePath, stats: BigIntStats): BytePath | undefined {
    if (stats.nlink <= 1n) return undefined;
    const key = `${stats.dev}:${stats.ino}`;
    const first = this.#linked.get(key);
    if (first === undefined) this.#linked.set(key, path);
    return first;
  }

  #target(path: BytePath): BytePath | undefined {
    try {
      return fromBytes(readlinkSync(this.#full(path), { encoding: "buffer" }));
    } catch (error) {
      if (!isMissing(error)) this.#onUnreadable(path, error);
      return undefined;
    }
  }

  #full(path: BytePath): Buffer {
    return toBytes(path === "" ? this.#root : joinBytes(this.#root, path));
  }
}

// Linux's encoding of dev_t, which is what a Linux daemon expects.
function deviceMajor(device: bigint): number {
  return Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
}

function deviceMinor(device: bigint): number {
  return Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
}
