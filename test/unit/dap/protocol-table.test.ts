import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isRefused, isTrue, TABLE_FILE, tableText, testsByName } from "../../../scripts/dap-table.ts";
import { ARGUMENTS, type RequestName } from "../../../src/dap/requests/arguments.ts";
import { CAPABILITY_FIELDS } from "../../support/dap-schema.ts";

const REQUESTS = Object.keys(ARGUMENTS) as RequestName[];
const tests = testsByName();

test("docs/dap-protocol.md is what npm run dap-table makes", () => {
  expect(readFileSync(TABLE_FILE, "utf8")).toBe(tableText());
});

test("every request that is answered, and every capability that holds, has a file of tests that says so", () => {
  expect(REQUESTS.filter((name) => !isRefused(name) && !tests.has(name))).toEqual([]);
  expect(CAPABILITY_FIELDS.filter((name) => isTrue(name) && !tests.has(name))).toEqual([]);
});

test("at least 30 capabilities hold, and what tests cover are names of the protocol", () => {
  expect(CAPABILITY_FIELDS.filter(isTrue).length).toBeGreaterThanOrEqual(30);
  const known: readonly string[] = [...REQUESTS, ...CAPABILITY_FIELDS];
  expect([...tests.keys()].filter((name) => !known.includes(name))).toEqual([]);
});
