import { describe, expect, it } from "vitest";
import { type Cut, cutsOf } from "../../../src/graph/cuts.ts";
import type { Program } from "../../../src/graph/program.ts";
import { makeProgram, triggersProgram } from "../../support/graphs.ts";

/** The lines that are left before and after a step, counted from 1. */
function left(program: Program, step: number): readonly (readonly number[])[] {
  const { vertex } = program.steps[step - 1] ?? {};
  const cuts = vertex === undefined ? undefined : cutsOf(program).get(vertex);
  const lines = ({ keep, without }: Cut): readonly number[] =>
    Array.from({ length: keep }, (_, index) => index + 1).filter(
      (line) => !without.some(({ start, end }) => start <= line && line <= end),
    );
  return cuts === undefined ? [] : [lines(cuts.before), lines(cuts.after)];
}

const to = (last: number, ...without: readonly number[]): readonly number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter((line) => !without.includes(line));

describe("where a Dockerfile is cut off", () => {
  it("is above a step, and below it with what runs nothing", () => {
    const program = makeProgram("FROM busybox\nWORKDIR /w\nENV A=1\nUSER u\nCOPY a b\nFROM scratch\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "w", kind: "file", on: "image", at: [2] },
      { id: "copy", kind: "file", on: "w", at: [5] },
    ]);
    expect([1, 2, 3].map((step) => left(program, step))).toEqual([
      [to(0), to(1)],
      [to(1), to(4)],
      [to(4), to(5)],
    ]);
  });

  it("is at its FROM for a trigger of this file, without the triggers that run later", () => {
    const program = triggersProgram();
    // COPY, ENV and RUN are the triggers of lines 4, 5 and 6 to 7.
    expect(left(program, 3)).toEqual([to(8, 4, 5, 6, 7), to(8, 6, 7)]);
    expect(left(program, 4)).toEqual([to(8, 6, 7), to(8)]);
    expect(left(program, 6)).toEqual([to(10, 4, 5, 6, 7), to(10, 6, 7)]);
  });

  it("is at its FROM for the triggers of an image, all of which run there", () => {
    const program = makeProgram("FROM made\nENV A=1\nRUN x\n", [
      { id: "image", kind: "source", at: [1] },
      { id: "copy", kind: "file", on: "image", at: [1], name: "[2/3] ONBUILD COPY a b" },
      { id: "x", on: "copy", at: [3] },
    ]);
    expect(left(program, 2)).toEqual([to(2), to(2)]);
  });

  it("is in the stage where a shared step is at home", () => {
    const program = makeProgram(
      "FROM busybox AS a\nCOPY x y\nENV A=1\nFROM busybox AS b\nENV B=1\nCOPY x y\nENV C=1\nRUN z\n",
      [
        { id: "image", kind: "source", at: [1, 4] },
        { id: "copy", kind: "file", on: "image", at: [2, 6] },
        { id: "z", on: "copy", at: [8] },
      ],
    );
    expect(left(program, 2)).toEqual([to(1), to(3)]);
  });
});
