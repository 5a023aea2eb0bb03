import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pb } from "#proto";
import type { Graph, Vertex } from "../../../src/graph/graph.ts";
import { closure } from "../../../src/graph/subgraph.ts";
import { decodeDefinition, encodeSubDefinition } from "../../../src/protocol/llb.ts";

const directory = fileURLToPath(new URL("../../fixtures/definitions/", import.meta.url));
const recorded = (name: string) => pb.Definition.decode(readFileSync(join(directory, `${name}.pb`)));
const all = readdirSync(directory).map((name) => name.replace(/\.pb$/, ""));

describe.each(all)("the recorded definition %s", (name) => {
  const definition = recorded(name);
  const graph = decodeDefinition(definition);

  test("has exactly the digests that the engine itself names", () => {
    const terminal = 1;
    expect(graph.vertices.size).toBe((definition.def?.length ?? 0) - terminal);
    const metadata = new Set(Object.keys(definition.metadata ?? {}));
    for (const digest of graph.vertices.keys()) expect(metadata).toContain(digest);
    const known = new Set<string>(graph.vertices.keys());
    for (const [digest, { locations }] of Object.entries(definition.Source?.locations ?? {})) {
      if ((locations ?? []).length > 0) expect(known).toContain(digest);
    }
  });

  test("gives every vertex a definition of its own, with the bytes as received", () => {
    for (const { digest, rootOutput } of graph.vertices.values()) {
      const edge = { vertex: digest, output: rootOutput };
      const sent = pb.Definition.decode(encodeSubDefinition(graph, edge));
      const again = decodeDefinition(sent);
      expect(again.result).toEqual(edge);
      expect([...again.vertices.keys()]).toEqual(closure(graph, edge));
      for (const vertex of again.vertices.values()) {
        expect(Buffer.compare(vertex.bytes, graph.vertices.get(vertex.digest)?.bytes ?? Buffer.of())).toBe(0);
        expect(vertex.metadata).toEqual(graph.vertices.get(vertex.digest)?.metadata);
      }
    }
  });
});

/** One line per located vertex: its name, its lines, and the vertex its root comes from. */
function outline(graph: Graph): string[] {
  const short = (vertex: Vertex | undefined): string => vertex?.name.replace(/\].*/, "]") ?? "scratch";
  return [...graph.vertices.values()]
    .filter(({ ranges }) => ranges.length > 0)
    .map((vertex) => {
      const base = vertex.rootInput === undefined ? undefined : vertex.inputs[vertex.rootInput];
      const from = base === undefined ? undefined : graph.vertices.get(base.vertex);
      return `${short(vertex)} ${vertex.ranges.map(({ start }) => start).join(",")} on ${short(from)}`;
    });
}

test("shared stages are what both engines make of them, but 20.10 forgets a place of identical instructions", () => {
  const lines = (right: string): string[] => [
    "[base 1/2] 3 on scratch",
    "[base 2/2] 4 on [base 1/2]",
    right,
    "[left 2/2] 9,10 on [right 1/2]",
    "[stage-4 1/3] 20 on [base 2/2]",
    "[right 2/2] 14 on [right 1/2]",
    "[stage-4 2/3] 21 on [stage-4 1/3]",
    "[stage-4 3/3] 22 on [stage-4 2/3]",
  ];
  expect(outline(decodeDefinition(recorded("multi-stage.dockerd-28.5")))).toEqual(
    lines("[right 1/2] 8,13 on [base 2/2]"),
  );
  expect(outline(decodeDefinition(recorded("multi-stage.dockerd-20.10")))).toEqual(
    lines("[right 1/2] 8 on [base 2/2]"),
  );
});

test.each(["28.5", "20.10"])("the mounts of a RUN come from where dockerd %s says", (version) => {
  const graph = decodeDefinition(recorded(`run-mounts.dockerd-${version}`));
  const mounts = [...graph.vertices.values()].flatMap(({ exec }) => exec?.mounts.slice(1) ?? []);
  expect(mounts.map(({ kind, dest, input, output }) => [kind, dest, input, output])).toEqual([
    ["secret", "/run/secrets/token", undefined, undefined],
    ["ssh", "/run/buildkit/ssh_agent.0", undefined, undefined],
    ["cache", "/var/cache", 1, undefined],
    ["bind", "/mnt", 1, undefined],
    ["bind", "/src", 1, undefined],
    ["tmpfs", "/tmp", undefined, undefined],
  ]);
});
