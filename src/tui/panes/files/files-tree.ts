/** The rows of the Files pane: changes as a tree that folds, or everything in a state. Pure. */
import { posix } from "node:path";
import type { FileChange } from "../../../debugger/debugger.ts";
import { type ChangeNode, countOf, isDirectory, isWhole } from "../../../debugger/files/change-tree.ts";
import {
  folderWords,
  KIND_MARKS,
  permissions,
  placeWords,
  signOf,
  sizeWords,
} from "../../../debugger/files/change-words.ts";
import type { FileEntry } from "../../../engine/engine.ts";
import type { FilesState } from "../../state/files-state.ts";

/** A row of the list. Paths, labels and facts are untrusted text. */
export interface FilesRow {
  /** Absolute; undefined = a note. */
  readonly path: string | undefined;
  /** "+", "~", "-" or "". */
  readonly sign: string;
  /** Permissions, in the list of everything. */
  readonly lead: string;
  /** Directories that it is indented by. */
  readonly depth: number;
  readonly label: string;
  /** Size, count, or what else is to say. */
  readonly facts: string;
  readonly fold: "folded" | "unfolded" | "none";
  /** The directory, absolute, that it goes into when that is folded; undefined = none. */
  readonly folder: string | undefined;
  readonly tone: "plain" | "dim" | "warning";
  readonly change: FileChange | undefined;
  readonly entry: FileEntry | undefined;
}

/** A directory with more changes in it than this begins folded, also one that was there before. */
const MOST_UNFOLDED = 100;

/** `toggled`: directories that are not as they begin. Wholly new and wholly removed ones begin folded. */
export function changeRows(
  root: ChangeNode,
  { toggled, order }: Pick<FilesState, "toggled" | "order">,
): readonly FilesRow[] {
  const rows: FilesRow[] = [];
  const list = (nodes: readonly ChangeNode[], prefix: string, depth: number, within?: string): void => {
    for (const { node, label, folder } of sorted(
      flattened(nodes, { prefix, folder: within }, toggled),
      order,
    )) {
      const fold = node.children.length === 0 ? "none" : isFolded(node, toggled) ? "folded" : "unfolded";
      rows.push(changeRow(node, { label, depth, fold, folder }));
      if (fold !== "unfolded") continue;
      // What came with its directory stands under it; what was changed in it keeps its whole name.
      if (isWhole(node)) list(node.children, "", depth + 1, node.path);
      else list(node.children, label, depth, node.path);
    }
  };
  list(root.children, "", 0);
  return rows;
}

/** Whether only one row stands for a directory and everything in it. */
export function isFolded(node: ChangeNode, toggled: ReadonlySet<string>): boolean {
  const begins = isWhole(node) || node.children.length > MOST_UNFOLDED;
  return begins !== toggled.has(node.path);
}

interface Item extends Pick<FilesRow, "label" | "folder"> {
  readonly node: ChangeNode;
}

/** A directory that came, or went, with one thing in it: the row of that thing says it all. */
function isPassage(node: ChangeNode): boolean {
  const [child, ...others] = node.children;
  return isWhole(node) && others.length === 0 && child?.change?.kind === node.change?.kind;
}

/** Directories that did not change themselves have no row while they are unfolded: their content has longer names. */
function flattened(
  nodes: readonly ChangeNode[],
  { prefix, folder }: { readonly prefix: string; readonly folder: string | undefined },
  toggled: ReadonlySet<string>,
): readonly Item[] {
  const items: Item[] = [];
  for (const node of nodes) {
    const isPlain = node.change === undefined && node.children.length > 0;
    const mark = isPlain || isDirectory(node.change) ? "/" : "";
    const label = `${prefix}${node.name}${mark}`;
    const isOpen = isPlain && !isFolded(node, toggled);
    const within = isOpen ? node.path : folder;
    if (isOpen || isPassage(node))
      items.push(...flattened(node.children, { prefix: label, folder: within }, toggled));
    else items.push({ node, label, folder });
  }
  return items;
}

/** The largest first. */
function sorted(items: readonly Item[], order: FilesState["order"]): readonly Item[] {
  if (order === "path") return items;
  const size = ({ node: { totals } }: Item): number => Math.max(totals.bytes, totals.removedBytes);
  return [...items].sort((a, b) => size(b) - size(a));
}

function changeRow(
  node: ChangeNode,
  { label, depth, fold, folder }: Pick<FilesRow, "label" | "depth" | "fold" | "folder">,
): FilesRow {
  const { change, path } = node;
  return {
    path,
    sign: signOf(node),
    lead: "",
    depth,
    label,
    facts: factsOf(node, fold),
    fold,
    folder,
    tone: "plain",
    change,
    entry: change?.after ?? change?.before,
  };
}

function factsOf(node: ChangeNode, fold: FilesRow["fold"]): string {
  if (fold === "folded" || (fold === "unfolded" && isWhole(node))) return folderWords(node);
  return node.change === undefined ? "" : sizeWords(node.change);
}

/** A directory as far as it has been read. */
export type DirectoryReading =
  | { readonly kind: "known"; readonly value: readonly FileEntry[] }
  | { readonly kind: "reading" }
  | { readonly kind: "refused"; readonly message: string };

export interface EverythingInput {
  /** Asked for the directories that are open, and for no others. */
  readonly directory: (path: string) => DirectoryReading;
  /** What the step did to a path, as far as that is known. */
  readonly changeOf: (path: string) => ChangeNode | undefined;
}

/** Everything in a state: directories first, those that are open with what is in them. */
export function everythingRows(
  { directory, changeOf }: EverythingInput,
  { open, order }: Pick<FilesState, "open" | "order">,
): readonly FilesRow[] {
  const rows: FilesRow[] = [];
  const list = (path: string, depth: number): void => {
    const reading = directory(path);
    if (reading.kind === "reading") rows.push(noteRow("reading …", depth, "dim"));
    else if (reading.kind === "refused") rows.push(noteRow(reading.message, depth, "warning"));
    else if (reading.value.length === 0) rows.push(noteRow("nothing is in it", depth, "dim"));
    else for (const entry of inOrder(reading.value, order)) listEntry(entry, path, depth);
  };
  const listEntry = (entry: FileEntry, parent: string, depth: number): void => {
    const path = parent === "/" ? `/${entry.name}` : `${parent}/${entry.name}`;
    const isOpen = entry.kind === "directory" && open.has(path);
    rows.push(entryRow(entry, { path, depth, isOpen, node: changeOf(path) }));
    if (isOpen) list(path, depth + 1);
  };
  list("/", 0);
  return rows;
}

function inOrder(entries: readonly FileEntry[], order: FilesState["order"]): readonly FileEntry[] {
  const directories = entries.filter(({ kind }) => kind === "directory");
  const others = entries.filter(({ kind }) => kind !== "directory");
  if (order === "size") others.sort((a, b) => b.size - a.size);
  return [...directories, ...others];
}

function entryRow(
  entry: FileEntry,
  {
    path,
    depth,
    isOpen,
    node,
  }: {
    readonly path: string;
    readonly depth: number;
    readonly isOpen: boolean;
    readonly node: ChangeNode | undefined;
  },
): FilesRow {
  const { name, kind, mode, target } = entry;
  const isKnown = node !== undefined && (node.change !== undefined || countOf(node.totals) > 0);
  return {
    path,
    sign: isKnown ? signOf(node) : "",
    lead: permissions(mode),
    depth,
    label: `${name}${KIND_MARKS[kind]}${target === undefined || target === "" ? "" : ` -> ${target}`}`,
    facts: placeWords(entry),
    fold: kind === "directory" ? (isOpen ? "unfolded" : "folded") : "none",
    folder: depth === 0 ? undefined : posix.dirname(path),
    tone: "plain",
    change: node?.change,
    entry,
  };
}

export function noteRow(text: string, depth: number, tone: FilesRow["tone"]): FilesRow {
  return {
    path: undefined,
    sign: "",
    lead: "",
    depth,
    label: text,
    facts: "",
    fold: "none",
    folder: undefined,
    tone,
    change: undefined,
    entry: undefined,
  };
}

/** The row of a path, or of the nearest directory around it that has one. */
export function rowOfPath(rows: readonly FilesRow[], path: string): number | undefined {
  for (let wanted = path; wanted !== ""; wanted = wanted.slice(0, wanted.lastIndexOf("/"))) {
    const index = rows.findIndex((row) => row.path === wanted);
    if (index !== -1) return index;
  }
  return undefined;
}
