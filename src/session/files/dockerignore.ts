import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { cleanPath } from "./pattern.ts";
import { PatternMatcher } from "./pattern-matcher.ts";

/** The two directories of a build; both absolute. */
export interface BuildFiles {
  readonly context: string;
  /** Path of the Dockerfile itself. */
  readonly dockerfile: string;
}

/** Reads the text of an ignore file as Moby does: `#` is a comment only in column 0, `!` may be followed by blanks. */
export function parseIgnoreFile(text: string): readonly string[] {
  const patterns: string[] = [];
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    let pattern = line.trim();
    if (pattern === "") continue;
    const exclusion = pattern.startsWith("!");
    if (exclusion) pattern = pattern.slice(1).trim();
    if (pattern !== "") {
      pattern = cleanPath(pattern);
      if (pattern.length > 1 && pattern.startsWith("/")) pattern = pattern.slice(1);
    }
    patterns.push(exclusion ? `!${pattern}` : pattern);
  }
  return patterns;
}

/**
 * The ignore patterns of a build: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` of the context.
 * @throws {BktuiError} "bad-request" for a malformed pattern, "io" when the file exists and cannot be read.
 */
export async function readIgnore(files: BuildFiles): Promise<PatternMatcher> {
  const own = join(dirname(files.dockerfile), `${basename(files.dockerfile)}.dockerignore`);
  for (const path of [own, join(files.context, ".dockerignore")]) {
    const text = await readIfPresent(path);
    if (text !== undefined) return compile(path, text);
  }
  return new PatternMatcher([]);
}

function compile(path: string, text: string): PatternMatcher {
  try {
    return new PatternMatcher(parseIgnoreFile(text));
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
