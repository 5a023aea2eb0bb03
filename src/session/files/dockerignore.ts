/** Finds, reads and compiles the ignore file of a build. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { cleanPath } from "./pattern.ts";
import { PatternMatcher } from "./pattern-matcher.ts";

/** The files of a build on this machine, absolute; undefined for what only the engine has. */
export interface BuildFiles {
  /** A directory. */
  readonly context: string | undefined;
  /** Path of the Dockerfile itself. */
  readonly dockerfile: string | undefined;
}

/** One pattern of an ignore file, and where it stands (from 1). */
export interface IgnoreLine {
  readonly line: number;
  readonly pattern: string;
}

/** An ignore file that was read. */
export interface IgnoreFile {
  /** Absolute. */
  readonly path: string;
  readonly lines: readonly IgnoreLine[];
}

/** Reads the text of an ignore file as Moby does: `#` is a comment only in column 0, `!` may be followed by blanks. */
export function parseIgnoreFile(text: string): readonly string[] {
  return parseIgnoreLines(text).map(({ pattern }) => pattern);
}

export function parseIgnoreLines(text: string): readonly IgnoreLine[] {
  const found: IgnoreLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.startsWith("#")) continue;
    let pattern = line.trim();
    if (pattern === "") continue;
    const exclusion = pattern.startsWith("!");
    if (exclusion) pattern = pattern.slice(1).trim();
    if (pattern !== "") {
      pattern = cleanPath(pattern);
      if (pattern.length > 1 && pattern.startsWith("/")) pattern = pattern.slice(1);
    }
    found.push({ line: index + 1, pattern: exclusion ? `!${pattern}` : pattern });
  }
  return found;
}

/**
 * The ignore patterns of a build: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` of the context.
 * @throws {BktuiError} "bad-request" for a malformed pattern, "io" when the file exists and cannot be read.
 */
export async function readIgnore(files: BuildFiles): Promise<PatternMatcher> {
  const found = await readIgnoreFile(files);
  return found === undefined ? new PatternMatcher([]) : compileIgnore(found);
}

/** The file itself; undefined when the build has none. @throws {BktuiError} "io". */
export async function readIgnoreFile(files: BuildFiles): Promise<IgnoreFile | undefined> {
  const { context, dockerfile } = files;
  const own = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  const usual = context === undefined ? [] : [join(context, ".dockerignore")];
  for (const path of [...own, ...usual]) {
    const text = await readIfPresent(path);
    if (text !== undefined) return { path, lines: parseIgnoreLines(text) };
  }
  return undefined;
}

/** @throws {BktuiError} "bad-request" naming the file and the malformed pattern. */
export function compileIgnore({ path, lines }: IgnoreFile): PatternMatcher {
  try {
    return new PatternMatcher(lines.map(({ pattern }) => pattern));
  } catch (error) {
    throw inFile(path, error);
  }
}

function inFile(path: string, cause: unknown): BktuiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BktuiError("bad-request", `${path}: ${why}`, { cause });
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): BktuiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BktuiError("io", `cannot read ${path}: ${why}`, { cause });
}
