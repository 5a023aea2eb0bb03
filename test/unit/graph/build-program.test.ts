import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/graph/build-program.ts";
import type { Program } from "../../../src/graph/program.ts";
import {
  digestOf,
  edgeOf,
  FX_TEXT,
  FX_VERTICES,
  fxProgram,
  makeGraph,
  makeProgram,
} from "../../support/graphs.ts";

function stepList(program: Program): readonly string[] {
  return program.steps.map((step) => `${step.stage}:${step.start}-${step.end} ${step.text}`);
}

function stopList(program: Program): readonly string[] {
  return program.stops.map((stop) => `${stop.kind} ${stop.step + 1} ${stop.stage}:${stop.line}`);
}

describe("buildProgram", () => {
  it("puts steps in file order and a stop before each and at the end of each stage", () => {
    const program = fxProgram();
    expect(program.steps.map(({ start }) => start)).toEqual([2, 3, 5, 6, 8, 9, 10, 11]);
    expect(stopList(program)).toEqual([
      "before 1 base:2",
      "before 2 base:3",
      "end 2 base:3",
      "before 3 lib:5",
      "before 4 lib:6",
      "end 4 lib:6",
      "before 5 app:8",
      "before 6 app:9",
      "before 7 app:10",
      "before 8 app:11",
      "end 8 app:11",
    ]);
    expect(program.entry).toBe(0);
  });

  it("knows base, result and needed stages of a step", () => {
    const program = fxProgram();
    const copy = program.steps[5];
    expect(copy?.base).toEqual(edgeOf("dir"));
    expect(copy?.result).toEqual(edgeOf("copy"));
    expect(copy?.needs).toEqual(["lib"]);
    expect(program.steps[2]?.needs).toEqual(["base"]);
    expect(program.steps[0]?.base).toBeUndefined();
    expect(program.stages.map(({ name, usedBy }) => [name, usedBy])).toEqual([
      ["base", ["lib", "app"]],
      ["lib", ["app"]],
      ["app", []],
    ]);
  });

  it("makes one step of the vertices of COPY --link, whose base is the root it merges onto", () => {
    const program = makeProgram("FROM busybox\nCOPY --link a /a\nRUN true\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "context", kind: "source" },
      { id: "file", kind: "file", uses: ["context"], at: [2], group: "g" },
      { id: "merge", kind: "merge", on: "image", uses: ["file"], at: [2], group: "g" },
      { id: "run", on: "merge", at: [3] },
    ]);
    expect(stepList(program)).toEqual([
      "stage-0:1-1 FROM busybox",
      "stage-0:2-2 COPY --link a /a",
      "stage-0:3-3 RUN true",
    ]);
    expect(program.steps[1]?.vertices).toEqual([digestOf("file"), digestOf("merge")]);
    expect(program.steps[1]?.base).toEqual(edgeOf("image"));
    expect(program.steps[1]?.result).toEqual(edgeOf("merge"));
  });

  it("gives ONBUILD triggers steps of their own at the FROM line", () => {
    const program = makeProgram("FROM node:onbuild\nRUN ls\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "mkdir", kind: "file", on: "image", at: [1], name: "[2/4] ONBUILD WORKDIR /src" },
      { id: "npm", on: "mkdir", at: [1], name: "[3/4] ONBUILD RUN npm install" },
      { id: "ls", on: "npm", at: [2] },
    ]);
    expect(stepList(program)).toEqual([
      "stage-0:1-1 FROM node:onbuild",
      "stage-0:1-1 ONBUILD WORKDIR /src",
      "stage-0:1-1 ONBUILD RUN npm install",
      "stage-0:2-2 RUN ls",
    ]);
    expect(program.steps.map(({ instruction }) => instruction)).toEqual(["FROM", "WORKDIR", "RUN", "RUN"]);
  });

  it("makes one step of identical instructions, at the first place", () => {
    const program = makeProgram(
      "FROM busybox AS a\nRUN same\nFROM busybox AS b\nRUN same\nRUN other\nFROM a\nCOPY --from=b / /\n",
      [
        { id: "image", kind: "source", at: [1, 3] },
        { id: "same", on: "image", at: [2, 4] },
        { id: "other", on: "same", at: [5] },
        { id: "copy", kind: "file", on: "same", uses: ["other"], at: [7] },
      ],
    );
    expect(stepList(program)).toEqual([
      "a:1-1 FROM busybox AS a",
      "a:2-2 RUN same",
      "b:5-5 RUN other",
      "stage-2:7-7 COPY --from=b / /",
    ]);
    expect(program.steps.map(({ alsoAt }) => alsoAt.map(({ start }) => start))).toEqual([[3], [4], [], []]);
    expect(program.steps[2]?.needs).toEqual([]);
    expect(program.steps[3]?.needs).toEqual(["a", "b"]);
  });

  it("keeps FROM lines that touch apart", () => {
    const program = makeProgram("FROM busybox AS a\nFROM busybox AS b\nRUN x\n", [
      { id: "image", kind: "source", at: [1, 2] },
      { id: "x", on: "image", at: [3] },
    ]);
    expect(stepList(program)).toEqual(["a:1-1 FROM busybox AS a", "b:3-3 RUN x"]);
    expect(program.steps[1]?.needs).toEqual([]);
  });

  it("keeps an image that COPY --from names within the COPY", () => {
    const text = "FROM scratch AS a\nCOPY --from=busybox /bin /bin\nFROM busybox\nCOPY --from=a / /x\n";
    const lone = makeProgram(text, [
      { id: "image", kind: "source", at: [2] },
      { id: "copy", kind: "file", uses: ["image"], at: [2] },
    ]);
    expect(lone.steps.map(({ vertices }) => vertices)).toEqual([[digestOf("image"), digestOf("copy")]]);
    const shared = makeProgram(text, [
      { id: "image", kind: "source", at: [2, 3] },
      { id: "copy", kind: "file", uses: ["image"], at: [2] },
      { id: "copy2", kind: "file", on: "image", uses: ["copy"], at: [4] },
    ]);
    expect(shared.steps.map(({ start, vertex }) => [start, vertex])).toEqual([
      [2, digestOf("copy")],
      [4, digestOf("copy2")],
    ]);
  });

  it("folds continuations, comments and blank lines; heredoc bodies stay out of the text", () => {
    const text =
      "# escape=`\r\nFROM scratch\r\nRUN one `\r\n  # why\r\n\r\n  && two\r\nRUN <<E sh\r\nFROM x\r\nE\r\n";
    const program = makeProgram(text, [
      { id: "one", at: [3, 4, 5, 6] },
      { id: "doc", on: "one", at: [7, 8, 9] },
    ]);
    expect(stepList(program)).toEqual(["stage-0:3-6 RUN one && two", "stage-0:7-9 RUN <<E sh"]);
  });

  it("believes the source map where the text parser is wrong", () => {
    const text = 'FROM scratch AS a\nRUN cat <<"E OF"\nFROM q AS b\nE OF\nRUN next\n';
    const program = makeProgram(text, [
      { id: "doc", at: [2, 3, 4] },
      { id: "next", on: "doc", at: [5] },
    ]);
    expect(program.stages.map(({ name, end }) => [name, end])).toEqual([["a", 5]]);
    expect(program.instructions.map(({ keyword, start, end }) => [keyword, start, end])).toEqual([
      ["FROM", 1, 1],
      ["RUN", 2, 4],
      ["RUN", 5, 5],
    ]);
  });

  it("numbers stages without a name as BuildKit does and lists those the target does not need", () => {
    const program = makeProgram(
      "\ufeffFROM scratch\nCOPY a /\nFROM scratch AS Unused\nCOPY b /\nFROM scratch\nCOPY c /\n",
      [
        { id: "a", kind: "file", at: [2] },
        { id: "c", kind: "file", uses: ["a"], at: [6] },
      ],
    );
    expect(program.stages.map(({ name, steps }) => [name, steps.length])).toEqual([
      ["stage-0", 1],
      ["unused", 0],
      ["stage-2", 1],
    ]);
  });

  it("ends a stage after its last instruction, run or not", () => {
    const program = makeProgram("FROM scratch\nCOPY a /\nCMD a\n\n# next\nFROM scratch\nCOPY b /\n", [
      { id: "a", kind: "file", at: [2] },
      { id: "b", kind: "file", uses: ["a"], at: [7] },
    ]);
    expect(stopList(program)[1]).toBe("end 1 stage-0:3");
  });

  it("lists the vertices of a definition without source map", () => {
    const program = buildProgram(
      makeGraph(undefined, [
        { id: "context", kind: "source", name: "[internal] load" },
        { id: "image", kind: "source", name: "docker-image://busybox" },
        { id: "run", on: "image", name: "make\nall" },
      ]),
      "raw.llb",
    );
    expect(stepList(program)).toEqual([
      "docker-image-busybox:2-2 source docker-image://busybox",
      "docker-image-busybox:3-4 exec make all",
    ]);
    expect(program.form).toBe("listing");
    expect(stopList(program).at(-1)).toBe("end 2 docker-image-busybox:4");
  });

  it("has no stops for FROM scratch alone", () => {
    const program = makeProgram("FROM scratch\n", []);
    expect(program.stops).toEqual([]);
    expect(program.stages).toHaveLength(1);
  });

  it("takes the file named, among several sources", () => {
    const graph = makeGraph(FX_TEXT, FX_VERTICES);
    const other = { filename: "other.hcl", text: "x\n", language: "HCL" };
    const sources = [other, ...graph.sources];
    const vertices = new Map(
      [...graph.vertices].map(([digest, vertex]) => [
        digest,
        { ...vertex, ranges: vertex.ranges.map((range) => ({ ...range, source: 1 })) },
      ]),
    );
    expect(buildProgram({ ...graph, vertices, sources }, "Dockerfile").steps).toEqual(fxProgram().steps);
  });

  it("takes about ten times as long for ten times as many instructions", () => {
    const costOf = (count: number): number => {
      const text = `FROM scratch\n${"RUN echo hello \\\n  world\n".repeat(count)}`;
      const graph = makeGraph(
        text,
        Array.from({ length: count }, (_, index) => ({
          id: `v${index}`,
          ...(index === 0 ? {} : { on: `v${index - 1}` }),
          at: [index * 2 + 2, index * 2 + 3],
        })),
      );
      // Processor time: other work on the machine does not count.
      const before = process.cpuUsage();
      const program = buildProgram(graph, "Dockerfile");
      const { user } = process.cpuUsage(before);
      expect(program.steps).toHaveLength(count);
      expect(program.steps[count - 1]?.text).toBe("RUN echo hello world");
      return user;
    };
    costOf(1000);
    // What looks at all others for each one takes a hundred times as long.
    expect(costOf(10_000) / costOf(1000)).toBeLessThan(40);
  });

  it("owns every located vertex exactly once, whatever the text and the ranges are", () => {
    const word = fc.constantFrom(
      "FROM a AS b",
      "FROM busybox",
      "RUN x \\",
      "  y",
      "RUN <<E",
      "E",
      "",
      "# c",
      "COPY a b",
      "ONBUILD RUN",
      "FROM",
      "\\",
      "ARG X=${",
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 12 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 3 }), fc.boolean()), {
          maxLength: 6,
        }),
        (lines, located) => {
          const graph = makeGraph(
            lines.join("\n"),
            located.map(([start, more, isSource], index) => ({
              id: `${index}`,
              kind: isSource ? ("source" as const) : ("exec" as const),
              ...(index === 0 ? {} : { on: `${index - 1}` }),
              at: [[start, start + more] as const],
            })),
          );
          const program = buildProgram(graph, "Dockerfile");
          const owned = program.steps.flatMap(({ vertices }) => vertices);
          expect([...owned].sort()).toEqual([...graph.vertices.keys()].sort());
        },
      ),
      { numRuns: 150 },
    );
  });
});
