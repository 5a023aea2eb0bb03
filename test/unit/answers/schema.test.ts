import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SCHEMA_FILE, schemaText } from "../../../scripts/schema.ts";
import { validatorOf } from "../../support/json-schema.ts";

test("docs/bktui.schema.json is what npm run schema writes", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(schemaText());
});

test("a line is valid, and one with a field that is not described or of another type is not", () => {
  const problemsOf = validatorOf(JSON.parse(schemaText()) as object);
  const head = { v: 1, at: 1_700_000_000_000 };
  const ended = { ...head, type: "ended", exitCode: 0 };
  expect(problemsOf(ended)).toEqual([]);
  expect(problemsOf({ ...ended, words: "fine" })).not.toEqual([]);
  expect(problemsOf({ ...ended, exitCode: "0" })).not.toEqual([]);
  expect(problemsOf({ ...ended, v: 2 })).not.toEqual([]);
  const answer = { ...head, type: "answer", id: 7, ok: true, result: { kind: "nothing" } };
  expect(problemsOf(answer)).toEqual([]);
  expect(problemsOf({ ...answer, error: { code: "io", message: "", remedies: [] } })).not.toEqual([]);
  expect(problemsOf({ ...answer, result: { kind: "unheard-of" } })).not.toEqual([]);
});
