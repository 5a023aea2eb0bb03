import { expect, test } from "vitest";
import { joinedLogs, partOfLog } from "../../../src/console/log-lines.ts";
import type { LogLine, LogView } from "../../../src/debugger/progress/progress-store.ts";
import type { Digest } from "../../../src/graph/graph.ts";

function logOf(texts: readonly string[], first = 0): LogView {
  const line = (index: number): LogLine | undefined => {
    const text = index < first ? undefined : texts[index];
    return text === undefined ? undefined : { vertex: "sha256:0" as Digest, stream: "stdout", atMs: 0, text };
  };
  return { first, end: texts.length, line };
}

const LOG = logOf(["a", "b", "c", "d", "e"]);
const numbers = ({ lines }: ReturnType<typeof partOfLog>): readonly number[] =>
  lines.map(({ index }) => index + 1);

test.each([
  [{}, { numbers: [1, 2, 3, 4, 5], before: 0, after: 0 }],
  [{ count: 2 }, { numbers: [4, 5], before: 3, after: 0 }],
  [{ from: 2 }, { numbers: [2, 3, 4, 5], before: 1, after: 0 }],
  [
    { from: 2, count: 2 },
    { numbers: [2, 3], before: 1, after: 2 },
  ],
  [{ pattern: "[bd]" }, { numbers: [2, 4], before: 0, after: 0, matches: 2 }],
  [
    { pattern: "[abd]", count: 1 },
    { numbers: [4], before: 2, after: 0, matches: 3 },
  ],
  [
    { pattern: "[abd]", from: 2, count: 1 },
    { numbers: [2], before: 0, after: 1, matches: 2 },
  ],
  [{ from: 9 }, { numbers: [], before: 5, after: 0 }],
])("%j of five lines", (query, expected) => {
  const part = partOfLog(LOG, query);
  expect({ numbers: numbers(part), before: part.before, after: part.after, matches: part.matches }).toEqual({
    matches: undefined,
    ...expected,
  });
});

test("lines that are not kept are counted, and logs of several vertices are one", () => {
  expect(partOfLog(logOf(["a", "b", "c"], 2), {})).toMatchObject({
    lost: 2,
    before: 0,
    lines: [{ index: 2 }],
  });
  const joined = joinedLogs([logOf(["a"]), logOf(["b", "c"])]);
  expect(partOfLog(joined, {}).lines.map(({ line }) => line.text)).toEqual(["a", "b", "c"]);
});
