/** Search hits: found without regard to case, shown by a role of their own. */
import type { Span } from "./row.ts";

/** Start of each hit, in UTF-16 units; hits do not overlap. */
export function hitsIn(text: string, search: string): readonly number[] {
  if (search === "") return [];
  const [where, what] = comparable(text, search);
  const hits: number[] = [];
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + what.length)) hits.push(at);
  return hits;
}

/** The same text, with the role "hit" where `search` occurs in it. */
export function withHits(spans: readonly Span[], search: string): readonly Span[] {
  const hits = hitsIn(spans.map((span) => span.text).join(""), search);
  if (hits.length === 0) return spans;
  const marked: Span[] = [];
  let offset = 0;
  let next = 0;
  for (const span of spans) {
    let from = 0;
    while (from < span.text.length) {
      const hit = hits[next];
      const hitStart = hit === undefined ? Infinity : hit - offset;
      const inside = from >= hitStart;
      const until = Math.min(span.text.length, inside ? hitStart + search.length : hitStart);
      marked.push(
        inside
          ? { text: span.text.slice(from, until), role: "hit" }
          : { ...span, text: span.text.slice(from, until) },
      );
      if (inside && until === hitStart + search.length) next += 1;
      from = until;
    }
    offset += span.text.length;
  }
  return marked;
}

/** Some characters change their length with their case (İ); then the case counts. */
function comparable(text: string, search: string): readonly [string, string] {
  const lower = [text.toLowerCase(), search.toLowerCase()] as const;
  return lower[0].length === text.length && lower[1].length === search.length ? lower : [text, search];
}

/** Rows that can be searched: indexes from `first` up to `end`, not included. */
export interface Searchable {
  readonly first: number;
  readonly end: number;
  /** Text of a row; "" where there is none. */
  textAt(index: number): string;
}

/** The next row behind (or before) `from` that has a hit, going on at the other end; undefined when there is none. */
export function findHit(
  rows: Searchable,
  search: string,
  from: number,
  direction: Direction,
): number | undefined {
  const looking = hitInPieces(rows, search, { from, direction });
  for (;;) {
    const step = looking.next();
    if (step.done === true) return step.value;
  }
}

export type Direction = "next" | "previous";

/** Rows between two yields: some tenths of a millisecond in memory, one when they come from disk. */
const PIECE = 256;

/** The same in pieces (`inSlices`). */
export function* hitInPieces(
  rows: Searchable,
  search: string,
  { from, direction }: { readonly from: number; readonly direction: Direction },
): Generator<undefined, number | undefined> {
  const count = rows.end - rows.first;
  const step = direction === "next" ? 1 : -1;
  for (let k = 1; k <= count; k += 1) {
    const offset = (from - rows.first + step * k) % count;
    const index = rows.first + (offset < 0 ? offset + count : offset);
    if (hitsIn(rows.textAt(index), search).length > 0) return index;
    if (k % PIECE === 0) yield;
  }
  return undefined;
}
