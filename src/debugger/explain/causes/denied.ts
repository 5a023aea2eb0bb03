/** "Permission denied": who owns what, who may do what, and who asked. */
import { posix } from "node:path";
import type { Cause, CauseWords, Scene } from "./cause.ts";
import { execOf, ownPlace, placeWords, seenAt } from "./cause.ts";
import { pathsIn } from "./log-paths.ts";
import { type EntrySeen, isWithin, mountAt, type PathSeen, type Seen } from "./seen.ts";

const DENIED = /permission denied|\bEACCES\b/i;
const READ_ONLY = /read-only file system|\bEROFS\b/i;
/** In front of the path when it was only to be read. */
const READS =
  /can't open|cannot open|cannot access|can't stat|cannot stat|can't cd|\b(?:cat|ls|grep|head|tail|wc|cd): /i;
const MOST_PATHS = 3;
const EXECUTABLE = 0o111;

export const denied: Cause = {
  asks: ({ facts, reason }) => {
    if (!facts.hasBase) return [];
    const place = ownPlace(facts);
    return pathsOf({ facts, reason }).map((path) => ({ place, path }));
  },
  words: (scene) => {
    const { facts } = scene;
    const seen = seenAt(facts, ownPlace(facts));
    if (seen === undefined) return undefined;
    for (const path of pathsOf(scene)) {
      const looked = seen.paths.get(path);
      const words = looked === undefined ? undefined : judged(path, looked, { scene, seen });
      if (words !== undefined) return words;
    }
    return undefined;
  },
};

interface Judging {
  readonly scene: Scene;
  readonly seen: Seen;
}

function pathsOf({ facts, reason }: Scene): readonly string[] {
  const { cwd } = execOf(facts);
  const program = reason.kind === "not-executable" ? reason.program : undefined;
  const own = program?.includes("/") === true ? [posix.resolve(cwd, program)] : [];
  const said = [DENIED, READ_ONLY].flatMap((words) =>
    pathsIn(facts.lastLines, words, { cwd, most: MOST_PATHS }),
  );
  return [...new Set([...own, ...said])].slice(0, MOST_PATHS);
}

function judged(path: string, { entries }: PathSeen, judging: Judging): CauseWords | undefined {
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  const closed = entries.find(
    (entry) => entry.kind === "directory" && entry.path !== path && !entry.may.includes("x"),
  );
  if (closed !== undefined) return said(path, closed, "may not enter", judging);
  const isThere = last.path === path;
  if (judging.scene.reason.kind === "not-executable" && isThere) return run(last, judging);
  const readOnly = readOnlyWords(path, judging);
  if (readOnly !== undefined) return readOnly;
  // Of a missing path only its own directory counts.
  if (!isThere && last.path !== posix.dirname(path)) return undefined;
  const isRead = judging.scene.facts.lastLines.some((line) => DENIED.test(line) && READS.test(line));
  if (!isThere) return last.may.includes("w") ? undefined : said(path, last, "may not write in", judging);
  if (!last.may.includes("r")) return said(path, last, "may not read", judging);
  return isRead || last.may.includes("w") ? undefined : said(path, last, "may not write to", judging);
}

function said(path: string, entry: EntrySeen, what: string, { scene, seen }: Judging): CauseWords {
  const place = ownPlace(scene.facts);
  const isOnTheWay = entry.path !== path && entry.path !== posix.dirname(path);
  const where = isOnTheWay ? `${entry.path} (on the way to ${path})` : entry.path;
  return {
    why: [
      `The step's user (${userWords(scene, seen)}) ${what} ${where}: owner ${entry.uid}:${entry.gid}, mode ${modeWords(entry)}${placeWords(place)}.`,
      ...mountAdvice(entry.path, scene, seen),
    ],
    isExact: true,
  };
}

/** A program that was found and not run. */
function run(entry: EntrySeen, { scene, seen }: Judging): CauseWords | undefined {
  const { facts } = scene;
  if (entry.kind === "directory") return { why: [`${entry.path} is a directory.`], isExact: true };
  const mount = mountAt(seen, entry.path);
  if (mount?.options.includes("noexec") === true && (entry.mode & EXECUTABLE) !== 0) {
    return {
      why: [
        `${entry.path} lies in the ${mount.type} mount at ${mount.at}, where nothing may be run (noexec).`,
      ],
      isExact: true,
    };
  }
  if (entry.may.includes("x")) return undefined;
  const owner = `owner ${entry.uid}:${entry.gid}, mode ${modeWords(entry)}`;
  const nobody = (entry.mode & EXECUTABLE) === 0;
  const who = nobody ? "nobody may run it" : `the step's user (${userWords(scene, seen)}) may not run it`;
  return { why: [`${entry.path}: ${owner}, so ${who}${placeWords(ownPlace(facts))}.`] };
}

function readOnlyWords(path: string, { scene, seen }: Judging): CauseWords | undefined {
  if (!scene.facts.lastLines.some((line) => READ_ONLY.test(line))) return undefined;
  const mount = mountAt(seen, path);
  if (mount?.options.includes("ro") !== true) return undefined;
  const own = execOf(scene.facts).mounts.find(({ dest }) => dest === mount.at);
  const advice =
    own?.kind === "bind" ? " With rw it can be written; what is written there does not stay." : "";
  return {
    why: [
      `${path} lies in the ${own?.kind ?? mount.type} mount at ${mount.at}, which is read-only.${advice}`,
    ],
    isExact: true,
  };
}

/** Mounts have an owner of their own: root, unless the flag says another. */
function mountAdvice(path: string, { facts }: Scene, { uid }: Seen): readonly string[] {
  const mount = execOf(facts).mounts.find(({ dest }) => dest !== "/" && isWithin(path, dest));
  if (mount === undefined || mount.kind === "bind" || mount.kind === "tmpfs") return [];
  return [`It is a ${mount.kind} mount: --mount=type=${mount.kind},…,uid=${uid} gives it to that user.`];
}

function userWords({ facts: { program, failure, step } }: Scene, { uid, gid }: Seen): string {
  const user = program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec?.meta.user ?? "";
  const name = user.split(":")[0] ?? "";
  return /^\d*$/.test(name) ? `${uid}:${gid}` : `${name}, ${uid}:${gid}`;
}

function modeWords({ mode }: EntrySeen): string {
  return mode.toString(8).padStart(4, "0");
}
