/** The demo's compiler of build plans: what it writes is a definition with names and places, and a bad plan is told with its line. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pb } from "#proto";
import { compilePlan } from "../../../demo/plan/compile.ts";
import { decodeDefinition } from "../../../src/protocol/llb.ts";

const plan = readFileSync(new URL("../../../demo/plan/plan.json", import.meta.url), "utf8");

test("the demo's plan becomes a definition whose commands have their names and lines", () => {
  const { definition, imageConfig } = compilePlan(plan, { fileName: "plan.json", architecture: "amd64" });
  const graph = decodeDefinition(pb.Definition.decode(definition));
  const bake = [...graph.vertices.values()].find(({ name }) => name === "bake the bread");
  expect(bake).toMatchObject({ kind: "exec", inputs: [{ output: 0 }] });
  const [range] = bake?.ranges ?? [];
  expect(plan.split("\n")[(range?.start ?? 0) - 1]).toContain("bake the bread");
  expect(graph.sources).toMatchObject([{ filename: "plan.json", text: plan, language: "JSON" }]);
  // The same image is loaded once.
  expect([...graph.vertices.values()].filter(({ kind }) => kind === "source")).toHaveLength(2);
  expect(imageConfig).toMatchObject({ architecture: "amd64", config: { WorkingDir: "/srv" } });
  expect(compilePlan(plan, { architecture: "amd64" }).definition).toEqual(definition);
});

test.each([
  ["FROM busybox\n", /^x\.json:1: no JSON/],
  ['{\n"steps": [],\n"deploy": 1}', /^x\.json:3: this must be an object/],
  ['{"steps": []}', /^x\.json:1: "deploy" is missing/],
  ['{"steps": [],\n "deploy": {"base": {"step": "a"}, "start": "x"}}', /^x\.json:2: there is no step "a"/],
  [
    '{"steps": [\n{"name": "a", "inputs": [{"step": "a"}]}],\n "deploy": {"base": {"step": "a"}, "start": "x"}}',
    /^x\.json:2: step "a" needs itself/,
  ],
])("a bad plan is refused with its line: %j", (text, message) => {
  expect(() => compilePlan(text, { fileName: "x.json" })).toThrow(message);
});
