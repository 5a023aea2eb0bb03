/** Why a build does not find a path in its context: what lies there, what hides it, what looks like it. */
import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, join, posix, relative, sep } from "node:path";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { lineOf } from "../../graph/graph.ts";
import { toText } from "../../session/files/byte-path.ts";
import {
  type BuildFiles,
  compileIgnore,
  type IgnoreFile,
  readIgnoreFile,
} from "../../session/files/dockerignore.ts";
import { PatternMatcher } from "../../session/files/pattern-matcher.ts";
import { walk } from "../../session/files/walk.ts";
import type { ContextLookup } from "../engine.ts";

/** Enough for every project without its dependencies; a larger one gets what was seen until then. */
const MOST_ENTRIES = 50_000;
const MOST_NEAR = 3;

/** @throws {BktuiError} "io" when the context cannot be opened, "bad-request" for a malformed ignore file. */
export async function lookInContext(
  files: BuildFiles,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ContextLookup> {
  // The engine named it: it must not lead out of the context.
  const wanted = posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
  const [root, ignore] = await Promise.all([resolveContext(files.context), readIgnoreFile(files)]);
  const matcher = ignore === undefined ? new PatternMatcher([]) : compileIgnore(ignore);
  throwIfCancelled(signal);
  const exists = await isThere(join(root, wanted));
  if (exists && matcher.matches(wanted)) {
    return { exists, hiddenBy: hidingLine(wanted, matcher, ignore, files), near: [] };
  }
  return { exists, hiddenBy: undefined, near: await lookalikes(root, wanted, matcher, { signal }) };
}

/** The last pattern that took the path away. */
function hidingLine(
  path: string,
  matcher: PatternMatcher,
  ignore: IgnoreFile | undefined,
  { context }: BuildFiles,
): ContextLookup["hiddenBy"] {
  const { patterns } = matcher.match(path, undefined);
  const index = patterns.findLastIndex((hit, at) => hit && matcher.patterns[at]?.exclusion === false);
  const line = ignore?.lines[index];
  if (ignore === undefined || line === undefined) return undefined;
  const inside = relative(context, ignore.path);
  const file = inside.startsWith(`..${sep}`) ? ignore.path : inside;
  return { file, line: lineOf(line.line), pattern: line.pattern };
}

/** Names beside it that look like it, then the same name elsewhere. */
async function lookalikes(
  root: string,
  wanted: string,
  matcher: PatternMatcher,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const name = basename(wanted);
  const elsewhere: string[] = [];
  let seen = 0;
  const entries = walk(
    root,
    { includes: [], excludes: [matcher] },
    { signal, onUnreadable: () => undefined },
  );
  for await (const entry of entries) {
    if (++seen > MOST_ENTRIES || elsewhere.length >= MOST_NEAR) break;
    const path = toText(entry.path);
    if (path !== wanted && (path === name || path.endsWith(`/${name}`))) elsewhere.push(path);
  }
  const beside = await misspelt(root, wanted, matcher);
  return [...new Set([...beside, ...elsewhere])].slice(0, MOST_NEAR);
}

/** The first part of the path that is not there, replaced by each name that looks like it. */
async function misspelt(root: string, wanted: string, matcher: PatternMatcher): Promise<readonly string[]> {
  const parts = wanted.split("/");
  for (const [index, part] of parts.entries()) {
    const directory = parts.slice(0, index).join("/");
    const names = await namesIn(join(root, directory));
    if (names.includes(part)) continue;
    const found = nearest(part, names, MOST_NEAR).map((name) => [directory, name].filter(Boolean).join("/"));
    const whole = found.map((path) => [path, ...parts.slice(index + 1)].join("/"));
    const present = await Promise.all(whole.map((path) => isThere(join(root, path))));
    // The rest of the path may be wrong too: then the part that is right is worth more than nothing.
    return found
      .map((path, at) => (present[at] === true ? (whole[at] ?? path) : path))
      .filter((path) => !matcher.matches(path));
  }
  return [];
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** A directory that cannot be listed has no names to offer; the build reports it itself. */
async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => []);
}

async function resolveContext(context: string): Promise<string> {
  try {
    return await realpath(context);
  } catch (cause) {
    throw new BktuiError("io", `cannot open the context ${context}`, { cause });
  }
}
