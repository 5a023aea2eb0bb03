/** Rows that are many and alike: the tests of every change take some of them, `npm run test:long` takes all. */

const TAKES_ALL = process.env["BKTUI_TEST_ROWS"] === "all";

/** Each row that is `always` wanted, and every `nth` of the others. */
export function sampled<Row>(
  rows: readonly Row[],
  nth: number,
  always: (row: Row) => boolean = () => false,
): readonly Row[] {
  if (TAKES_ALL) return rows;
  let others = 0;
  return rows.filter((row) => always(row) || others++ % nth === 0);
}
