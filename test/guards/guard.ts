/** One guard of the program, and the test of docs/reliability.md that must fail without it. */
export interface Guard {
  /** E.g. `["S22"]`; several only when one test shows them all. Each must be in the title of a test that fails. */
  readonly cases: readonly string[];
  /** What holds thanks to it, as the end of the sentence "fails without: …". */
  readonly guard: string;
  /** What a careless change would do. Several at once where a case is guarded in depth. */
  readonly changes: readonly Change[];
  /** Path from the root, one that docs/reliability.md names for the case. */
  readonly test: string;
  /** Part of the titles of the tests to run; undefined = all tests of the cases in that file. */
  readonly title?: string;
}

export interface Change {
  /** Path from the root, below `src/`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  /** Stands there when the guard is taken out. */
  readonly without: string;
}

/**
 * How often a text stands in another, overlapping places counted once.
 */
export function occurrences(text: string, within: string): number {
  return within.split(text).length - 1;
}

/** Whether a test with this title shows the case: titles begin with their cases, "R08 R09 · …". */
export function titleHasCase(title: string, id: string): boolean {
  return new RegExp(titlePattern([id])).test(title);
}

/** For `vitest -t`, which looks at the titles of the groups around a test too. */
export function titlePattern(cases: readonly string[], part = ""): string {
  const literal = part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return `(?:^| )(?:[SR]\\d\\d )*(?:${cases.join("|")}) (?:[SR]\\d\\d )*· .*${literal}`;
}
