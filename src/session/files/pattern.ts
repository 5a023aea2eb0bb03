/** Compiles one ignore or include pattern. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";

/** One line of a .dockerignore, or one include/exclude pattern of the daemon, ready to be asked. */
export interface Pattern {
  /** Cleaned, without the "!". */
  readonly text: string;
  /** "!": what matches is taken back. */
  readonly exclusion: boolean;
  matches(path: string): boolean;
}

/**
 * Compiles a pattern with the meaning Moby gives it (patternmatcher, as in BuildKit 0.8 to 0.32), which is neither
 * gitignore nor a shell glob: patterns are anchored at the root, `**` as the first part compares the end of the path.
 * @param text cleaned and not empty.
 * @throws {BktuiError} "bad-request" for "!" alone and for a malformed `[...]` or trailing backslash.
 */
export function compilePattern(text: string): Pattern {
  if (text === "!") throw new BktuiError("bad-request", 'illegal exclusion pattern: "!"');
  const exclusion = text.startsWith("!");
  const positive = exclusion ? text.slice(1) : text;
  requireWellFormed(positive);
  return { text: positive, exclusion, matches: compileMatch(positive) };
}

/** Go's `filepath.Clean` for slash paths: "." for nothing, no trailing slash. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/**
 * True when the text has a character that Go's filepath.Match takes for syntax (`^` only matters inside brackets,
 * but counting it is harmless).
 */
export function hasWildcard(text: string): boolean {
  return /[*?[\]^\\]/.test(text);
}

type MatchKind = "exact" | "prefix" | "suffix" | "regexp";

function compileMatch(text: string): (path: string) => boolean {
  const { kind, regexp } = translate(text);
  switch (kind) {
    case "exact":
      return (path) => path === text;
    case "prefix": {
      const prefix = text.slice(0, -"**".length);
      return (path) => path.startsWith(prefix);
    }
    case "suffix": {
      const suffix = text.slice("**".length);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : undefined;
      return (path) => path.endsWith(suffix) || path === whole;
    }
    case "regexp":
      return (path) => regexp.test(path);
  }
}

/** Decides character by character, like Moby, what kind of comparison a pattern needs; later characters overrule earlier ones. */
function translate(text: string): { readonly kind: MatchKind; readonly regexp: RegExp } {
  const source = new RegExpSource();
  const chars = [...text];
  let kind: MatchKind = "exact";
  let at = 0;
  for (let step = 0; at < chars.length; step += 1) {
    const char = chars[at] ?? "";
    at += 1;
    if (char === "*" && chars[at] === "*") {
      at += 1;
      // "**/" is taken as "**": it may stand for no directory at all.
      if (chars[at] === "/") at += 1;
      if (at < chars.length) {
        source.syntax("(?:[^\\n]*/)?");
        kind = "regexp";
      } else if (kind === "exact") {
        kind = "prefix";
      } else {
        source.syntax("[^\\n]*");
        kind = "regexp";
      }
      if (step === 0) kind = "suffix";
    } else if (char === "*" || char === "?") {
      source.wildcard(char);
      kind = "regexp";
    } else if (char === "\\") {
      source.literal(chars[at] ?? "\\");
      at += 1;
      kind = "regexp";
    } else if (char === "[" || char === "]") {
      source.bracket(char);
      kind = "regexp";
    } else {
      source.literal(char);
    }
  }
  return { kind, regexp: kind === "regexp" ? source.compile(text) : /(?:)/ };
}

/** Builds a JavaScript expression that means what the Go expression of the same pattern means. */
class RegExpSource {
  #source = "";
  #inClass = false;

  syntax(text: string): void {
    this.#source += text;
    // An expression inserted within brackets closes them, as its own "]" does in Go.
    if (this.#inClass) this.#inClass = false;
  }

  wildcard(char: "*" | "?"): void {
    this.syntax(char === "*" ? "[^/]*" : "[^/]");
  }

  bracket(char: "[" | "]"): void {
    if (char === "[" && !this.#inClass) {
      this.#inClass = true;
      this.#source += "[";
    } else if (char === "]" && this.#inClass) {
      this.#inClass = false;
      this.#source += "]";
    } else {
      this.#source += `\\${char}`;
    }
  }

  literal(char: string): void {
    // "^" and "-" keep their meaning within brackets.
    const escaped = this.#inClass ? /[\\/.+()|{}$*?[\]]/ : /[\\^/.+()|{}$*?[\]]/;
    this.#source += escaped.test(char) ? `\\${char}` : char;
  }

  compile(pattern: string): RegExp {
    try {
      // "u" makes "?" one character, not one UTF-16 unit; without "m" and "s" the anchors are the whole path's.
      return new RegExp(`^${this.#source}$`, "u");
    } catch (error) {
      throw malformed(pattern, error);
    }
  }
}

/** The syntax check of Go's `filepath.Match`. */
function requireWellFormed(text: string): void {
  const chars = [...text];
  let at = 0;
  const takeClassChar = (): void => {
    if (chars[at] === "\\") at += 1;
    else if (chars[at] === "-" || chars[at] === "]") throw malformed(text);
    if (at >= chars.length) throw malformed(text);
    at += 1;
  };
  while (at < chars.length) {
    const char = chars[at];
    at += 1;
    if (char === "\\") {
      if (at >= chars.length) throw malformed(text);
      at += 1;
    } else if (char === "[") {
      if (chars[at] === "^") at += 1;
      for (let ranges = 0; ranges === 0 || chars[at] !== "]"; ranges += 1) {
        takeClassChar();
        if (chars[at] !== "-") continue;
        at += 1;
        takeClassChar();
      }
      at += 1;
    }
  }
}

function malformed(pattern: string, cause?: unknown): BktuiError {
  return new BktuiError("bad-request", `syntax error in pattern ${JSON.stringify(pattern)}`, { cause });
}
