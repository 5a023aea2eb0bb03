import { expect, test } from "vitest";
import { sourceChanges, type Text } from "../../../../src/dap/state/sources.ts";

const OWN: Text = { source: { name: "Dockerfile", path: "/app/Dockerfile" }, text: "FROM a\n", before: 0 };
const LINKED: Text = { source: { name: "base/Dockerfile", sourceReference: 2 }, text: "FROM b\n", before: 3 };
const OTHER: Text = { source: { name: "tool/Dockerfile", sourceReference: 2 }, text: "FROM b\n", before: 3 };

test.each([
  ["the first ones are new", [], [OWN, LINKED], ["new Dockerfile", "new base/Dockerfile"]],
  ["the same ones are nothing to tell", [OWN, LINKED], [{ ...OWN }, { ...LINKED, before: 9 }], []],
  ["another text is changed", [OWN, LINKED], [OWN, { ...LINKED, text: "" }], ["changed base/Dockerfile"]],
  ["another one under the same number is changed", [OWN, LINKED], [OWN, OTHER], ["changed tool/Dockerfile"]],
  ["what is no part any more is removed", [OWN, LINKED], [OWN], ["removed base/Dockerfile"]],
  ["one that joins is new", [OWN], [OWN, LINKED], ["new base/Dockerfile"]],
])("of the texts of a build that was read again, %s", (_name, former, now, expected) => {
  const told = sourceChanges(former, now).map(({ reason, source }) => `${reason} ${source.name}`);
  expect(told).toEqual(expected);
});
