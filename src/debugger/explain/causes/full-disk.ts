/** "No space left on device": which file system, how large, how full. */
import { byteSize } from "../../../base/byte-size.ts";
import type { StepFacts } from "../facts.ts";
import type { Cause, CauseWords, Scene } from "./cause.ts";
import { execOf, ownPlace, seenAt } from "./cause.ts";
import { pathsIn } from "./log-paths.ts";
import { isWithin, mountAt, type PathSeen, type Place, type Seen } from "./seen.ts";

const FULL = /no space left on device|\bENOSPC\b/i;
/** No disk of a builder takes more: 2 GB in a second. */
const MOST_BYTES_A_MS = 2_000_000;
/** A disk with less than that is full: file systems hold something back, and files come in blocks. */
const FULL_SHARE = 0.01;

export const fullDisk: Cause = {
  asks: (scene) => {
    const { facts } = scene;
    if (!facts.hasBase) return [];
    return pathsOf(scene).map((path) => ({ place: diskPlace(facts), path }));
  },
  words: (scene) => {
    const seen = seenAt(scene.facts, diskPlace(scene.facts));
    const [path] = pathsOf(scene);
    if (path !== undefined && seen?.isFull === true) {
      return exact(`The engine's disk is full: it has no space to start a process. ${WHAT_USES}`);
    }
    const looked = path === undefined ? undefined : seen?.paths.get(path);
    if (seen === undefined || path === undefined || looked === undefined) return undefined;
    return mountWords(path, looked, scene) ?? diskWords(path, looked, { seen, scene });
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
function pathsOf({ facts, reason }: Scene): readonly string[] {
  if (reason.kind === "no-space") return ["/"];
  if (!facts.lastLines.some((line) => FULL.test(line))) return [];
  const [path = "/"] = pathsIn(facts.lastLines, FULL, { cwd: execOf(facts).cwd, most: 1 });
  return [path];
}

/** A file system that each step has anew: how full it was is not to be seen any more, only how large it is. */
function mountWords(path: string, { bytes }: PathSeen, { facts }: Scene): CauseWords | undefined {
  if (bytes === undefined) return undefined;
  const size = byteSize(bytes.total);
  const tmpfs = execOf(facts).mounts.find(({ kind, dest }) => kind === "tmpfs" && isWithin(path, dest));
  if (tmpfs !== undefined) {
    // A container of bktui need not have the size that the flag asks for.
    const holds = tmpfs.tmpfsSize > 0 ? byteSize(tmpfs.tmpfsSize) : size;
    const larger = "size=… in the flag makes it larger.";
    return exact(`${path} lies in the tmpfs mount at ${tmpfs.dest}, which holds ${holds}: ${larger}`);
  }
  if (!isWithin(path, "/dev/shm")) return undefined;
  return exact(`${path} lies in /dev/shm, which holds ${size}: --shm-size at the start makes it larger.`);
}

function diskWords(
  path: string,
  { bytes, inodes }: PathSeen,
  { seen, scene }: { readonly seen: Seen; readonly scene: Scene },
): CauseWords | undefined {
  if (bytes === undefined) return undefined;
  const at = mountAt(seen, path)?.at ?? "/";
  const which = at === "/" ? "The engine's disk" : `The file system at ${at}`;
  const size = byteSize(bytes.total);
  if (bytes.free <= bytes.total * FULL_SHARE) {
    return exact(`${which} is full: of ${size} ${byteSize(bytes.free)} are free. ${WHAT_USES}`);
  }
  if (inodes !== undefined && inodes.free <= inodes.total * FULL_SHARE) {
    return exact(
      `${which} has no room for more files: all but ${inodes.free} of its ${inodes.total} inodes are used. ${WHAT_USES}`,
    );
  }
  // What the step had written is gone with it where the engine keeps no FAILED; so much it must have written.
  const { tookMs = 0 } = scene.facts;
  if (ownPlace(scene.facts).side === "failed" || bytes.free > tookMs * MOST_BYTES_A_MS) {
    return { why: [], isExact: true };
  }
  return exact(
    `${which} holds ${size}, of which ${byteSize(bytes.free)} are free again: the engine has dropped what the step wrote. ${WHAT_USES}`,
  );
}

const WHAT_USES = "docker system df tells what uses it.";

function exact(sentence: string): CauseWords {
  return { why: [sentence], isExact: true };
}
