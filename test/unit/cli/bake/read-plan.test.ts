import { expect, test } from "vitest";
import { readList, readPlan } from "../../../../src/cli/bake/read-plan.ts";

test("groups are resolved to targets, each once; what others are built from is not among them", () => {
  const plan = {
    group: { default: { targets: ["all", "web"] }, all: { targets: ["web", "tool"] } },
    target: { base: {}, web: {}, tool: {} },
  };
  expect(readPlan(JSON.stringify(plan)).asked).toEqual(["web", "tool"]);
  expect(readPlan('{"group":{"default":{"targets":["default"]}},"target":{"default":{}}}').asked).toEqual([
    "default",
  ]);
});

test("what is no plan is refused, and what is no list is none", () => {
  expect(() => readPlan("#1 reading")).toThrow(/printed no JSON/);
  expect(readList("TARGET DESCRIPTION")).toBeUndefined();
  expect(readList('[{"name":"web","description":"x"},{"name":"all","group":true}]')).toEqual([
    { name: "web", description: "x", isGroup: false },
    { name: "all", description: "", isGroup: true },
  ]);
});
