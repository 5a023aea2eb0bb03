/** What changed of a file, in words. Names are untrusted text: the front end makes them harmless. */
import { byteSize, count } from "../../base/words.ts";
import type { FileEntry } from "../../engine/engine.ts";
import type { FileChange } from "../debugger.ts";
import { type ChangeNode, type ChangeTotals, countOf } from "./change-tree.ts";

export const CHANGE_SIGNS: Readonly<Record<FileChange["kind"], string>> = {
  added: "+",
  removed: "-",
  changed: "~",
};

/** The sign of a node: its own, or "~" for a directory in which something changed. */
export function signOf({ change }: ChangeNode): string {
  return CHANGE_SIGNS[change?.kind ?? "changed"];
}

/** `+214  ~3  -1`. */
export function totalWords({ added, changed, removed }: ChangeTotals): string {
  return `+${added}  ~${changed}  -${removed}`;
}

/** `210 files   1.8 MB`, for a directory with everything in it. */
export function folderWords({ change, totals }: ChangeNode): string {
  const word = change === undefined ? "change" : "file";
  const bytes = change?.kind === "removed" ? totals.removedBytes : totals.bytes;
  return `${count(countOf(totals), word).padEnd(10)}  ${byteSize(bytes)}`;
}

/** `412 B → 988 B`, `14 kB`, `mode 644 → 755`, `-> busybox`: what a row says of one change. */
export function sizeWords({ before, after, differs }: FileChange): string {
  if (before === undefined || after === undefined) return entryWords(after ?? before);
  if (before.kind !== after.kind) return `${kindWord(before.kind)} → ${kindWord(after.kind)}`;
  const others = differenceWords({ before, after, differs });
  if (!differs.includes("content") && others.length > 0) return others.join(", ");
  return [grownWords(before.size, after.size), ...others].join(", ");
}

/** `412 B → 988 B`; where both round to the same, `1.3 kB, +36 B`. */
function grownWords(before: number, after: number): string {
  const [old, now] = [byteSize(before), byteSize(after)];
  if (before === after) return now;
  if (old !== now) return `${old} → ${now}`;
  return `${now}, ${after > before ? "+" : "-"}${byteSize(Math.abs(after - before))}`;
}

function entryWords(entry: FileEntry | undefined): string {
  if (entry === undefined) return "";
  if (entry.kind === "file") return byteSize(entry.size);
  return entry.kind === "link" ? `-> ${entry.target ?? "?"}` : kindWord(entry.kind);
}

/** Everything that differs besides the content: `mode 644 → 755`, `owner 0:0 → 1000:1000`, `link a → b`. */
export function differenceWords({
  before,
  after,
  differs,
}: Pick<FileChange, "before" | "after" | "differs">): readonly string[] {
  if (before === undefined || after === undefined) return [];
  const words: Readonly<Record<Difference, string | undefined>> = {
    content: undefined,
    kind: `${kindWord(before.kind)} → ${kindWord(after.kind)}`,
    mode: `mode ${octal(before)} → ${octal(after)}`,
    owner: `owner ${ownerOf(before)} → ${ownerOf(after)}`,
    target: `link ${before.target ?? "?"} → ${after.target ?? "?"}`,
  };
  return differs.flatMap((what) => words[what] ?? []);
}

type Difference = FileChange["differs"][number];

/** `rwxr-xr-x`; with setuid, setgid and the sticky bit as `ls` shows them. */
export function permissions(mode: number): string {
  const flags = [..."rwxrwxrwx"].map((flag, index) => ((mode & (0o400 >> index)) === 0 ? "-" : flag));
  for (const [bit, at, mark] of [
    [0o4000, 2, "s"],
    [0o2000, 5, "s"],
    [0o1000, 8, "t"],
  ] as const) {
    if ((mode & bit) !== 0) flags[at] = flags[at] === "x" ? mark : mark.toUpperCase();
  }
  return flags.join("");
}

/** `1.3 kB`, `14 kB  1000:1000`: what a list of everything says behind a name; root as the owner goes without saying. */
export function placeWords(entry: FileEntry): string {
  const size = entry.kind === "file" ? byteSize(entry.size) : "";
  const isRoot = (entry.uid ?? 0) === 0 && (entry.gid ?? 0) === 0;
  return isRoot ? size : `${size.padEnd(6)}  ${ownerOf(entry)}`;
}

export function kindWord(kind: FileEntry["kind"]): string {
  return kind === "other" ? "special file" : kind;
}

/** Stands behind a name, as `ls -F` has it. */
export const KIND_MARKS: Readonly<Record<FileEntry["kind"], string>> = {
  directory: "/",
  file: "",
  link: "@",
  other: "=",
};

function octal({ mode }: FileEntry): string {
  return mode.toString(8).padStart(3, "0");
}

function ownerOf({ uid, gid }: FileEntry): string {
  return `${uid ?? "?"}:${gid ?? "?"}`;
}
