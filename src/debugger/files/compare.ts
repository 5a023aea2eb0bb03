/** Two states of the same files: what differs between them. */
import { throwIfCancelled } from "../../base/errors.ts";
import { inSlices, sortedInPieces } from "../../base/slices.ts";
import type { FileEntry } from "../../engine/engine.ts";
import type { FileChange } from "../debugger.ts";
import type { Listing } from "./listing.ts";

/** One path in both states; undefined where it is not there. */
export interface FilePair {
  readonly path: string;
  readonly before: FileEntry | undefined;
  readonly after: FileEntry | undefined;
}

export interface ComparisonOptions {
  /** Of files with the same size and different times: those whose content is the same. */
  readonly isSame: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly signal: AbortSignal;
}

const PIECE = 1000;

export async function changesOfListings(
  before: Listing,
  after: Listing,
  options: ComparisonOptions,
): Promise<readonly FileChange[]> {
  return await changesOfPairs(await inSlices(pairs(before, after), options), options);
}

/** Sorted by path. */
export async function changesOfPairs(
  pairs: readonly FilePair[],
  { isSame, signal }: ComparisonOptions,
): Promise<readonly FileChange[]> {
  const doubtful = pairs.filter(({ before, after }) => hasDoubtfulContent(before, after));
  const same = doubtful.length === 0 ? new Set<string>() : await isSame(doubtful.map(({ path }) => path));
  throwIfCancelled(signal);
  return await inSlices(changesIn(pairs, same), { signal });
}

function* changesIn(
  pairs: readonly FilePair[],
  same: ReadonlySet<string>,
): Generator<undefined, readonly FileChange[]> {
  const changes: FileChange[] = [];
  for (const [index, pair] of pairs.entries()) {
    const change = changeOf(pair, same.has(pair.path));
    if (change !== undefined) changes.push(change);
    if (index % PIECE === 0) yield;
  }
  return yield* sortedInPieces(changes, (a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether nothing that is known of them tells the two apart. */
export function isUnchanged(before: FileEntry | undefined, after: FileEntry | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return !hasDoubtfulContent(before, after) && differencesOf(before, after).length === 0;
}

function* pairs(before: Listing, after: Listing): Generator<undefined, FilePair[]> {
  const found: FilePair[] = [];
  let count = 0;
  for (const [path, entry] of before.entries) {
    const now = after.entries.get(path);
    if (!isUnchanged(entry, now)) found.push({ path, before: entry, after: now });
    count += 1;
    if (count % PIECE === 0) yield;
  }
  for (const [path, entry] of after.entries) {
    if (!before.entries.has(path)) found.push({ path, before: undefined, after: entry });
    count += 1;
    if (count % PIECE === 0) yield;
  }
  return found;
}

function changeOf({ path, before, after }: FilePair, isSame: boolean): FileChange | undefined {
  if (before === undefined) return after && { path, kind: "added", before, after, differs: [] };
  if (after === undefined) return { path, kind: "removed", before, after, differs: [] };
  const doubtful: FileChange["differs"] = hasDoubtfulContent(before, after) && !isSame ? ["content"] : [];
  const differs = [...doubtful, ...differencesOf(before, after)];
  return differs.length === 0 ? undefined : { path, kind: "changed", before, after, differs };
}

/** Files of one size that were written at different times may be the same all the same. */
function hasDoubtfulContent(before: FileEntry | undefined, after: FileEntry | undefined): boolean {
  if (before?.kind !== "file" || after?.kind !== "file") return false;
  return before.size === after.size && before.size > 0 && before.mtimeMs !== after.mtimeMs;
}

function differencesOf(before: FileEntry, after: FileEntry): FileChange["differs"] {
  if (before.kind !== after.kind) return ["kind"];
  const { kind } = after;
  const differs: FileChange["differs"][number][] = [];
  if (kind === "file" && before.size !== after.size) differs.push("content");
  // The permissions of a link mean nothing.
  if (kind !== "link" && before.mode !== after.mode) differs.push("mode");
  if (before.uid !== after.uid || before.gid !== after.gid) differs.push("owner");
  if (kind === "link" && before.target !== after.target) differs.push("target");
  return differs;
}
