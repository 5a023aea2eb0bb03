/** "No space left on device": which file system, how large, how full. */
import { byteSize } from "../../../base/words.ts";
import type { Mount } from "../../../graph/graph.ts";
import { isWithin, mountAt, type PathSeen, type Place, type Seen } from "../../questions/seen.ts";
import type { StepFacts } from "../facts.ts";
import type { Cause, CauseWords, FailedStep } from "./cause.ts";
import { execOf, ownPlace, seenAt } from "./cause.ts";
import { pathsIn } from "./log-paths.ts";

const FULL = /no space left on device|\bENOSPC\b/i;
/** The kernel says the same of its limits: how many files may be watched. */
const LIMIT = /system limit|\bwatch|inotify/i;
/** No disk of a builder takes more: 2 GB in a second. */
const MOST_BYTES_A_MS = 2_000_000;
/** Nor memory. */
const MOST_MEMORY_A_MS = 20_000_000;
/** A disk with less than that is full: file systems hold something back, and files come in blocks. */
const FULL_SHARE = 0.01;
/** A hundredth of a large one is still much. */
const FULL_BYTES = 100_000_000;
const FULL_INODES = 1000;

export const fullDisk: Cause = {
  asks: (failed) => {
    const { facts } = failed;
    if (!facts.hasBase) return [];
    return pathsOf(failed).map((path) => ({ place: diskPlace(facts), path }));
  },
  words: (failed) => {
    const seen = seenAt(failed.facts, diskPlace(failed.facts));
    const [path] = pathsOf(failed);
    if (path !== undefined && seen?.isFull === true) {
      return exact(failed, `The engine's disk is full: it has no space to start a process. ${WHAT_USES}`);
    }
    const looked = path === undefined ? undefined : seen?.paths.get(path);
    if (seen === undefined || path === undefined || looked === undefined) return undefined;
    return isInMemory(path, failed)
      ? mountWords(path, looked, failed)
      : diskWords(path, looked, { seen, failed });
  },
};

/**
 * The disk is the same for all states. A container that dockerd 28.5 could not start for lack of space keeps its state on
 * the disk: that of FAILED is what had filled it.
 */
function diskPlace(facts: StepFacts): Place {
  return { ...ownPlace(facts), side: "base" };
}

/** The path that was written to; the root where nothing tells. */
function pathsOf({ facts, reason }: FailedStep): readonly string[] {
  if (reason.kind === "no-space") return ["/"];
  const lines = facts.lastLines.filter((line) => FULL.test(line) && !LIMIT.test(line));
  if (lines.length === 0) return [];
  const [path = "/"] = pathsIn(lines, FULL, { cwd: execOf(facts).cwd, most: 1 });
  return [path];
}

/**
 * A file system that each step has anew: how full it was is not to be seen any more, only how large it is. Said where the
 * step had the time to fill it.
 */
function mountWords(path: string, { bytes }: PathSeen, failed: FailedStep): CauseWords | undefined {
  if (bytes === undefined) return undefined;
  const { facts } = failed;
  const couldWrite = facts.tookMs === undefined ? 0 : facts.tookMs * MOST_MEMORY_A_MS;
  const tmpfs = tmpfsOf(path, failed);
  if (tmpfs !== undefined) {
    // A container of bktui need not have the size that the flag asks for.
    const holds = tmpfs.tmpfsSize > 0 ? tmpfs.tmpfsSize : bytes.total;
    if (holds > couldWrite) return notTheDisk(failed);
    const larger = "size=… in the flag makes it larger.";
    return exact(
      failed,
      `${path} lies in the tmpfs mount at ${tmpfs.dest}, which holds ${byteSize(holds)}: ${larger}`,
    );
  }
  if (bytes.total > couldWrite) return notTheDisk(failed);
  const size = byteSize(bytes.total);
  return exact(
    failed,
    `${path} lies in /dev/shm, which holds ${size}: --shm-size at the start makes it larger.`,
  );
}

function tmpfsOf(path: string, { facts }: FailedStep): Mount | undefined {
  return execOf(facts).mounts.find(({ kind, dest }) => kind === "tmpfs" && isWithin(path, dest));
}

function isInMemory(path: string, failed: FailedStep): boolean {
  return tmpfsOf(path, failed) !== undefined || isWithin(path, "/dev/shm");
}

function diskWords(
  path: string,
  { bytes, inodes }: PathSeen,
  { seen, failed }: { readonly seen: Seen; readonly failed: FailedStep },
): CauseWords | undefined {
  if (bytes === undefined) return undefined;
  const at = mountAt(seen, path)?.at ?? "/";
  const which = at === "/" ? "The engine's disk" : `The file system at ${at}`;
  const size = byteSize(bytes.total);
  if (bytes.free <= Math.min(bytes.total * FULL_SHARE, FULL_BYTES)) {
    return exact(failed, `${which} is full: of ${size} ${byteSize(bytes.free)} are free. ${WHAT_USES}`);
  }
  if (inodes !== undefined && inodes.free <= Math.min(inodes.total * FULL_SHARE, FULL_INODES)) {
    return exact(
      failed,
      `${which} has no room for more files: all but ${inodes.free} of its ${inodes.total} inodes are used. ${WHAT_USES}`,
    );
  }
  // What the step had written is gone with it where the engine keeps no FAILED; so much it must have written.
  const { tookMs = 0 } = failed.facts;
  const isNot = ownPlace(failed.facts).side === "failed" || bytes.free > tookMs * MOST_BYTES_A_MS;
  return isNot ? notTheDisk(failed) : undefined;
}

/** What the same line lets guess is not so then. What the engine itself says of its disk stays. */
function notTheDisk({ reason }: FailedStep): CauseWords | undefined {
  return reason.kind === "exit" ? { why: [], isExact: true } : undefined;
}

const WHAT_USES = "docker system df tells what uses it.";

/** In place of what is guessed of a disk; beside what is known of another reason. */
function exact({ reason }: FailedStep, sentence: string): CauseWords {
  const isOwn = reason.kind === "exit" || reason.kind === "no-space";
  return { why: [sentence], ...(isOwn ? { isExact: true } : {}) };
}
