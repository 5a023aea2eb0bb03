/** Which path a line of a log complains of. */
import { posix } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** Quotes of GNU, busybox, Python and node. That of "can't" begins no name. */
const QUOTED = /(?<=^|[\s(=,:[])['"‘“`]([^'"‘’“”`]+)['"’”`]/g;
/** It was another machine that denied something. */
const REMOTE = /\((?:publickey|password|keyboard-interactive)|\S@\S+: /;
const LONGEST = 1000;

/**
 * The path that a complaint is about: in `cp: can't create '/b/x': Permission denied` the last one before the words, in
 * `PermissionError: [Errno 13] Permission denied: '/x'` the one behind them. Absolute; undefined when there is none.
 * @param words of the complaint, e.g. /permission denied/i
 */
export function pathIn(line: string, words: RegExp, cwd: string): string | undefined {
  if (line.length > LONGEST || REMOTE.test(line)) return undefined;
  // `EACCES: permission denied, mkdir '/x'`
  const at = [...line.matchAll(new RegExp(words, "gi"))].at(-1);
  if (at === undefined) return undefined;
  const behind = line.slice(at.index + at[0].length);
  const before = line.slice(0, at.index);
  const name =
    namesIn(behind, /^[\s:,(]*(?:[a-z]+ )?(?=['"‘“`/])/)[0] ??
    namesIn(before, undefined).at(-1) ??
    /([^\s:]+):\s*(?:\(\d+: )?$/.exec(before)?.[1];
  if (name === undefined || name === "-") return undefined;
  return posix.resolve(cwd, name);
}

/** Quoted names, or else words with a slash. @param lead must stand before the first of them. */
function namesIn(text: string, lead: RegExp | undefined): readonly string[] {
  if (lead !== undefined && !lead.test(text)) return [];
  const quoted = [...text.matchAll(QUOTED)].flatMap(([, name]) => name ?? []);
  if (quoted.length > 0) return quoted;
  return [...text.matchAll(/[^\s:'"(),]*\/[^\s:'"(),]*/g)].map(([name]) => name);
}

/** Of the newest lines that complain, each path once, newest first. */
export function pathsIn(
  lines: readonly string[],
  words: RegExp,
  { cwd, most }: { readonly cwd: string; readonly most: number },
): readonly string[] {
  const found = lines
    .toReversed()
    .flatMap((line) => pathIn(stripVTControlCharacters(line).trimEnd(), words, cwd) ?? []);
  return [...new Set(found)].slice(0, most);
}
