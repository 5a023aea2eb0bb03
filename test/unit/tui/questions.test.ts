/** What is told before a choice: what a rerun takes and loses, and how each target stage stands. */
import { describe, expect, test } from "vitest";
import { rerunLines } from "../../../src/console/rerun-question.ts";
import { readStages } from "../../../src/graph/dockerfile-text.ts";
import { stageLines, targetItems } from "../../../src/tui/overlays/target-stages.ts";

const { signal } = new AbortController();
const shells = ["FAILED of step 7"];
const loss = "This ends the shell on FAILED of step 7; what was changed in it is lost.";

describe("the question before a rerun", () => {
  test("shows the lines that were edited, with their numbers in either text", async () => {
    const before = ["FROM scratch", "COPY a b", "RUN false"];
    const after = ["FROM scratch", "COPY a b", "RUN true", "RUN echo", ""];
    expect(await rerunLines({ before, after, shells }, { signal })).toEqual([
      "The Dockerfile changed on disk:",
      "-    3  RUN false",
      "+    3  RUN true",
      "+    4  RUN echo",
      "What stands above line 3 did not change.",
      "",
      loss,
    ]);
  });

  test("tells of the loss alone when nothing was edited or the file cannot be read", async () => {
    const before = ["FROM scratch"];
    expect(await rerunLines({ before, after: [...before], shells }, { signal })).toEqual([loss]);
    expect(await rerunLines({ before, after: undefined, shells }, { signal })).toEqual([loss]);
  });

  test("counts what has no room", async () => {
    const after = Array.from({ length: 20 }, (_, index) => `RUN ${index}`);
    const lines = await rerunLines({ before: [], after, shells }, { signal });
    expect(lines.filter((line) => line.startsWith("+"))).toHaveLength(6);
    expect(lines).toContain("… 14 more");
  });

  test("names several shells", async () => {
    const two = { before: [], after: [], shells: ["BASE of step 2", "FAILED of step 2"] };
    expect(await rerunLines(two, { signal })).toEqual([
      "This ends the shells on BASE of step 2, FAILED of step 2; what was changed in them is lost.",
    ]);
  });
});

describe("the menu of stages", () => {
  test("has a column for the origin, and says which one is built when none is named", () => {
    const stages = [
      { name: "base", from: "scratch", steps: [], usedBy: ["lib", "app"] },
      { name: "app", from: "base", steps: [], usedBy: [] },
    ];
    expect(stageLines(stages, [])).toEqual([
      "base  from scratch  0 steps  used by lib, app",
      "app   from base     0 steps  last: the default",
    ]);
  });

  test("lists a file that was never loaded by its FROM lines", () => {
    const stages = [
      { name: "deps", from: "alpine" },
      { name: "app", from: "deps" },
    ];
    expect(stageLines(stages, [])).toEqual(["deps  from alpine", "app   from deps    last: the default"]);
  });

  test("offers what docker finds by its name, and the last stage also without one", () => {
    const offered = (text: string): readonly string[] =>
      targetItems(readStages(text), []).map(({ value }) => value);
    expect(offered("FROM a AS Base\nFROM a AS base\nFROM a\nFROM base AS App\n")).toEqual(["base", "app"]);
    expect(offered("FROM a AS deps\nFROM a\n")).toEqual(["deps", ""]);
  });
});
