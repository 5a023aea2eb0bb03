/** Lists of ignore and include patterns, asked about one path at a time. */
import { cleanPath, compilePattern, hasWildcard, type Pattern } from "./pattern.ts";

/** Which patterns matched a directory; handed down so that its entries inherit them. One flag per pattern. */
export type MatchedPatterns = readonly boolean[];

/**
 * A list of patterns with Moby's meaning: the last match decides, a match of a directory covers what is in it, and a
 * later `!` pattern may take parts back. Case sensitive, paths with slashes, relative.
 */
export class PatternMatcher {
  readonly patterns: readonly Pattern[];
  readonly #excepts: boolean;
  readonly #literalStarts: readonly { readonly exclusion: boolean; readonly parts: readonly string[] }[];

  /**
   * @param patterns as the daemon or `parseIgnoreFile` gives them; blank ones are skipped.
   * @throws {BktuiError} "bad-request" naming the malformed pattern.
   */
  constructor(patterns: readonly string[]) {
    this.patterns = patterns
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== "")
      .map((pattern) => compilePattern(cleanPath(pattern)));
    this.#excepts = this.patterns.some((pattern) => pattern.exclusion);
    this.#literalStarts = this.patterns.map(({ text, exclusion }) => ({
      exclusion,
      parts: literalStart(text),
    }));
  }

  /** The same list, but never matching these paths. */
  except(paths: readonly string[]): PatternMatcher {
    if (this.patterns.length === 0) return this;
    const own = this.patterns.map(({ text, exclusion }) => (exclusion ? `!${text}` : text));
    return new PatternMatcher([...own, ...paths.map((path) => `!${literalPattern(path)}`)]);
  }

  /** Whether a path matches, judged alone: its parents are tried too. */
  matches(path: string): boolean {
    return this.match(path, undefined).matched;
  }

  /**
   * Whether a path matches, given what its directory matched.
   * @param parent what `match` said about the directory; undefined for an entry of the root or a path judged alone.
   */
  match(
    path: string,
    parent: MatchedPatterns | undefined,
  ): { readonly matched: boolean; readonly patterns: MatchedPatterns } {
    let matched = false;
    const flags = this.patterns.map((pattern, index) => {
      let hit = parent?.[index] ?? false;
      if (!hit) {
        // It could change nothing: a "!" before any match, or a second match. Moby does not note it either.
        if (pattern.exclusion !== matched) return false;
        hit = pattern.matches(path) || (parent === undefined && matchesParentOf(path, pattern));
      }
      if (hit) matched = !pattern.exclusion;
      return hit;
    });
    return { matched, patterns: flags };
  }

  /** False when no entry of this directory, however deep, can match, so that it need not be read. */
  couldMatchInside(directory: string): boolean {
    return this.#reaches(directory, false);
  }

  /** False when no `!` pattern can take back anything in this directory. */
  couldExceptInside(directory: string): boolean {
    return this.#excepts && this.#reaches(directory, true);
  }

  #reaches(directory: string, exclusion: boolean): boolean {
    const parts = directory.split("/");
    return this.#literalStarts.some((start) => {
      if (start.exclusion !== exclusion) return false;
      const common = Math.min(start.parts.length, parts.length);
      return start.parts.slice(0, common).every((part, index) => part === parts[index]);
    });
  }
}

/** A pattern that matches just this path. */
export function literalPattern(path: string): string {
  // Blanks at the ends would be trimmed, and "!" in front be taken for an exclusion.
  return path.replace(/[*?[\]^\\]|^[!\s]|\s$/g, "\\$&");
}

function matchesParentOf(path: string, pattern: Pattern): boolean {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    if (pattern.matches(path.slice(0, slash))) return true;
  }
  return false;
}

/** The leading path components without wildcards. */
function literalStart(pattern: string): readonly string[] {
  const parts = pattern.split("/");
  const wild = parts.findIndex(hasWildcard);
  return wild < 0 ? parts : parts.slice(0, wild);
}
