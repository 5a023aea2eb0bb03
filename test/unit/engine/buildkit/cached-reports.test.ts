/** Sequences as BuildKit 0.8 and 0.25 send them, thinned; times are theirs. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CachedReports } from "../../../../src/engine/buildkit/cached-reports.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { digestOf } from "../../../support/graphs.ts";

type Report = Extract<Progress, { kind: "vertex" }>;

const START = 1795941827553.7903;

function report(name: string, facts: Partial<Report>): Report {
  return {
    kind: "vertex",
    vertex: digestOf(name),
    name,
    startedMs: START,
    completedMs: undefined,
    cached: false,
    error: "",
    ...facts,
  };
}

const guess = (name: string): Report => report(name, { completedMs: START, cached: true });

function told(): { readonly reports: CachedReports; readonly names: string[] } {
  const names: string[] = [];
  return {
    reports: new CachedReports(({ name, cached }) => names.push(cached ? `${name} cached` : name)),
    names,
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("steps above one whose source is missing are not cached", () => {
  const { reports, names } = told();
  const error = 'failed to calculate checksum of ref x::y: "/gone.txt": not found';
  for (const each of [
    guess("run 2"),
    guess("run 3"),
    report("copy", { completedMs: START + 0.0085, error }),
  ]) {
    reports.push(each);
  }
  vi.advanceTimersByTime(10_000);
  expect(names).toEqual(["copy"]);
});

test("steps above one that came from the cache, that ran or that failed by its command are cached", () => {
  const ends: readonly Partial<Report>[] = [
    { completedMs: START + 0.03, cached: true },
    { completedMs: START + 5 },
    {
      completedMs: START + 5,
      error: 'process "/bin/sh -c false" did not complete successfully: exit code: 1',
    },
    { completedMs: START + 5000, error: "failed to copy: context canceled" },
  ];
  for (const end of ends) {
    const { reports, names } = told();
    for (const each of [guess("run 2"), guess("run 3"), report("last", end)]) reports.push(each);
    expect(names).toEqual(["run 2 cached", "run 3 cached", end.cached ? "last cached" : "last"]);
  }
});

test("while the step below runs, those above it are cached once it has surely begun", () => {
  const { reports, names } = told();
  reports.push(guess("run 2"));
  reports.push(report("last", {}));
  expect(names).toEqual(["last"]);
  vi.advanceTimersByTime(1000);
  expect(names).toEqual(["last", "run 2 cached"]);
  reports.push(report("last", { completedMs: START + 900, error: "killed" }));
  expect(names).toEqual(["last", "run 2 cached", "last"]);
});

test("a start that is taken back at once says nothing of what is above", () => {
  const { reports, names } = told();
  reports.push(guess("run 2"));
  reports.push(report("copy", {}));
  reports.push(report("copy", { completedMs: START + 0.01, error: "not found" }));
  vi.advanceTimersByTime(1000);
  expect(names).toEqual(["copy", "copy"]);
});
