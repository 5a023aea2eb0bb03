import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/graph/build-program.ts";
import type { Program } from "../../../src/graph/program.ts";
import type { Asked } from "../../../src/graph/stage-texts.ts";
import { makeGraph, triggersProgram, type VertexSpec } from "../../support/graphs.ts";

function program(text: string, vertices: readonly VertexSpec[], asked: Asked = {}): Program {
  return buildProgram(makeGraph(text, vertices), "Dockerfile", asked);
}

/** E.g. "8 ONBUILD RUN x, trigger 6, twin 10". */
function places({ steps }: Program): readonly string[] {
  return steps.map(({ start, text, alsoAt }) =>
    [`${start} ${text}`, ...alsoAt.map((place) => `${place.kind} ${place.start}`)].join(", "),
  );
}

describe("triggers of a stage of the file", () => {
  it("stand at their FROM and at their ONBUILD, in each stage that is built from it", () => {
    expect(places(triggersProgram())).toEqual([
      "1 FROM busybox AS assets, twin 3",
      "2 RUN mkdir /a",
      "8 ONBUILD COPY --from=assets /a /w, trigger 4",
      "8 ONBUILD RUN test -e /w/x, trigger 6",
      "9 RUN ls",
      "10 ONBUILD COPY --from=assets /a /w, trigger 4",
      "10 ONBUILD RUN test -e /w/x, trigger 6",
      "11 RUN id",
      "12 COPY --from=site / /",
    ]);
  });

  it("are found through an ARG, with its default or a build argument", () => {
    const text =
      "ARG BASE=one\nFROM scratch AS one\nONBUILD RUN x\nFROM scratch AS two\nONBUILD RUN x\nFROM $BASE\nRUN y\n";
    const vertices: readonly VertexSpec[] = [
      { id: "x", at: [6], name: "[stage-2 1/2] ONBUILD RUN x" },
      { id: "y", on: "x", at: [7] },
    ];
    expect(places(program(text, vertices))[0]).toBe("6 ONBUILD RUN x, trigger 3");
    expect(places(program(text, vertices, { buildArgs: { BASE: "two" } }))[0]).toBe(
      "6 ONBUILD RUN x, trigger 5",
    );
  });

  it("do not come from a grandparent, nor from a later stage of the same name", () => {
    const text =
      "FROM scratch AS a\nONBUILD RUN x\nFROM a AS b\nONBUILD RUN x\nFROM b AS c\nRUN z\nFROM scratch AS b\nONBUILD RUN x\nFROM c\nRUN y\n";
    const found = program(text, [
      { id: "x", at: [3], name: "[b 1/1] ONBUILD RUN x" },
      { id: "x2", on: "x", at: [5], name: "[c 1/2] ONBUILD RUN x" },
      { id: "z", on: "x2", at: [6] },
      { id: "y", on: "z", at: [10] },
    ]);
    expect(places(found).slice(0, 2)).toEqual(["3 ONBUILD RUN x, trigger 2", "5 ONBUILD RUN x, trigger 4"]);
  });

  it("skip a WORKDIR that makes nothing, and know one that does", () => {
    const text = "FROM scratch AS a\nONBUILD WORKDIR /\nONBUILD WORKDIR /w\nONBUILD RUN x\nFROM a\nRUN y\n";
    const found = program(text, [
      { id: "w", kind: "file", at: [5], name: "[stage-1 1/3] ONBUILD WORKDIR /w" },
      { id: "x", on: "w", at: [5], name: "[stage-1 2/3] ONBUILD RUN x" },
      { id: "y", on: "x", at: [6] },
    ]);
    expect(places(found).slice(0, 2)).toEqual([
      "5 ONBUILD WORKDIR /w, trigger 3",
      "5 ONBUILD RUN x, trigger 4",
    ]);
  });

  it("know a WORKDIR with quotes or a variable, which its vertex has no more", () => {
    const text =
      'FROM scratch AS a\nARG D=/v\nONBUILD WORKDIR "/w"\nONBUILD WORKDIR $D\nONBUILD WORKDIR /x\nONBUILD RUN x\nFROM a\nRUN y\n';
    const found = program(text, [
      { id: "w", kind: "file", at: [7], name: "[stage-1 1/5] ONBUILD WORKDIR /w" },
      { id: "v", kind: "file", on: "w", at: [7], name: "[stage-1 2/5] ONBUILD WORKDIR /v" },
      { id: "wx", kind: "file", on: "v", at: [7], name: "[stage-1 3/5] ONBUILD WORKDIR /x" },
      { id: "x", on: "wx", at: [7], name: "[stage-1 4/5] ONBUILD RUN x" },
      { id: "y", on: "x", at: [8] },
    ]);
    expect(places(found).slice(0, 4)).toEqual([
      "7 ONBUILD WORKDIR /w, trigger 3",
      "7 ONBUILD WORKDIR /v, trigger 4",
      "7 ONBUILD WORKDIR /x, trigger 5",
      "7 ONBUILD RUN x, trigger 6",
    ]);
  });

  it("take no other WORKDIR for one whose variable is /", () => {
    const text =
      "FROM scratch AS a\nONBUILD WORKDIR $ROOT\nONBUILD WORKDIR /w\nONBUILD RUN x\nFROM a\nRUN y\n";
    const found = program(text, [
      { id: "w", kind: "file", at: [5], name: "[stage-1 1/3] ONBUILD WORKDIR /w" },
      { id: "x", on: "w", at: [5], name: "[stage-1 2/3] ONBUILD RUN x" },
      { id: "y", on: "x", at: [6] },
    ]);
    expect(places(found).slice(0, 2)).toEqual([
      "5 ONBUILD WORKDIR /w, trigger 3",
      "5 ONBUILD RUN x, trigger 4",
    ]);
  });

  it.each(["\\", "`"])("are found with a continuation right after ONBUILD (%s)", (mark) => {
    const text = `# escape=${mark}\nFROM scratch AS a\nONBUILD ${mark}\n  RUN x\nFROM a\nRUN y\n`;
    const found = program(text, [
      { id: "x", at: [5], name: "[stage-1 1/2] ONBUILD RUN x" },
      { id: "y", on: "x", at: [6] },
    ]);
    expect(places(found)[0]).toBe("5 ONBUILD RUN x, trigger 3");
  });
});

describe("triggers of an image", () => {
  it("stand at their FROM only", () => {
    const found = program("FROM node:onbuild\nRUN ls\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "npm", on: "image", at: [1], name: "[2/3] ONBUILD RUN npm install" },
      { id: "ls", on: "npm", at: [2] },
    ]);
    expect(places(found)).toEqual(["1 FROM node:onbuild", "1 ONBUILD RUN npm install", "2 RUN ls"]);
  });

  it("are in line 1 for BuildKit 0.8, which their name and what they start from correct", () => {
    const text =
      "# a comment\nFROM busybox AS tools\nRUN t\nFROM made AS one\nRUN a\nFROM made AS two\nCOPY --from=one / /\nCOPY --from=tools / /\n";
    const found = program(text, [
      { id: "made", kind: "source", at: [6], name: "[two 1/3] FROM made" },
      { id: "first", on: "made", at: [1], name: "[two 1/2] RUN first" },
      { id: "second", on: "first", at: [1], name: "[two 2/2] RUN second" },
      { id: "a", on: "second", at: [5], name: "[one 2/2] RUN a" },
      { id: "busybox", kind: "source", at: [2], name: "[tools 1/2] FROM busybox" },
      { id: "t", on: "busybox", at: [3], name: "[tools 2/2] RUN t" },
      { id: "one", kind: "file", on: "second", uses: ["a"], at: [7] },
      { id: "all", kind: "file", on: "one", uses: ["t"], at: [8] },
    ]);
    expect(places(found)).toEqual([
      "2 FROM busybox AS tools",
      "3 RUN t",
      "4 FROM made AS one, twin 6",
      "4 ONBUILD RUN first, twin 6",
      "4 ONBUILD RUN second, twin 6",
      "5 RUN a",
      "7 COPY --from=one / /",
      "8 COPY --from=tools / /",
    ]);
  });
});

describe("a step of two stages that is located in one", () => {
  const TEXT =
    "FROM busybox AS a\nRUN same\nRUN x\nFROM busybox AS b\nRUN same\nRUN y\nFROM busybox AS c\nRUN same\nFROM scratch\nCOPY --from=a / /\nCOPY --from=b / /\n";
  const VERTICES: readonly VertexSpec[] = [
    { id: "image", kind: "source", at: [4] },
    { id: "same", on: "image", at: [5] },
    { id: "x", on: "same", at: [3] },
    { id: "copy", kind: "file", uses: ["x"], at: [10] },
    { id: "y", on: "same", at: [6] },
    { id: "last", kind: "file", on: "copy", uses: ["y"], at: [11] },
  ];

  it("stands at both, at home in the first, and not in a stage that the target does not need", () => {
    expect(places(program(TEXT, VERTICES)).slice(0, 4)).toEqual([
      "1 FROM busybox AS a, twin 4",
      "2 RUN same, twin 5",
      "3 RUN x",
      "6 RUN y",
    ]);
    const steps = program(`${TEXT}COPY --from=c / /\n`, VERTICES).steps;
    expect(steps.slice(0, 2).map(({ alsoAt }) => alsoAt.map(({ start }) => Number(start)))).toEqual([
      [4, 7],
      [5, 8],
    ]);
  });

  it("is found however it is continued, and whatever the case of its keyword", () => {
    const text =
      "FROM scratch AS a\nRUN one \\\n  two\nRUN x\nFROM scratch AS b\nrun one \\\n  # why\n two\nRUN y\nFROM scratch\nCOPY --from=a / /\nCOPY --from=b / /\n";
    const found = program(text, [
      { id: "same", at: [[6, 8]] },
      { id: "x", on: "same", at: [4] },
      { id: "copy", kind: "file", uses: ["x"], at: [11] },
      { id: "y", on: "same", at: [9] },
      { id: "last", kind: "file", on: "copy", uses: ["y"], at: [12] },
    ]);
    expect(places(found)[0]).toBe("2 RUN one two, twin 6");
  });

  it.each(["RUN curl x?from=c", "RUN true # --mount=from=c", 'COPY --chown=0 "from=c" /'])(
    "does not stand in a stage that nothing is copied or mounted from (%s)",
    (last) => {
      const found = program(`${TEXT}${last}\n`, VERTICES);
      expect(places(found)[1]).toBe("2 RUN same, twin 5");
    },
  );

  it.each([
    "RUN --mount=type=bind,target=/c,from=c true",
    "RUN --network=none --mount=from=c,target=/c true",
  ])("stands in a stage that is mounted (%s)", (last) => {
    expect(places(program(`${TEXT}${last}\n`, VERTICES))[1]).toBe("2 RUN same, twin 5, twin 8");
  });

  it("is not taken for the only one over the same file system with another text", () => {
    const text = TEXT.replace("FROM busybox AS c\nRUN same", "FROM busybox AS c\nRUN another");
    const found = program(`${text}COPY --from=c / /\n`, VERTICES);
    expect(places(found)[1]).toBe("2 RUN same, twin 5");
  });

  it("is not found where the text or what it starts from is another", () => {
    const other = TEXT.replace("FROM busybox AS b\nRUN same", "FROM busybox AS b\nRUN other");
    const found = program(other, [
      { id: "image", kind: "source", at: [1] },
      { id: "same", on: "image", at: [2] },
      { id: "other", on: "image", at: [5] },
      ...VERTICES.slice(2).map((vertex) => (vertex.id === "y" ? { ...vertex, on: "other" } : vertex)),
    ]);
    expect(places(found).slice(0, 4)).toEqual([
      "1 FROM busybox AS a, twin 4",
      "2 RUN same",
      "3 RUN x",
      "5 RUN other",
    ]);
  });
});
