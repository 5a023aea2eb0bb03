/** Which lines of a log a typed command means: a range, the last ones, those with a match. Pure. */
import { type Budget, compilePattern } from "../base/pattern.ts";
import type { LogLine, LogView } from "../debugger/progress/progress-store.ts";

/** What is asked for; nothing = all. */
export interface LogQuery {
  /** Number of the first line, from 1. */
  readonly from?: number | undefined;
  /** How many: from `from` on, else the last ones. */
  readonly count?: number | undefined;
  /** Only lines with a match, as breakpoints understand it. */
  readonly pattern?: string | undefined;
}

export interface LogPart {
  /** `index` counts from 0 in the log. */
  readonly lines: readonly { readonly index: number; readonly line: LogLine }[];
  /** How many of those that were asked for stand before and behind them. */
  readonly before: number;
  readonly after: number;
  /** Lines that are not kept any more. */
  readonly lost: number;
  /** How many have a match; undefined = no pattern. */
  readonly matches: number | undefined;
}

/** Some 0.3 s of searching. */
const SEARCH_BUDGET = 30_000_000;

/** @throws {BktuiError} "usage" for a pattern that is none, "bad-request" when the search takes too long. */
export function partOfLog(log: LogView, { from, count, pattern }: LogQuery): LogPart {
  const lost = log.first;
  const wanted = pattern === undefined ? undefined : matchingLines(log, pattern, (from ?? 1) - 1);
  const first = Math.min(Math.max(log.first, (from ?? 1) - 1), log.end);
  const length = wanted?.length ?? Math.max(0, log.end - first);
  const most = Math.min(length, count ?? length);
  const start = from === undefined ? length - most : 0;
  const lines: { index: number; line: LogLine }[] = [];
  for (let at = start; at < start + most; at++) {
    const index = wanted === undefined ? first + at : wanted[at];
    const line = index === undefined ? undefined : log.line(index);
    if (index !== undefined && line !== undefined) lines.push({ index, line });
  }
  const skipped = wanted === undefined ? first - log.first : 0;
  const before = start + skipped;
  return { lines, before, after: length - start - most, lost, matches: wanted?.length };
}

function matchingLines(log: LogView, source: string, from: number): readonly number[] {
  const pattern = compilePattern(source);
  const budget: Budget = { left: SEARCH_BUDGET };
  const found: number[] = [];
  for (let index = Math.max(log.first, from); index < log.end; index++) {
    const line = log.line(index);
    if (line !== undefined && pattern.isIn(line.text, budget)) found.push(index);
  }
  return found;
}

/** The logs of the vertices of a step as one. */
export function joinedLogs(logs: readonly LogView[]): LogView {
  const [only] = logs;
  if (only !== undefined && logs.length === 1) return only;
  const end = logs.reduce((sum, log) => sum + log.end, 0);
  return {
    first: only?.first ?? 0,
    end,
    line: (index) => {
      let rest = index;
      for (const log of logs) {
        if (rest < log.end) return log.line(rest);
        rest -= log.end;
      }
      return undefined;
    },
  };
}
