import { expect, test } from "vitest";
import { endWords, failureWords, recordName } from "../../../../src/console/records/record-words.ts";
import type { BuildRecord } from "../../../../src/engine/record.ts";
import { lineOf } from "../../../../src/graph/graph.ts";

const RECORD: BuildRecord = {
  ref: "abc",
  status: "failed",
  attributes: {},
  exporters: [],
  startedMs: 1000,
  completedMs: 2500,
  error: 'process "/bin/sh -c false" did not complete successfully: exit code: 1',
  steps: { total: 5, completed: 4, cached: 2 },
  warnings: 0,
  logs: undefined,
  failure: undefined,
  platform: undefined,
  places: undefined,
};

test.each<[Partial<BuildRecord>, string]>([
  [{}, "Dockerfile"],
  [{ places: { context: "/a/api", dockerfile: "" } }, "api"],
  [{ places: { context: "/a/api", dockerfile: "/a/api/Dockerfile" } }, "api"],
  [
    { places: { context: "/a/api", dockerfile: "/a/api/x/Df" }, attributes: { target: "app" } },
    "api/x/Df (app)",
  ],
  [{ places: { context: "/a/api", dockerfile: "/b/Df" } }, "api/Df"],
  [{ places: { context: "-", dockerfile: "-" } }, "Dockerfile"],
  [{ attributes: { context: "https://me:word@h/r.git#main", target: "t" } }, "https://***@h/r.git#main (t)"],
  [{ attributes: { context: "http://buildkit-session/x", filename: "Df" } }, "a tar: Df"],
  [{ attributes: { "build-arg:BUILDKIT_BUILD_NAME": "mine", target: "t" } }, "mine"],
])("%j is called %s", (part, name) => {
  expect(recordName({ ...RECORD, ...part })).toBe(name);
});

test("how it ended and why is said in short", () => {
  expect(endWords(RECORD)).toBe("failed after 1.5s, 4 of 5 steps, 2 cached");
  expect(endWords({ ...RECORD, status: "running", completedMs: undefined })).toBe(
    "running, 4 of 5 steps, 2 cached",
  );
  expect(failureWords(RECORD, undefined)).toBe(RECORD.error);
  const ranges = [{ source: 0, start: lineOf(2), end: lineOf(2) }];
  const sources = [{ filename: "Df", text: "FROM a\n RUN false\n", ranges }];
  const failure = { message: RECORD.error, vertex: undefined, exitCode: 1, sources };
  expect(failureWords(RECORD, failure)).toBe("Df:2: exit code 1: RUN false");
  expect(failureWords(RECORD, { ...failure, exitCode: undefined, message: "no such file" })).toBe(
    "Df:2: no such file: RUN false",
  );
});
