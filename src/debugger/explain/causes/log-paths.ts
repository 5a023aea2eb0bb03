/** Which path a line of a log complains of, and what was to be done with it. */
import { posix } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** "open" to read or to write, "shell" to read, to write or to run; undefined when nothing tells. */
export type Act = "make" | "remove" | "read" | "open" | "shell" | undefined;

export interface Complaint {
  /** Absolute, without "." and "..". */
  readonly path: string;
  /** As it stands in the line. */
  readonly name: string;
  readonly act: Act;
}

/** Quotes of GNU, busybox, Python and node. That of "can't" begins no name. */
const QUOTED = /(?<=^|[\s(=,:[])['"‘“`]([^'"‘’“”`]+)['"’”`]/g;
/** It was another machine that denied something, or a database, or it was about a port. */
const NO_FILE =
  /\((?:publickey|password|keyboard-interactive)|\S@\S+: |permission denied (?:for|to|on|while) |\b(?:bind|listen|connect|socket|ping|mount)\b/i;
/** `/bin/sh: 1: `, `bash: line 3: `, `cat: ` */
const SPEAKER = /^\S+: (?:line )?(?:\d+: )?(?=\s*\S)/;
const BEHIND_VERB =
  /\b(?:create|open|mkdir|touch|unlink|remove|rename|access|stat)(?: (?:a|the|new|regular|output|lock|temporary|directory|file|dir|link|symbolic))* ([^\s:'"‘“`(),]+)(?=:| - )/gi;
const AT_END = /(?:^|[\s(=])([^\s:'"(),]*\/[^\s:'"(),]*)[:\s]*(?:cannot \w+: *)?(?:\(\d+: )?$/i;
/** A name that stands alone between who speaks and the words. */
const ALONE = /^(?:[^\s:]+: )(?:line )?(?:\d+: )?([^\s:]+): *$/;
const NO_SPEAKER = /^(?:[ewi]|err\w*|\w*error|fatal|warn\w*|\S*exception|failed|info|debug)$/i;
const NO_NAME = /^(?:-|\d+|[A-Z]+|file|directory|line|link)$/;
const LONGEST = 1000;

const REMOVES = /\b(?:rm|mv|rmdir|unlink|remove|rename|delete|move)\b/i;
const MAKES = /\b(?:create|mkdir|mkfifo|mknod|mktemp|touch|symlink)\b|for writing|output file/i;
/** By programs that write nothing. */
const READS =
  /can't open|cannot open|cannot access|can't stat|cannot stat|can't cd|for reading|^(?:cat|ls|grep|head|tail|wc|cd|find|du|source): /i;
const OPENS = /\bopen(?:ing)?\b/i;
const SHELL = /^\S+: (?:line )?\d+: \S+: *$|^\S*\b(?:ba|da|a|z|k)?sh: /;

/**
 * What a complaint is about: in `cp: can't create '/b/x': Permission denied` the last path before the words, in
 * `PermissionError: [Errno 13] Permission denied: '/x'` the one behind them. Undefined when there is none, or no sure one.
 * @param words of the complaint, e.g. /permission denied/i
 */
export function complaintIn(line: string, words: RegExp, cwd: string): Complaint | undefined {
  if (line.length > LONGEST || NO_FILE.test(line)) return undefined;
  // `EACCES: permission denied, mkdir '/x'`
  const at = [...line.matchAll(new RegExp(words, "gi"))].at(-1);
  if (at === undefined) return undefined;
  const behind = line.slice(at.index + at[0].length);
  const before = line.slice(0, at.index);
  const name = nameBehind(behind) ?? nameBefore(before);
  if (name === undefined || NO_NAME.test(name) || name.startsWith("//")) return undefined;
  // What stands in the name itself tells nothing of what was done.
  const act = actIn(before.replaceAll(name, "_"), behind.replaceAll(name, "_"));
  return { path: posix.resolve(cwd, name), name, act };
}

export function pathIn(line: string, words: RegExp, cwd: string): string | undefined {
  return complaintIn(line, words, cwd)?.path;
}

function nameBehind(text: string): string | undefined {
  if (!/^[\s:,(]*(?:[a-z]+ )?(?=['"‘“`/])/.test(text)) return undefined;
  return quotedIn(text)[0] ?? /\/[^\s:'"(),]*/.exec(text)?.[0];
}

function nameBefore(before: string): string | undefined {
  // Who speaks may have a path as well.
  const said = before.replace(SPEAKER, "");
  const [, alone] = ALONE.exec(before) ?? [];
  return (
    quotedIn(said).at(-1) ??
    [...said.matchAll(BEHIND_VERB)].at(-1)?.[1] ??
    AT_END.exec(said)?.[1] ??
    (NO_SPEAKER.test(before.split(":")[0] ?? "") ? undefined : alone)
  );
}

function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(QUOTED)].flatMap(([, name]) => name ?? []);
}

function actIn(before: string, behind: string): Act {
  const text = `${before} ${behind}`;
  if (REMOVES.test(text)) return "remove";
  if (MAKES.test(text)) return "make";
  if (READS.test(before)) return "read";
  if (OPENS.test(text)) return "open";
  return SHELL.test(before) ? "shell" : undefined;
}

/** Of the newest lines that complain, each path once, newest first. */
export function pathsIn(
  lines: readonly string[],
  words: RegExp,
  { cwd, most }: { readonly cwd: string; readonly most: number },
): readonly string[] {
  const found = lines.toReversed().flatMap((line) => pathIn(plainLine(line), words, cwd) ?? []);
  return [...new Set(found)].slice(0, most);
}

/** Without colours and blanks at its end. */
export function plainLine(line: string): string {
  return stripVTControlCharacters(line).trimEnd();
}
