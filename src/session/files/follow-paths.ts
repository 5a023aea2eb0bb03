/** Resolves the symbolic links of paths that a build asks for. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { posix } from "node:path";
import { type BytePath, fromBytes, fromText, joinBytes, toBytes, toText } from "./byte-path.ts";
import { compilePattern, hasWildcard } from "./pattern.ts";

/**
 * Turns paths that a build wants to copy into include patterns: symbolic links on the way and at the end are resolved
 * as if `root` were "/", and their targets added. The last part and any other may have wildcards; beyond a directory
 * given by wildcard no link is resolved (as BuildKit does).
 * @param root absolute, resolved.
 * @returns sorted, without what lies in another result; undefined when everything is wanted.
 */
export function followPaths(root: string, paths: readonly string[]): readonly string[] | undefined {
  const resolver = new LinkResolver(fromText(root));
  for (const path of paths) resolver.add(path);
  return withoutNested([...resolver.resolved].sort());
}

function withoutNested(sorted: readonly string[]): readonly string[] | undefined {
  const kept: string[] = [];
  for (const path of sorted) {
    if (path === "") return undefined;
    const last = kept.at(-1);
    if (last === undefined || !path.startsWith(`${last}/`)) kept.push(path);
  }
  return kept;
}

class LinkResolver {
  readonly resolved = new Set<string>();
  readonly #root: BytePath;

  constructor(root: BytePath) {
    this.#root = root;
  }

  /** `path` may be absolute or climb with "..": it cannot leave the root. */
  add(path: string): void {
    const parts = insideRoot(path).split("/");
    let current = "";
    for (const [index, part] of parts.entries()) {
      current = current === "" ? part : `${current}/${part}`;
      const rest = parts.slice(index + 1).join("/");
      const targets = this.#targets(current);
      // Also ends circles of links.
      if ((rest === "" || targets.length > 0) && this.resolved.has(current)) return;
      if (rest === "" || targets.length > 0) this.resolved.add(current);
      for (const target of targets) this.add(`${target}/${rest}`);
      if (targets.length > 0) return;
    }
  }

  /** Where the links of this name lead; empty when it is no link. */
  #targets(path: string): readonly string[] {
    const directory = posix.dirname(path);
    const base = posix.basename(path);
    if (!hasWildcard(base)) return this.#target(fromText(path), directory);
    const { matches } = compilePattern(base.startsWith("!") ? `\\${base}` : base);
    const parent = fromText(directory === "." ? "" : directory);
    return this.#names(parent)
      .filter((name) => matches(toText(name)))
      .flatMap((name) => this.#target(joinBytes(parent, name), directory));
  }

  #target(path: BytePath, directory: string): readonly string[] {
    const full = this.#full(path);
    if (missingAsUndefined(() => lstatSync(full, { throwIfNoEntry: false }))?.isSymbolicLink() !== true)
      return [];
    const bytes = missingAsUndefined(() => readlinkSync(full, { encoding: "buffer" }));
    if (bytes === undefined) return [];
    const link = toText(fromBytes(bytes));
    return [insideRoot(link.startsWith("/") ? link : `${directory}/${link}`)];
  }

  #names(directory: BytePath): readonly BytePath[] {
    const names = missingAsUndefined(() => readdirSync(this.#full(directory), { encoding: "buffer" }));
    return (names ?? []).map(fromBytes);
  }

  #full(path: BytePath): Buffer {
    return toBytes(path === "" ? this.#root : joinBytes(this.#root, path));
  }
}

/** Cleaned, relative to the root; "" is the root. */
function insideRoot(path: string): string {
  const clean = posix.normalize(`/${path}`).slice(1);
  return clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** What is not there is no link: the frontend reports missing paths better than we could. */
function missingAsUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (
      code === "ENOENT" ||
      code === "ENOTDIR" ||
      code === "EACCES" ||
      code === "EINVAL" ||
      code === "ENAMETOOLONG" ||
      code === "ELOOP"
    ) {
      return undefined;
    }
    throw error;
  }
}
