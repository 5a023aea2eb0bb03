/** What is told before a choice of the target stage: how each stands. */
import { describe, expect, test } from "vitest";
import { readStages } from "../../../src/graph/dockerfile-text.ts";
import { stageLines, targetItems } from "../../../src/tui/overlays/target-stages.ts";

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
