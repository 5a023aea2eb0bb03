/** Names of stages as docker finds them, and the text of a step as the frontend reads it. */
import { describe, expect, test } from "vitest";
import { foldLine, readStages, splitLines } from "../../../src/graph/dockerfile-text.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { stageNamed } from "../../../src/graph/source-map.ts";
import { makeProgram } from "../../support/graphs.ts";

describe("stages", () => {
  const TEXT = `FROM scratch AS Base
RUN a
FROM scratch AS base
RUN b
FROM base AS stage-3
RUN c
FROM base
RUN d
`;
  const program = makeProgram(TEXT, [
    { id: "a", at: [2] },
    { id: "b", at: [4] },
    { id: "c", on: "b", at: [6] },
    { id: "d", on: "b", uses: ["a", "c"], at: [8] },
  ]);

  test("with one name are told apart: the later one has it", () => {
    expect(program.stages.map(({ name, isNamed }) => [name, isNamed])).toEqual([
      ["stage-0", false],
      ["base", true],
      ["stage-3", true],
      ["stage-3-", false],
    ]);
    expect(program.steps.map(({ stage }) => stage)).toEqual(["stage-0", "base", "stage-3", "stage-3-"]);
    expect(readStages(TEXT).map(({ name }) => name)).toEqual(program.stages.map(({ name }) => name));
  });

  test("are found in any case and by number", () => {
    const start = (name: string): number | undefined => stageNamed(program, name)?.start;
    expect(["BASE", "base", "0", "1", "STAGE-3", "3", "4", "nope"].map(start)).toEqual([
      3,
      3,
      1,
      3,
      5,
      7,
      undefined,
      undefined,
    ]);
  });
});

test("a step's text is what the frontend makes of its lines", () => {
  const text = `FROM scratch
RUN echo a \\ 
    # a comment between

    && echo b \\
# a comment at column one
    && echo c
RUN echo "x\\
# looks like a comment
y"
RU\\
N echo z
RUN echo "#no comment" \\
  # one
    end
RUN a\\
  b
`;
  const lines = splitLines(text);
  const folded = (start: number, end: number): string => foldLine(lines, lineOf(start), lineOf(end), "\\");
  expect(folded(2, 7)).toBe("RUN echo a && echo b && echo c");
  expect(folded(8, 10)).toBe('RUN echo "xy"');
  expect(folded(11, 12)).toBe("RUN echo z");
  expect(folded(13, 15)).toBe('RUN echo "#no comment" end');
  expect(folded(16, 17)).toBe("RUN a b");
});
