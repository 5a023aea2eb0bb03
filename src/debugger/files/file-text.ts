/** Files of states as rows of text: one file as it is, or what is different between two. */

import { throwIfCancelled } from "../../base/errors.ts";
import { type DiffRun, diffLines } from "../../base/line-diff.ts";
import { inSlices } from "../../base/slices.ts";
import { byteSize } from "../../base/words.ts";
import type { FileEntry, FilePart } from "../../engine/engine.ts";
import type { Debugger, FileChange } from "../debugger.ts";
import { differenceWords, kindWord, permissions } from "./change-words.ts";

export interface TextRow {
  readonly kind: "same" | "removed" | "added" | "gap" | "note";
  /** Line numbers, from 1; undefined where the row is in one file only. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Untrusted; of a "gap" and a "note" our own words. */
  readonly text: string;
}

/** What there is to read of a file. */
export interface FileText {
  /** Sentences: what is not in the rows, or why there are none. Names in them are untrusted. */
  readonly facts: readonly string[];
  readonly rows: readonly TextRow[];
}

/** Reads a piece of the file in one state. */
export type ReadPart = (
  place: { readonly offset: number; readonly length: number },
  options: { readonly signal: AbortSignal },
) => Promise<FilePart>;

interface Signal {
  readonly signal: AbortSignal;
}

/** Larger files are not compared line by line, nor shown to their end. */
export const MOST_TEXT_BYTES = 1024 * 1024;
/** How far two large or binary files are searched for their first difference. */
const MOST_COMPARED_BYTES = 64 * MOST_TEXT_BYTES;
/** A message may have 16 MB, and a piece of FAILED costs a process. */
const PIECE_BYTES = 8 * MOST_TEXT_BYTES;
const MOST_ROWS = 20_000;
const CONTEXT_ROWS = 3;
const PIECE = 500;

/** What a change did to the content of a file. Sides that do not exist are not read. */
export async function changedText(
  change: FileChange,
  read: { readonly before: ReadPart; readonly after: ReadPart },
  { signal }: Signal,
): Promise<FileText> {
  const { before, after } = change;
  if (before === undefined) return await fileText(after, read.after, "added", { signal });
  if (after === undefined) return await fileText(before, read.before, "removed", { signal });
  const words = differenceWords(change);
  if (before.kind !== "file" || after.kind !== "file") {
    const facts = words.length > 0 ? words : [`a ${kindWord(after.kind)}: it has no lines to compare`];
    return { facts, rows: [] };
  }
  if (!change.differs.includes("content")) return { facts: [...words, "the content is the same"], rows: [] };
  const whole = { offset: 0, length: MOST_TEXT_BYTES };
  const [old, now] = await Promise.all([read.before(whole, { signal }), read.after(whole, { signal })]);
  const why = noTextReason(old, now);
  if (why === undefined) return await comparedText(old.bytes, now.bytes, words, { signal });
  const difference = await firstDifference(read, { old, now }, { signal });
  const sizes = `${byteSize(old.size)} → ${byteSize(now.size)}, mode ${permissions(after.mode)}`;
  return { facts: [...words, `${why}: ${sizes}`, difference], rows: [] };
}

/** One file as it is in a state. */
export async function fileText(
  entry: FileEntry | undefined,
  read: ReadPart,
  kind: "same" | "added" | "removed",
  { signal }: Signal,
): Promise<FileText> {
  if (entry === undefined) return { facts: ["the file is not in this state"], rows: [] };
  if (entry.kind === "link") return { facts: [`a link to ${entry.target ?? "?"}`], rows: [] };
  if (entry.kind !== "file") return { facts: [`a ${kindWord(entry.kind)}: it has no lines`], rows: [] };
  const { bytes, size } = await read({ offset: 0, length: MOST_TEXT_BYTES }, { signal });
  if (size === 0) return { facts: ["an empty file"], rows: [] };
  if (isBinary(bytes))
    return { facts: [`a binary file: ${byteSize(size)}, mode ${permissions(entry.mode)}`], rows: [] };
  const lines = linesOf(bytes);
  const shown = Math.min(lines.length, MOST_ROWS);
  const run: DiffRun = { kind, before: 0, after: 0, count: shown };
  const texts = kind === "removed" ? { old: lines, now: [] } : { old: lines, now: lines };
  const rows = await inSlices(rowsOf([run], texts), { signal });
  const isCut = shown < lines.length || size > bytes.length;
  const facts = isCut ? [`the first ${shown} lines of ${byteSize(size)}`] : [];
  return { facts, rows: kind === "same" ? rows.map((row) => ({ ...row, before: undefined })) : rows };
}

/** As it may be shown: a step may have written a secret's value into a file. A copy of the file has it. */
export function maskedText(text: FileText, debug: Pick<Debugger, "masked">): FileText {
  return { ...text, rows: text.rows.map((row) => ({ ...row, text: debug.masked(row.text) })) };
}

async function comparedText(
  before: Uint8Array,
  after: Uint8Array,
  words: readonly string[],
  { signal }: Signal,
): Promise<FileText> {
  const texts = { old: linesOf(before), now: linesOf(after) };
  const runs = await inSlices(diffLines(texts.old, texts.now), { signal });
  if (runs === undefined) {
    const counts = `${texts.old.length} lines before, ${texts.now.length} after`;
    return { facts: [...words, `too different to compare line by line: ${counts}`], rows: [] };
  }
  const rows = await inSlices(rowsOf(withContext(runs), texts), { signal });
  if (rows.length <= MOST_ROWS) return { facts: words, rows };
  return {
    facts: [...words, `the first ${MOST_ROWS} rows of the difference`],
    rows: rows.slice(0, MOST_ROWS),
  };
}

function noTextReason(old: FilePart, now: FilePart): string | undefined {
  if (isBinary(old.bytes) || isBinary(now.bytes)) return "binary files";
  if (old.size > MOST_TEXT_BYTES || now.size > MOST_TEXT_BYTES) return "too large to compare line by line";
  return undefined;
}

/** As git and grep tell: text has no NUL. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.includes(0);
}

/** One character per byte, each line with its end: lines are equal only when their bytes are. */
function linesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines = text.split("\n").map((line) => `${line}\n`);
  const last = lines.pop() ?? "\n";
  return last === "\n" ? lines : [...lines, last.slice(0, -1)];
}

interface Texts {
  readonly old: readonly string[];
  readonly now: readonly string[];
}

/** A part that is the same and far from any difference. */
interface Gap {
  readonly kind: "gap";
  readonly count: number;
}

/** Of what is the same only a few lines around each difference stay. */
function withContext(runs: readonly DiffRun[]): readonly (DiffRun | Gap)[] {
  return runs.flatMap((run, index): readonly (DiffRun | Gap)[] => {
    if (run.kind !== "same") return [run];
    const head = index === 0 ? 0 : CONTEXT_ROWS;
    const tail = index === runs.length - 1 ? 0 : CONTEXT_ROWS;
    const left = run.count - head - tail;
    // A gap takes a row itself.
    if (left <= 1) return [run];
    const rest = head + left;
    return [
      ...(head === 0 ? [] : [{ ...run, count: head }]),
      { kind: "gap", count: left },
      ...(tail === 0 ? [] : [{ ...run, before: run.before + rest, after: run.after + rest, count: tail }]),
    ];
  });
}

function* rowsOf(parts: readonly (DiffRun | Gap)[], { old, now }: Texts): Generator<undefined, TextRow[]> {
  const rows: TextRow[] = [];
  for (const part of parts) {
    if (part.kind === "gap") {
      rows.push(ownRow("gap", `${part.count} lines are the same`));
      continue;
    }
    for (let index = 0; index < part.count; index += 1) {
      if (rows.length % PIECE === 0) yield;
      const before = part.before + index;
      const after = part.after + index;
      const line = (part.kind === "added" ? now[after] : old[before]) ?? "";
      rows.push({
        kind: part.kind,
        before: part.kind === "added" ? undefined : before + 1,
        after: part.kind === "removed" ? undefined : after + 1,
        text: shownLine(line, part.kind),
      });
      if (!line.endsWith("\n")) rows.push(ownRow("note", "no line end at the end of the file"));
    }
  }
  return rows;
}

function ownRow(kind: "gap" | "note", text: string): TextRow {
  return { kind, before: undefined, after: undefined, text };
}

/** A carriage return at the end is shown where it may be the whole difference. */
function shownLine(line: string, kind: DiffRun["kind"]): string {
  const text = Buffer.from(line.replace(/\n$/, ""), "latin1").toString("utf8");
  return kind === "same" ? text : text.replace(/\r$/, "␍");
}

async function firstDifference(
  read: { readonly before: ReadPart; readonly after: ReadPart },
  { old, now }: { readonly old: FilePart; readonly now: FilePart },
  { signal }: Signal,
): Promise<string> {
  let pair = [old.bytes, now.bytes] as const;
  for (let offset = 0; ; ) {
    throwIfCancelled(signal);
    const [left, right] = pair;
    const at = differenceIn(left, right);
    if (at !== undefined) return `the first difference is at byte ${offset + at}`;
    offset += left.length;
    if (left.length === 0 || offset >= MOST_COMPARED_BYTES)
      return `no difference in the first ${byteSize(offset)}`;
    const place = { offset, length: PIECE_BYTES };
    const [a, b] = await Promise.all([read.before(place, { signal }), read.after(place, { signal })]);
    pair = [a.bytes, b.bytes];
  }
}

const BLOCK_BYTES = 64 * 1024;

/** Counts from 0; the end of the shorter one when it is the beginning of the other. */
function differenceIn(left: Uint8Array, right: Uint8Array): number | undefined {
  const shared = Math.min(left.length, right.length);
  for (let from = 0; from < shared; from += BLOCK_BYTES) {
    const to = Math.min(shared, from + BLOCK_BYTES);
    if (Buffer.compare(left.subarray(from, to), right.subarray(from, to)) === 0) continue;
    for (let index = from; index < to; index += 1) if (left[index] !== right[index]) return index;
  }
  return left.length === right.length ? undefined : shared;
}
