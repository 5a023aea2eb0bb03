/** The changes of a step as a tree of directories. Pure. */
import type { FileChange } from "../debugger.ts";

/** A file or directory that changed, or in which something did. */
export interface ChangeNode {
  /** Absolute; "/" for the root. Untrusted text, as is the name. */
  readonly path: string;
  readonly name: string;
  /** undefined: only things in it changed. */
  readonly change: FileChange | undefined;
  /** Sorted by path. */
  readonly children: readonly ChangeNode[];
  readonly totals: ChangeTotals;
}

/** Of a node and everything in it. A directory counts when nothing in it does. */
export interface ChangeTotals {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Bytes of the files that were added or changed, as they are now. */
  readonly bytes: number;
  /** Bytes of the files that were removed. */
  readonly removedBytes: number;
}

interface Draft {
  readonly path: string;
  readonly name: string;
  change: FileChange | undefined;
  readonly children: Map<string, Draft>;
}

const PIECE = 500;

export interface ChangeTree {
  readonly root: ChangeNode;
  /** undefined: nothing is different there. */
  at(path: string): ChangeNode | undefined;
}

/** In pieces (`inSlices`): an image may change by 100,000 files. */
export function* changeTree(changes: readonly FileChange[]): Generator<undefined, ChangeTree> {
  const top = draft("/", "");
  for (const [index, change] of changes.entries()) {
    if (index % PIECE === 0) yield;
    put(top, change);
  }
  const byPath = new Map<string, ChangeNode>();
  const root = yield* finished(top, byPath);
  return { root, at: (path) => byPath.get(path) };
}

/** Everything in it was added, or removed, with it. */
export function isWhole({ change }: ChangeNode): boolean {
  return isDirectory(change) && change?.kind !== "changed";
}

export function isDirectory(change: FileChange | undefined): boolean {
  return (change?.after ?? change?.before)?.kind === "directory";
}

export function countOf({ added, changed, removed }: ChangeTotals): number {
  return added + changed + removed;
}

function draft(path: string, name: string): Draft {
  return { path, name, change: undefined, children: new Map() };
}

function put(root: Draft, change: FileChange): void {
  let place = root;
  for (const name of change.path.split("/")) {
    if (name === "") continue;
    let next = place.children.get(name);
    if (next === undefined) {
      next = draft(place.path === "/" ? `/${name}` : `${place.path}/${name}`, name);
      place.children.set(name, next);
    }
    place = next;
  }
  place.change = change;
}

function* finished(
  { path, name, change, children }: Draft,
  byPath: Map<string, ChangeNode>,
): Generator<undefined, ChangeNode> {
  const nodes: ChangeNode[] = [];
  for (const child of children.values()) nodes.push(yield* finished(child, byPath));
  nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  const node = { path, name, change, children: nodes, totals: totalsOf(change, nodes) };
  byPath.set(path, node);
  if (byPath.size % PIECE === 0) yield;
  return node;
}

function totalsOf(change: FileChange | undefined, nodes: readonly ChangeNode[]): ChangeTotals {
  const inside = nodes.reduce((sum, { totals }) => sumOf(sum, totals), NOTHING);
  if (change === undefined) return inside;
  // A directory that came with its content is told by the content.
  if (isDirectory(change) && nodes.length > 0 && change.kind !== "changed") return inside;
  const entry = change.after ?? change.before;
  const bytes = entry?.kind === "file" ? entry.size : 0;
  const sizes = change.kind === "removed" ? { removedBytes: bytes } : { bytes };
  return sumOf(inside, { ...NOTHING, [change.kind]: 1, ...sizes });
}

const NOTHING: ChangeTotals = { added: 0, changed: 0, removed: 0, bytes: 0, removedBytes: 0 };

function sumOf(a: ChangeTotals, b: ChangeTotals): ChangeTotals {
  return {
    added: a.added + b.added,
    changed: a.changed + b.changed,
    removed: a.removed + b.removed,
    bytes: a.bytes + b.bytes,
    removedBytes: a.removedBytes + b.removedBytes,
  };
}
