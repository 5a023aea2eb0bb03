/** Definitions written down: the same as they were read, but for the session of a frontend's build. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pb } from "#proto";
import { compilePlan } from "../../../demo/plan/compile.ts";
import { dotOf, mermaidOf } from "../../../src/graph/drawings.ts";
import { decodeDefinition, digestOfOp } from "../../../src/protocol/llb.ts";
import { describedOp, marshalledDefinition } from "../../../src/protocol/llb-dump.ts";
import { inSession } from "../../../src/protocol/llb-session.ts";

const plan = readFileSync(new URL("../../../demo/plan/plan.json", import.meta.url), "utf8");
const { definition } = compilePlan(plan);
const again = (bytes: Uint8Array) => decodeDefinition(pb.Definition.decode(bytes));

test("what was read is written as it was, with names and places", () => {
  const graph = again(definition);
  expect(again(marshalledDefinition(graph))).toEqual(graph);
});

test("the session of a directory is left out, and what is unknown of an op is kept", () => {
  const attrs = { "local.session": "gone", "local.followpaths": "[]" };
  // Field 11, which bktui does not know.
  const local = Buffer.concat([
    pb.Op.encode({ source: { identifier: "local://context", attrs } }).finish(),
    Uint8Array.of(0x5a, 0x02, 0x0a, 0x00),
  ]);
  const inputs = [{ digest: digestOfOp(local), index: 0 }];
  const copy = pb.Op.encode({
    inputs,
    file: { actions: [{ input: -1, secondaryInput: 0, output: 0, copy: { src: "/a", dest: "/b" } }] },
  }).finish();
  const graph = again(
    pb.Definition.encode({
      def: [local, copy, pb.Op.encode({ inputs: [{ digest: digestOfOp(copy), index: 0 }] }).finish()],
      metadata: {
        [digestOfOp(copy)]: pb.OpMetadata.encode({ description: { "llb.customname": "copy" } }).finish(),
      },
    }).finish(),
  );
  const written = again(marshalledDefinition(graph));
  const [source, file] = [...written.vertices.values()];
  expect(pb.Op.decode(source?.bytes ?? local).source?.attrs).toEqual({ "local.followpaths": "[]" });
  expect(Buffer.from(source?.bytes ?? []).includes(Buffer.from([0x5a, 0x02, 0x0a, 0x00]))).toBe(true);
  expect(file).toMatchObject({ name: "copy", inputs: [{ vertex: source?.digest, output: 0 }] });
  expect(written.result?.vertex).toBe(file?.digest);
  const [served] = [...inSession(graph, "mine").vertices.values()];
  expect(pb.Op.decode(served?.bytes ?? local).source?.attrs).toEqual({ ...attrs, "local.session": "mine" });
});

test("an op is described without what its vertex says already", () => {
  const bake = [...again(definition).vertices.values()].find(({ name }) => name === "bake the bread");
  expect(bake && describedOp(bake)).toMatchObject({
    op: { exec: { meta: { args: ["/bin/sh", "-c", "sh bake.sh shelf"] } } },
    description: { "llb.customname": "bake the bread" },
    caps: [],
  });
});

test("drawings have every vertex and edge, and names cannot leave their quotes", () => {
  const graph = again(definition);
  const count = graph.vertices.size;
  const edges = [...graph.vertices.values()].flatMap(({ inputs }) => inputs).length;
  const evil = 'a"];\nn9 -> n1 \\" \u001b[2J <script> `x` # ]) %% ; }';
  const named = {
    ...graph,
    vertices: new Map([...graph.vertices].map(([key, each]) => [key, { ...each, name: evil }])),
  };
  const dot = dotOf(named).split("\n");
  expect(
    dot.filter((line) => /^ {2}n\d+ \[label="exec|^ {2}n\d+ \[label="(file|source)/.test(line)),
  ).toHaveLength(count);
  expect(dot.filter((line) => /^ {2}n\d+ -> n\d+/.test(line))).toHaveLength(edges);
  expect(dot[3]).toContain('a\\"];');
  const mermaid = mermaidOf(named).split("\n");
  expect(mermaid).toHaveLength(1 + count + edges);
  // Of the label nothing is left that means something: one pair of quotes, and codes.
  expect(mermaid[1]).toMatch(/^ {2}n1\(\["[^"<>`]*"\]\)$/);
  expect([dot, mermaid].join("")).not.toContain("\u001b");
});
