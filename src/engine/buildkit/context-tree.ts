/** The user's context as a build is sent it: what lies there, what the ignore file hides, what is new. */
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { basename, join, posix, relative, sep } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { lineOf } from "../../graph/graph.ts";
import { toText } from "../../session/files/byte-path.ts";
import {
  type BuildFiles,
  compileIgnore,
  type IgnoreFile,
  readIgnoreFile,
} from "../../session/files/dockerignore.ts";
import type { ContextRead } from "../../session/files/file-sync.ts";
import { literalPattern, PatternMatcher } from "../../session/files/pattern-matcher.ts";
import { walk } from "../../session/files/walk.ts";
import type { ContextTree, IgnoreRule, TreeEntry } from "../engine.ts";

/** Enough for every project without its dependencies; a larger one gets what was seen until then. */
const MOST_ENTRIES = 50_000;
/** Of an ignore file's lines; more than these hide no path in practice. */
const MOST_RULES = 20;

type Signal = { readonly signal: AbortSignal };

/**
 * @param read the last transfer of the context; undefined when there was none
 * @throws {BktuiError} "io" when the context cannot be opened, "bad-request" for a malformed ignore file.
 */
export async function openContextTree(
  files: BuildFiles,
  read: ContextRead | undefined,
): Promise<ContextTree> {
  const { context } = files;
  if (context === undefined) throw new BktuiError("not-found", "the context is not on this machine");
  const [root, ignore] = await Promise.all([resolveContext(context), readIgnoreFile(files)]);
  return new DirectoryTree(root, { context, ignore, read });
}

class DirectoryTree implements ContextTree {
  readonly root: string;
  readonly #context: string;
  readonly #ignore: IgnoreFile | undefined;
  readonly #matcher: PatternMatcher;
  readonly #read: ContextRead | undefined;

  constructor(
    root: string,
    {
      context,
      ignore,
      read,
    }: {
      /** As the user named it. */
      readonly context: string;
      readonly ignore: IgnoreFile | undefined;
      readonly read: ContextRead | undefined;
    },
  ) {
    this.root = root;
    this.#context = context;
    this.#ignore = ignore;
    this.#matcher = ignore === undefined ? new PatternMatcher([]) : compileIgnore(ignore);
    this.#read = read;
  }

  async readDir(path: string): Promise<readonly TreeEntry[] | undefined> {
    try {
      const entries = await readdir(this.#full(path), { withFileTypes: true });
      return entries.map((entry) => ({
        name: entry.name,
        kind: entry.isDirectory()
          ? "directory"
          : entry.isSymbolicLink()
            ? "link"
            : entry.isFile()
              ? "file"
              : "other",
      }));
    } catch {
      // One that cannot be listed has no names to offer; the build reports it itself.
      return undefined;
    }
  }

  async readLink(path: string): Promise<string | undefined> {
    return await readlink(this.#full(path)).catch(() => undefined);
  }

  async hiddenBy(path: string, { signal }: Signal): Promise<readonly IgnoreRule[]> {
    const rules: IgnoreRule[] = [];
    let lines = this.#ignore?.lines ?? [];
    let matcher = this.#matcher;
    while (rules.length < MOST_RULES && (await this.#hides(matcher, path, { signal }))) {
      const index = decidingLine(matcher, path);
      const line = lines[index];
      if (line === undefined) break;
      rules.push({ file: this.#ignoreName(), line: lineOf(line.line), pattern: line.pattern });
      // It may be hidden twice: then the other line has to go too.
      lines = lines.filter((_, at) => at !== index);
      matcher = new PatternMatcher(lines.map(({ pattern }) => pattern));
    }
    return rules.sort((a, b) => a.line - b.line);
  }

  async isNew(path: string): Promise<boolean> {
    if (this.#read === undefined) return false;
    if (path !== "" && this.#read.ignore.matches(path) && !this.#matcher.matches(path)) return true;
    const stats = await lstat(this.#full(path)).catch(() => undefined);
    // When it was made, renamed to this place, or changed: no program can set it back.
    return stats !== undefined && stats.ctimeMs > this.#read.atMs;
  }

  async find(
    isWanted: (name: string) => boolean,
    most: number,
    { signal }: Signal,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    let seen = 0;
    const filter = { includes: [], excludes: [this.#matcher] };
    for await (const entry of walk(this.root, filter, { signal, onUnreadable: () => undefined })) {
      if (++seen > MOST_ENTRIES || found.length >= most) break;
      const path = toText(entry.path);
      if (isWanted(basename(path))) found.push(path);
    }
    return found;
  }

  /** A directory is sent with what is taken back in it. */
  async #hides(matcher: PatternMatcher, path: string, { signal }: Signal): Promise<boolean> {
    if (path === "" || !matcher.matches(path)) return false;
    if (!matcher.couldExceptInside(path)) return true;
    const includes = [new PatternMatcher([literalPattern(path)])];
    const entries = walk(
      this.root,
      { includes, excludes: [matcher] },
      { signal, onUnreadable: () => undefined },
    );
    for await (const _ of entries) return false;
    return true;
  }

  #ignoreName(): string {
    const path = this.#ignore?.path ?? "";
    const inside = relative(this.#context, path);
    return inside.startsWith(`..${sep}`) ? path : inside;
  }

  /** The engine named the path: it must not lead out of the context. */
  #full(path: string): string {
    return join(this.root, posix.normalize(`/${path}`));
  }
}

/** Index of the last pattern that took the path away. */
function decidingLine(matcher: PatternMatcher, path: string): number {
  const { patterns } = matcher.match(path, undefined);
  return patterns.findLastIndex((hit, at) => hit && matcher.patterns[at]?.exclusion === false);
}

async function resolveContext(context: string): Promise<string> {
  try {
    return await realpath(context);
  } catch (cause) {
    throw new BktuiError("io", `cannot open the context ${context}`, { cause });
  }
}
