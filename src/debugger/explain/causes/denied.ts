/** "Permission denied": who owns what, who may do what, and who asked. */
import { posix } from "node:path";
import { type EntrySeen, isWithin, mountAt, type PathSeen, type Seen } from "../../questions/seen.ts";
import type { Cause, CauseWords, FailedStep } from "./cause.ts";
import { execOf, ownPlace, placeWords, seenAt } from "./cause.ts";
import { type Complaint, complaintIn, plainLine } from "./log-paths.ts";

const DENIED = /permission denied|\bEACCES\b/i;
/** What a program fails of later is the failure then, and not what was denied before. */
const OTHERWISE =
  /not found|no such file|no space left|killed|segmentation fault|out of memory|syntax error|cannot find|could not resolve|timed out|connection refused|panic:|traceback/i;
/** A command that goes on, or ends with a code of its own choice, whatever was denied. */
const GOES_ON = /\|\|\s*(?:true\b|:)/;
const CHANGES_DIRECTORY = /\b(?:cd|pushd|chdir)\b|(?:^|\s)-C\b/;
const READ_ONLY = /read-only file system|\bEROFS\b/i;
const MOST_COLUMNS = 100;
const EXECUTABLE = 0o111;

export const denied: Cause = {
  asks: (failed) => {
    const { facts } = failed;
    if (!facts.hasBase) return [];
    const place = ownPlace(facts);
    return [...ownProgram(failed), ...complaintOf(failed)].map(({ path }) => ({ place, path }));
  },
  words: (failed) => {
    const { facts } = failed;
    const seen = seenAt(facts, ownPlace(facts));
    if (seen === undefined) return undefined;
    for (const complaint of [...ownProgram(failed), ...complaintOf(failed)]) {
      const looked = seen.paths.get(complaint.path);
      const words = looked === undefined ? undefined : judged(complaint, looked, { failed, seen });
      if (words !== undefined) return words;
    }
    return undefined;
  },
};

interface Judging {
  readonly failed: FailedStep;
  readonly seen: Seen;
}

/** What a log complains of, with the line. */
interface Denied extends Omit<Complaint, "act"> {
  readonly act: Complaint["act"] | "run";
  /** Undefined when it is the output's last. */
  readonly line: string | undefined;
  /** It is not about permissions. */
  readonly isReadOnly: boolean;
}

function ownProgram({ facts, reason }: FailedStep): readonly Denied[] {
  if (reason.kind !== "not-executable" || reason.program?.includes("/") !== true) return [];
  const { program: name } = reason;
  return [
    { path: posix.resolve(execOf(facts).cwd, name), name, act: "run", line: undefined, isReadOnly: false },
  ];
}

/**
 * The last that was denied, where that can be what the command ended for: not of one that was killed, that goes on, or
 * that complains of something else behind it. One at most.
 */
function complaintOf({ facts, reason }: FailedStep): readonly Denied[] {
  if (reason.kind !== "exit") return [];
  const { cwd, command } = execOf(facts);
  const lines = facts.lastLines.map(plainLine);
  // Node tells the bare code in lines of their own as well.
  const at = lines.findLastIndex((each) => /permission denied/i.test(each) || READ_ONLY.test(each));
  const index = at === -1 ? lines.findLastIndex((each) => DENIED.test(each)) : at;
  const line = lines[index];
  if (line === undefined || lines.slice(index + 1).some((each) => OTHERWISE.test(each))) return [];
  if (GOES_ON.test(command) || new RegExp(`[;\\n]\\s*exit ${reason.code}\\b`).test(command)) return [];
  const isReadOnly = !DENIED.test(line);
  const found = complaintIn(line, isReadOnly ? READ_ONLY : DENIED, cwd);
  if (found === undefined) return [];
  if (!found.name.startsWith("/") && CHANGES_DIRECTORY.test(command)) return [];
  return [{ ...found, line: index === lines.length - 1 ? undefined : line, isReadOnly }];
}

function judged(denied: Denied, { entries }: PathSeen, judging: Judging): CauseWords | undefined {
  const { path, act } = denied;
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  if (denied.isReadOnly) return readOnlyWords(path, judging);
  const closed = entries.find(
    (entry) => entry.kind === "directory" && entry.path !== path && !entry.may.includes("x"),
  );
  if (closed !== undefined) {
    // A relative name may have been searched for elsewhere.
    return isAbsolute(denied) || isNamed(denied, judging)
      ? said(denied, closed, "may not enter", judging)
      : undefined;
  }
  // Where a link leads to that cannot be followed is not known.
  if (last.kind !== "directory" && last.kind !== "file") return undefined;
  const isThere = last.path === path;
  if (act === "run") return isThere ? run(last, judging) : undefined;
  if (act === "remove") return inParent(denied, entries, judging);
  if (isThere) {
    const what = deniedOf(denied, last, entries);
    return what === undefined ? undefined : said(denied, last, what, judging);
  }
  return act === "make" || act === "shell" ? inParent(denied, entries, judging) : undefined;
}

/** Of what is made or removed its own directory counts. */
function inParent(denied: Denied, entries: PathSeen["entries"], judging: Judging): CauseWords | undefined {
  const parent = entries.find(
    (entry) => entry.path === posix.dirname(denied.path) && entry.path !== denied.path,
  );
  if (parent?.kind !== "directory" || parent.may.includes("w")) return undefined;
  const isThere = entries.at(-1)?.path === denied.path;
  if (!isThere && !isAbsolute(denied) && !isNamed(denied, judging)) return undefined;
  return said(denied, parent, "may not write in", judging);
}

/** What the user may not do with what is there; undefined when it is not sure that it was this. */
function deniedOf(
  { act }: Denied,
  { may, kind }: EntrySeen,
  entries: PathSeen["entries"],
): string | undefined {
  const [reads, writes] = [may.includes("r"), may.includes("w")];
  if (act === "make") return writes ? undefined : "may not write to";
  if (act === "read") return reads ? undefined : "may not read";
  if (!reads) return writes ? "may not read" : "may neither read nor write to";
  if (writes) return undefined;
  if (act === "open") return "may not write to";
  // To remove it or to run it may be what was denied.
  const isSure = kind === "file" && may.includes("x") && entries.at(-2)?.may.includes("w") === true;
  return isSure ? "may not write to" : undefined;
}

function isAbsolute({ name }: Denied): boolean {
  return name.startsWith("/");
}

/** What a script makes somewhere else is not missing here. */
function isNamed({ name }: Denied, { failed }: Judging): boolean {
  return execOf(failed.facts)
    .command.split(/[\s'"<>;&|()]+/)
    .includes(name);
}

function said(
  { path, act, line }: Denied,
  entry: EntrySeen,
  what: string,
  { failed, seen }: Judging,
): CauseWords {
  const place = ownPlace(failed.facts);
  const isOnTheWay = entry.path !== path && entry.path !== posix.dirname(path);
  const where = isOnTheWay ? `${entry.path} (on the way to ${path})` : entry.path;
  // Much may have been done since a line that is not the last.
  const subject = line === undefined ? "The" : `Its output says "${line.slice(0, MOST_COLUMNS)}": the`;
  return {
    why: [
      `${subject} step's user (${userWords(failed, seen)}) ${what} ${where}: owner ${entry.uid}:${entry.gid}, mode ${modeWords(entry)}${placeWords(place)}.`,
      ...mountAdvice(entry.path, failed, seen),
    ],
    ...(act === "run" ? { isExact: true } : {}),
  };
}

/** A program that was found and not run. */
function run(entry: EntrySeen, { failed, seen }: Judging): CauseWords | undefined {
  const { facts } = failed;
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
  const who = nobody ? "nobody may run it" : `the step's user (${userWords(failed, seen)}) may not run it`;
  return { why: [`${entry.path}: ${owner}, so ${who}${placeWords(ownPlace(facts))}.`] };
}

function readOnlyWords(path: string, { failed, seen }: Judging): CauseWords | undefined {
  const mount = mountAt(seen, path);
  if (mount?.options.includes("ro") !== true) return undefined;
  const own = execOf(failed.facts).mounts.find(({ dest }) => dest === mount.at);
  const advice =
    own?.kind === "bind" ? " With rw it can be written; what is written there does not stay." : "";
  return {
    why: [
      `${path} lies in the ${own?.kind ?? mount.type} mount at ${mount.at}, which is read-only.${advice}`,
    ],
  };
}

/** Mounts have an owner of their own: root, unless the flag says another. */
function mountAdvice(path: string, { facts }: FailedStep, { uid }: Seen): readonly string[] {
  const mount = execOf(facts).mounts.find(({ dest }) => dest !== "/" && isWithin(path, dest));
  if (mount === undefined || mount.kind === "bind" || mount.kind === "tmpfs") return [];
  return [`It is a ${mount.kind} mount: --mount=type=${mount.kind},…,uid=${uid} gives it to that user.`];
}

function userWords({ facts: { program, failure, step } }: FailedStep, { uid, gid }: Seen): string {
  const user = program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec?.meta.user ?? "";
  const name = user.split(":")[0] ?? "";
  return /^\d*$/.test(name) ? `${uid}:${gid}` : `${name}, ${uid}:${gid}`;
}

function modeWords({ mode }: EntrySeen): string {
  return mode.toString(8).padStart(4, "0");
}
