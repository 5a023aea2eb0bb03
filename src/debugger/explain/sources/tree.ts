/** Where sources come from, in one shape: the context, and states of stages and images. */
import { BktuiError } from "../../../base/errors.ts";
import type { Build, ContextTree, FileEntry, IgnoreRule, TreeEntry } from "../../../engine/engine.ts";
import type { Edge } from "../../../graph/graph.ts";

type Signal = { readonly signal: AbortSignal };

/** Paths have no leading slash, "" is the root. */
export interface SourceTree {
  /** Sorted; undefined when there is no such directory. */
  readDir(path: string, options: Signal): Promise<readonly TreeEntry[] | undefined>;
  readLink(path: string, options: Signal): Promise<string | undefined>;
  hiddenBy(path: string, options: Signal): Promise<readonly IgnoreRule[]>;
  isNew(path: string): Promise<boolean>;
  find(isWanted: (name: string) => boolean, most: number, options: Signal): Promise<readonly string[]>;
  /** Where absolute links lead out of what the build sees; undefined where the root is all there is. */
  readonly outside: string | undefined;
  /** As people are shown a path. */
  shown(path: string): string;
}

export function contextSources(tree: ContextTree): SourceTree {
  return {
    readDir: async (path) => sorted(await tree.readDir(path)),
    readLink: (path) => tree.readLink(path),
    hiddenBy: (path, options) => tree.hiddenBy(path, options),
    isNew: (path) => tree.isNew(path),
    find: (isWanted, most, options) => tree.find(isWanted, most, options),
    outside: tree.root,
    shown: (path) => (path === "" ? "." : path),
  };
}

/** Directories are read one after the other, each once. */
export function stateSources(build: Build, edge: Edge): SourceTree {
  const known = new Map<string, readonly FileEntry[] | undefined>();
  const list = async (path: string, { signal }: Signal): Promise<readonly FileEntry[] | undefined> => {
    if (!known.has(path)) known.set(path, await unlessMissing(build.readDir(edge, `/${path}`, { signal })));
    return known.get(path);
  };
  return {
    readDir: async (path, options) => await list(path, options),
    readLink: async (path, options) => {
      const [directory, name] = splitPath(path);
      return (await list(directory, options))?.find((entry) => entry.name === name)?.target;
    },
    hiddenBy: async () => [],
    isNew: async () => false,
    find: async () => [],
    outside: undefined,
    shown: (path) => `/${path}`,
  };
}

/** "a/b" -> ["a", "b"]; "a" -> ["", "a"]. */
export function splitPath(path: string): readonly [directory: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
}

export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

function sorted(entries: readonly TreeEntry[] | undefined): readonly TreeEntry[] | undefined {
  return entries?.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export async function unlessMissing<Found>(lookup: Promise<Found>): Promise<Found | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (error instanceof BktuiError && error.code === "not-found") return undefined;
    throw error;
  }
}
