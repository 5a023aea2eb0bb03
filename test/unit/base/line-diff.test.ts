import fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffRun, diffLines } from "../../../src/base/line-diff.ts";

function diff(
  before: readonly string[],
  after: readonly string[],
  mostWork?: number,
): readonly DiffRun[] | undefined {
  const work = diffLines(before, after, mostWork);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** What a reader of the diff makes of it, who has only the old text and the added lines. */
function applied(before: readonly string[], after: readonly string[], runs: readonly DiffRun[]): string[] {
  return runs.flatMap((run) => {
    if (run.kind === "removed") return [];
    const [lines, from] = run.kind === "same" ? [before, run.before] : [after, run.after];
    return lines.slice(from, from + run.count);
  });
}

/** By the book: every prefix against every prefix. */
function longestCommon(before: readonly string[], after: readonly string[]): number {
  let row: number[] = Array.from({ length: after.length + 1 }, () => 0);
  for (const line of before) {
    const next = [0];
    for (const [index, other] of after.entries()) {
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next.at(-1) ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "only here"), { maxLength: 24 });

test("a diff gives the new text, covers the old one, and is the shortest there is", () => {
  fc.assert(
    fc.property(lines, lines, (before, others) => {
      const after = others.map((line) => (line === "only here" ? "only there" : line));
      const runs = diff(before, after) ?? [];
      expect(applied(before, after, runs)).toEqual(after);
      const old = runs.filter(({ kind }) => kind !== "added");
      expect(old.flatMap((run) => before.slice(run.before, run.before + run.count))).toEqual(before);
      const same = runs.filter(({ kind }) => kind === "same").reduce((sum, { count }) => sum + count, 0);
      expect(same).toBe(longestCommon(before, after));
    }),
  );
});

test("runs are named by where they stand, removed before added", () => {
  expect(diff(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])).toEqual([
    { kind: "same", before: 0, after: 0, count: 1 },
    { kind: "removed", before: 1, after: 1, count: 1 },
    { kind: "added", before: 2, after: 1, count: 1 },
    { kind: "same", before: 2, after: 2, count: 2 },
    { kind: "added", before: 4, after: 4, count: 1 },
  ]);
  expect(diff([], [])).toEqual([]);
});

test("what would take too long is given up, and a text that is new altogether is not", () => {
  const numbers = (count: number, step: number): string[] =>
    Array.from({ length: count }, (_, index) => String((index * step) % 997));
  expect(diff(numbers(3000, 7), numbers(3000, 11), 10_000)).toBeUndefined();
  const before = Array.from({ length: 20_000 }, (_, index) => `old ${index}`);
  const after = Array.from({ length: 20_000 }, (_, index) => `new ${index}`);
  expect(diff(before, after, 10_000)?.map(({ kind, count }) => [kind, count])).toEqual([
    ["removed", 20_000],
    ["added", 20_000],
  ]);
});
