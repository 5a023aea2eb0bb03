import fc from "fast-check";
import { expect, test } from "vitest";
import { inSlices, sortedInPieces } from "../../../src/base/slices.ts";

const { signal } = new AbortController();

test("sorting in pieces is sorting, and keeps the order of what is equal", async () => {
  const items = fc.array(fc.record({ key: fc.nat(50), at: fc.nat() }), { maxLength: 2000, size: "max" });
  await fc.assert(
    fc.asyncProperty(items, async (all) => {
      const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
      expect(await inSlices(sortedInPieces(all, compare), { signal })).toEqual([...all].sort(compare));
    }),
    { numRuns: 30 },
  );
});

test("long work lets others run in between, and ends when it is cancelled", async () => {
  const stop = new AbortController();
  function* endless(): Generator<undefined, never> {
    for (;;) yield;
  }
  const work = inSlices(endless(), { signal: stop.signal });
  setImmediate(() => stop.abort());
  await expect(work).rejects.toMatchObject({ code: "cancelled" });
});
