/** The shortest way from one list of lines to another (E. Myers, "An O(ND) Difference Algorithm", 1986). Pure. */

/** Lines next to each other that are treated alike. Indexes count from 0; what is removed stands before what is added. */
export interface DiffRun {
  readonly kind: "same" | "removed" | "added";
  /** First line in the old list; for "added" the line that it stands before. */
  readonly before: number;
  /** First line in the new list; for "removed" the line that it stands before. */
  readonly after: number;
  readonly count: number;
}

/** About a tenth of a second, and 16 MB. */
const MOST_WORK = 4_000_000;
/** Comparisons between two yields: well below a millisecond. */
const PIECE = 4000;

/**
 * Compares in pieces (`inSlices`), with a bound on the work: undefined = too different. Lines are equal when their
 * strings are. The runs cover both lists completely, in order.
 */
export function* diffLines(
  before: readonly string[],
  after: readonly string[],
  mostWork = MOST_WORK,
): Generator<undefined, readonly DiffRun[] | undefined> {
  const start = yield* equalStart(before, after);
  const end = yield* equalEnd(before, after, start);
  const old = { lines: before, from: start, to: before.length - end };
  const now = { lines: after, from: start, to: after.length - end };
  const [left, right] = yield* matchable(old, now);
  const pairs = yield* longestCommon(left, right, mostWork);
  if (pairs === undefined) return undefined;
  const runs = new Runs();
  runs.same(start);
  for (const [index, other] of pairs) {
    const [from = 0, to = 0] = [left.index[index], right.index[other]];
    runs.goTo(from, to);
    runs.same(1);
  }
  runs.goTo(old.to, now.to);
  runs.same(end);
  return runs.all;
}

class Runs {
  readonly #runs: DiffRun[] = [];
  #before = 0;
  #after = 0;

  get all(): readonly DiffRun[] {
    return this.#runs;
  }

  /** What is skipped in the old list is removed, what is skipped in the new one added. */
  goTo(before: number, after: number): void {
    this.#add("removed", before - this.#before);
    this.#add("added", after - this.#after);
  }

  same(count: number): void {
    this.#add("same", count);
  }

  #add(kind: DiffRun["kind"], count: number): void {
    if (count === 0) return;
    const last = this.#runs.at(-1);
    if (last?.kind === kind) this.#runs.splice(-1, 1, { ...last, count: last.count + count });
    else this.#runs.push({ kind, before: this.#before, after: this.#after, count });
    if (kind !== "added") this.#before += count;
    if (kind !== "removed") this.#after += count;
  }
}

function* equalStart(before: readonly string[], after: readonly string[]): Generator<undefined, number> {
  const most = Math.min(before.length, after.length);
  let count = 0;
  while (count < most && before[count] === after[count]) {
    count += 1;
    if (count % PIECE === 0) yield;
  }
  return count;
}

function* equalEnd(
  before: readonly string[],
  after: readonly string[],
  start: number,
): Generator<undefined, number> {
  const most = Math.min(before.length, after.length) - start;
  let count = 0;
  while (count < most && before[before.length - 1 - count] === after[after.length - 1 - count]) {
    count += 1;
    if (count % PIECE === 0) yield;
  }
  return count;
}

interface Range {
  readonly lines: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** Lines as numbers, equal where the lines are, with the places that they had. */
interface Numbered {
  readonly number: number[];
  readonly index: number[];
}

/** A line that the other side has nowhere is in no common sequence: leaving it out costs nothing and saves much. */
function* matchable(before: Range, after: Range): Generator<undefined, readonly [Numbered, Numbered]> {
  const numbers = new Map<string, number>();
  for (let index = before.from; index < before.to; index += 1) {
    const line = before.lines[index] ?? "";
    if (!numbers.has(line)) numbers.set(line, numbers.size);
    if (index % PIECE === 0) yield;
  }
  const right: Numbered = { number: [], index: [] };
  const shared = new Set<number>();
  for (let index = after.from; index < after.to; index += 1) {
    const number = numbers.get(after.lines[index] ?? "");
    if (index % PIECE === 0) yield;
    if (number === undefined) continue;
    right.number.push(number);
    right.index.push(index);
    shared.add(number);
  }
  const left: Numbered = { number: [], index: [] };
  for (let index = before.from; index < before.to; index += 1) {
    const number = numbers.get(before.lines[index] ?? "") ?? -1;
    if (index % PIECE === 0) yield;
    if (!shared.has(number)) continue;
    left.number.push(number);
    left.index.push(index);
  }
  return [left, right];
}

/** Pairs of places with equal numbers, in order, as many as there can be. */
function* longestCommon(
  { number: left }: Numbered,
  { number: right }: Numbered,
  mostWork: number,
): Generator<undefined, readonly (readonly [number, number])[] | undefined> {
  const reached: Reached[] = [];
  let work = 0;
  let piece = PIECE;
  for (let edits = 0; edits <= left.length + right.length; edits += 1) {
    const row: Reached = new Int32Array(edits + 1);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const { x: start } = entry(reached.at(-1), edits, diagonal);
      let x = start;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x += 1;
      row[(diagonal + edits) / 2] = x;
      if (x >= left.length && x - diagonal >= right.length) return backtrack([...reached, row], diagonal);
      work += 1 + x - start;
      if (work < piece) continue;
      if (work > mostWork) return undefined;
      piece = work + PIECE;
      yield;
    }
    reached.push(row);
  }
  return [];
}

/**
 * How far into the old list each diagonal has come with a number of edits: only those of the same parity. A diagonal
 * is the place in the old list minus the place in the new one.
 */
type Reached = Int32Array;

/** Where a diagonal begins with one more edit: down from the next diagonal, or right from the one before. */
function entry(
  before: Reached | undefined,
  edits: number,
  diagonal: number,
): { readonly x: number; readonly from: number } {
  if (before === undefined) return { x: 0, from: diagonal };
  const next = before[(diagonal + edits) / 2] ?? -1;
  const previous = before[(diagonal + edits) / 2 - 1] ?? -1;
  const isDown = diagonal === -edits || (diagonal !== edits && previous < next);
  return isDown ? { x: next, from: diagonal + 1 } : { x: previous + 1, from: diagonal - 1 };
}

/** From the end to the start, along what was reached with ever fewer edits. */
function backtrack(reached: readonly Reached[], last: number): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let diagonal = last;
  for (let edits = reached.length - 1; edits >= 0; edits -= 1) {
    const x = reached[edits]?.[(diagonal + edits) / 2] ?? 0;
    const { x: start, from } = entry(reached[edits - 1], edits, diagonal);
    for (let index = x - 1; index >= start; index -= 1) pairs.push([index, index - diagonal]);
    diagonal = from;
  }
  return pairs.reverse();
}
