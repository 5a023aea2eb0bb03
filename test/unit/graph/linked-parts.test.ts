import { describe, expect, test } from "vitest";
import { buildProgram } from "../../../src/graph/build-program.ts";
import { cutsOf } from "../../../src/graph/cuts.ts";
import { type Graph, lineOf, type Vertex } from "../../../src/graph/graph.ts";
import { linkedAt, ownStages, ownText } from "../../../src/graph/linked-parts.ts";
import type { Program } from "../../../src/graph/program.ts";
import { stageNamed, stepsAt } from "../../../src/graph/source-map.ts";
import { unneededStages } from "../../../src/graph/step-graph.ts";
import { digestOf, makeGraph, type VertexSpec } from "../../support/graphs.ts";

const OWN = "FROM base\nRUN own\nFROM busybox\nCOPY --from=0 a b";
const BASE = "# base\nFROM busybox AS tools\nRUN tools\n\nFROM tools\nRUN base\n";

/** As frontends give it: the linked target's operations and file first. The image is named in both files. */
function linkedProgram(): Program {
  const specs: readonly (VertexSpec & { readonly in: readonly number[] })[] = [
    { id: "image", kind: "source", at: [2, 3], in: [0, 1] },
    { id: "tools", on: "image", at: [3], in: [0] },
    { id: "base", on: "tools", at: [6], in: [0] },
    { id: "own", on: "base", at: [2], in: [1] },
    { id: "copy", kind: "file", on: "image", uses: ["own"], at: [4], in: [1] },
  ];
  const graph = makeGraph(OWN, specs);
  const vertices = specs.map(({ id, in: sources }): [Vertex["digest"], Vertex] => {
    const vertex = graph.vertices.get(digestOf(id));
    if (vertex === undefined) throw new Error(id);
    const ranges = vertex.ranges.map((range, index) => ({ ...range, source: sources[index] ?? 0 }));
    return [vertex.digest, { ...vertex, ranges }];
  });
  const file = { filename: "Dockerfile", language: "Dockerfile" };
  const sources: Graph["sources"] = [
    { ...file, text: BASE, target: "base" },
    { ...file, text: OWN },
  ];
  const linked = [{ name: "base", request: {} }];
  return buildProgram({ ...graph, vertices: new Map(vertices), sources }, "Dockerfile", { linked });
}

describe("a build with a linked target", () => {
  const program = linkedProgram();

  test("has one text, its own first, and the steps in the order in which they run", () => {
    expect(program.text).toBe(`${OWN}\n\n# Target base: Dockerfile\n${BASE}`);
    expect(program.steps.map(({ text, start, stage }) => [text, start, stage])).toEqual([
      ["FROM busybox AS tools", 8, "base.tools"],
      ["RUN tools", 9, "base.tools"],
      ["RUN base", 12, "base"],
      ["RUN own", 2, "stage-0"],
      ["COPY --from=0 a b", 4, "stage-1"],
    ]);
    expect(program.linked).toEqual([
      { target: "base", filename: "Dockerfile", source: 0, before: 6, end: 12 },
    ]);
  });

  test("has the stages of all files, and knows which are its own", () => {
    expect(ownStages(program).map(({ name }) => name)).toEqual(["stage-0", "stage-1"]);
    expect(stageNamed(program, "base")?.steps).toEqual([2]);
    expect(stageNamed(program, "1")?.name).toBe("stage-1");
    expect(program.steps.map(({ needs }) => needs)).toEqual([[], [], ["base.tools"], ["base"], ["stage-0"]]);
    expect([...unneededStages(program, undefined)]).toEqual([]);
    expect(program.stages.filter(({ isNamed }) => isNamed)).toEqual([]);
  });

  test("has an image that two files name once, with both its places", () => {
    expect(program.steps[0]?.alsoAt).toEqual([{ kind: "twin", start: 3, end: 3 }]);
    expect(stepsAt(program, lineOf(3)).map(({ text }) => text)).toEqual(["FROM busybox AS tools"]);
  });

  test("counts back to the lines of a file where those are needed", () => {
    expect(ownText(program)).toBe(`${OWN}\n`);
    expect([4, 5, 6, 7, 12, 13].map((line) => linkedAt(program, lineOf(line))?.target)).toEqual([
      undefined,
      undefined,
      undefined,
      "base",
      "base",
      undefined,
    ]);
    const cuts = cutsOf(program);
    expect(cuts.get(digestOf("base"))).toMatchObject({ before: { keep: 5 }, after: { keep: 7 }, source: 0 });
    expect(cuts.get(digestOf("own"))).toMatchObject({ before: { keep: 1 }, after: { keep: 2 } });
    expect(cuts.get(digestOf("own"))?.source).toBeUndefined();
  });
});
