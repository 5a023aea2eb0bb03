import { expect, test } from "vitest";
import { architectureOf, installCommands, withoutEmulation } from "../../../src/graph/emulation.ts";
import { makeGraph } from "../../support/graphs.ts";

function graphFor(platforms: readonly string[]) {
  const graph = makeGraph("FROM scratch\n", [
    { id: "copy", kind: "file" },
    ...platforms.map((_, index) => ({ id: `run-${index}` })),
  ]);
  const vertices = [...graph.vertices].map(([digest, vertex], index) => {
    return [digest, { ...vertex, platform: platforms[index - 1] ?? "linux/s390x" }] as const;
  });
  return { vertices: new Map(vertices) };
}

test("commands for a processor that the engine does not list are counted, and nothing else", () => {
  const graph = graphFor(["linux/arm64", "linux/amd64", "linux/arm64", "linux/amd64/v3"]);
  expect(withoutEmulation(graph, ["amd64"])).toEqual([{ platform: "linux/arm64", commands: 2 }]);
  expect(withoutEmulation(graph, ["amd64", "arm64"])).toEqual([]);
  expect(withoutEmulation(graph, [])).toEqual([]);
});

test("a processor that runs an older one's programs needs none for them", () => {
  expect(withoutEmulation(graphFor(["linux/386", "linux/arm/v7"]), ["amd64"])).toEqual([
    { platform: "linux/arm/v7", commands: 1 },
  ]);
});

test("nothing of a name that is none gets into a command", () => {
  expect(["linux/arm64/v8", "linux", "linux/a;b", "linux/$(x)"].map(architectureOf)).toEqual([
    "arm64",
    undefined,
    undefined,
    undefined,
  ]);
  expect(installCommands("arm64").docker).toBe(
    "docker run --privileged --rm tonistiigi/binfmt --install arm64",
  );
});
