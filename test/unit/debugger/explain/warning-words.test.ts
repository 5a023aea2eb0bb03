import { expect, test } from "vitest";
import {
  ruleOf,
  warningLines,
  warningsAt,
  warningsOf,
  warningsOfStep,
} from "../../../../src/debugger/explain/warning-words.ts";
import type { Warning } from "../../../../src/debugger/progress/progress-store.ts";
import { lineOf } from "../../../../src/graph/graph.ts";

function warned(text: string, start?: number, more: Partial<Warning> = {}): Warning {
  const ranges = start === undefined ? [] : [{ source: 0, start: lineOf(start), end: lineOf(start + 1) }];
  return { text, ranges, ...more };
}

const casing = { detail: ["Match the case"], url: "https://docs.example/casing/" };
const all = [
  warned("JSONArgsRecommended: use JSON (line 9)", 9),
  warned("FromAsCasing: no match (line 4)", 4, casing),
  warned("FromAsCasing: no match", 2, casing),
  warned("the context is large"),
];

test("warnings are told in the order of the file, with their lines, and what a rule asks for once", () => {
  expect(warningLines(all)).toEqual([
    "warning: the context is large",
    "warning: FromAsCasing: no match (line 2)",
    "  Match the case",
    "  https://docs.example/casing/",
    "warning: FromAsCasing: no match (line 4)",
    "warning: JSONArgsRecommended: use JSON (line 9)",
  ]);
});

test("a warning belongs to its lines, to the step that has one of them, and to its rule", () => {
  expect([1, 2, 3, 4, 5, 6].map((line) => warningsAt(line, all).length)).toEqual([0, 1, 1, 1, 1, 0]);
  expect(warningsOfStep({ start: lineOf(3), end: lineOf(4) }, all)).toEqual([all[1], all[2]]);
  expect(warningsOf(["FromAsCasing"], all)).toEqual([all[2], all[1]]);
  expect(all.map(ruleOf)).toEqual(["JSONArgsRecommended", "FromAsCasing", "FromAsCasing", undefined]);
});
