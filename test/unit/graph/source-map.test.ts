import { describe, expect, it } from "vitest";
import { anchorOfLine, anchorOfStop, findLine, findStop } from "../../../src/graph/compare.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { Program, StopId } from "../../../src/graph/program.ts";
import { stepsAt, targetOfLine } from "../../../src/graph/source-map.ts";
import { FX_TEXT, FX_VERTICES, fxProgram, makeProgram, triggersProgram } from "../../support/graphs.ts";

function target(program: Program, line: number): string {
  const found = targetOfLine(program, lineOf(line));
  switch (found.kind) {
    case "none":
      return found.why;
    case "next":
      return `next ${found.stops.map(({ kind, line: at }) => `${kind} ${at}`).join(", ")}`;
    case "exact":
      return `exact ${found.stops.map(({ kind, line: at }) => `${kind} ${at}`).join(", ")}`;
  }
}

describe("targetOfLine", () => {
  it("finds the step whose lines contain the line", () => {
    const program = makeProgram("FROM scratch\nRUN a \\\n b\nRUN c\n", [
      { id: "a", at: [2, 3] },
      { id: "c", on: "a", at: [4] },
    ]);
    expect([2, 3, 4].map((line) => target(program, line))).toEqual([
      "exact before 2",
      "exact before 2",
      "exact before 4",
    ]);
    expect(stepsAt(program, lineOf(1))).toEqual([]);
  });

  it("moves to the next step or the end of the same stage where nothing runs", () => {
    expect(target(fxProgram(), 4)).toBe("next before 5");
    const program = makeProgram(
      "ARG A\nFROM scratch\nENV X=1\nRUN a\n\nCMD b\n\n# two\nFROM scratch\nRUN c\n",
      [
        { id: "a", at: [4] },
        { id: "c", uses: ["a"], at: [10] },
      ],
    );
    expect([1, 3, 5, 6, 7, 8, 9, 11].map((line) => target(program, line))).toEqual([
      "next before 4",
      "next before 4",
      "next end 6",
      "next end 6",
      "next before 10",
      "next before 10",
      "next before 10",
      "nothing at or after line 11 runs",
    ]);
  });

  it("says in words why a stage that is not needed cannot be stopped in", () => {
    const program = makeProgram("FROM scratch AS spare\nRUN a\nFROM scratch\nRUN b\n", [
      { id: "b", at: [4] },
    ]);
    expect(target(program, 2)).toBe("stage spare runs nothing for this target");
  });

  it("leads from the second of two identical instructions to the step they share", () => {
    const program = makeProgram("FROM scratch AS a\nRUN x\nFROM scratch AS b\nRUN x\nCOPY --from=a / /\n", [
      { id: "x", at: [2, 4] },
      { id: "copy", on: "x", at: [5] },
    ]);
    expect(target(program, 4)).toBe("exact before 2");
  });

  it("leads from a FROM with triggers of its image to the first of them, also from above", () => {
    const program = makeProgram("ARG A\nFROM made AS a\nRUN x\nFROM made\nCOPY --from=a / /\n", [
      { id: "made", kind: "source", at: [2, 4] },
      { id: "first", on: "made", at: [2, 4], name: "[a 2/4] ONBUILD RUN first" },
      { id: "second", on: "first", at: [2, 4], name: "[a 3/4] ONBUILD RUN second" },
      { id: "x", on: "second", at: [3] },
      { id: "copy", kind: "file", on: "second", uses: ["x"], at: [5] },
    ]);
    const first = (line: number, nth?: number): string | undefined => {
      const found = targetOfLine(program, lineOf(line), nth);
      return found.kind === "none" ? found.why : program.steps[found.stops[0]?.step ?? -1]?.text;
    };
    expect([1, 2, 4].map((line) => first(line))).toEqual(Array(3).fill("ONBUILD RUN first"));
    expect(first(2, 1)).toBe("FROM made AS a");
  });

  it("leads from what a trigger sets to the next trigger, in each stage", () => {
    expect(target(triggersProgram(), 5)).toBe("next before 8, before 10");
  });
});

describe("after an edit", () => {
  const edited = (text: string): Program => {
    const shift = text.split("\n").length - FX_TEXT.split("\n").length;
    const moved = FX_VERTICES.map((vertex) => ({
      ...vertex,
      at: (vertex.at ?? []).map((line) => Number(line) + (Number(line) >= 10 ? shift : 0)),
    }));
    return makeProgram(text, moved);
  };
  const failing = fxProgram().stops.find((stop) => stop.line === 10)?.id ?? (0 as StopId);

  it("finds a stop by its text, nearest to the old line", () => {
    const anchor = anchorOfStop(fxProgram(), failing);
    const program = edited(FX_TEXT.replace("RUN echo two", "ENV A=1\nENV B=2\nRUN echo two"));
    expect(anchor && program.stops[findStop(program, anchor) ?? 0]?.line).toBe(12);
  });

  it("finds a changed instruction by its place in the stage", () => {
    const anchor = anchorOfStop(fxProgram(), failing);
    const program = edited(FX_TEXT.replace("false", "true"));
    expect(anchor && program.stops[findStop(program, anchor) ?? 0]?.line).toBe(10);
  });

  it("finds the end of a stage by name and gives up when the stage is gone", () => {
    const end = fxProgram().stops.findLast((stop) => stop.stage === "lib")?.id ?? (0 as StopId);
    const anchor = anchorOfStop(fxProgram(), end);
    expect(anchor && findStop(fxProgram(), anchor)).toBe(end);
    const program = makeProgram("FROM scratch AS other\nRUN x\n", [{ id: "x", at: [2] }]);
    expect(anchor && findStop(program, anchor)).toBeUndefined();
  });

  it("finds the very one of triggers that say the same at one FROM", () => {
    const program = makeProgram("FROM made\nRUN x\n", [
      { id: "made", kind: "source", at: [1] },
      { id: "first", on: "made", at: [1], name: "[2/4] ONBUILD RUN date" },
      { id: "second", on: "first", at: [1], name: "[3/4] ONBUILD RUN date" },
      { id: "x", on: "second", at: [2] },
    ]);
    for (const id of [1, 2] as StopId[]) {
      const anchor = anchorOfStop(program, id);
      expect(anchor === undefined ? undefined : findStop(program, anchor)).toBe(id);
    }
  });

  it("follows a line by text, by ordinal, and keeps its distance to the instruction", () => {
    const before = makeProgram("FROM scratch\nRUN a\n# note\nRUN b \\\n  c\n", [
      { id: "a", at: [2] },
      { id: "b", on: "a", at: [4, 5] },
    ]);
    const after = makeProgram("FROM scratch\n\n\nRUN a\nENV X=1\n# note\nRUN b \\\n  c\n", [
      { id: "a", at: [4] },
      { id: "b", on: "a", at: [7, 8] },
    ]);
    const follow = (line: number): number | undefined => {
      const anchor = anchorOfLine(before, lineOf(line));
      return anchor && findLine(after, anchor, lineOf(line));
    };
    expect([2, 3, 4, 5].map(follow)).toEqual([4, 6, 7, 8]);
  });

  it("loses a line whose instruction is gone", () => {
    const anchor = anchorOfLine(fxProgram(), lineOf(11));
    const shorter = makeProgram("FROM scratch AS base\nADD busybox /bin/busybox\n", [{ id: "add", at: [2] }]);
    expect(anchor && findLine(shorter, anchor, lineOf(11))).toBeUndefined();
  });
});
