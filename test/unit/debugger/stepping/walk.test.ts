/** Every command and every outcome from every state that can be reached: what must hold holds everywhere. */
import { describe, expect, it } from "vitest";
import type { BreakpointOrder, BreakpointSpec } from "../../../../src/debugger/breakpoint.ts";
import { initialState, reduce } from "../../../../src/debugger/stepping/reduce.ts";
import { makeProgram } from "../../../support/graphs.ts";
import { commands, outcomes, walk } from "../../../support/state-walk.ts";

const ALL_PHASES = [
  "broken",
  "ended",
  "finished",
  "finishing",
  "idle",
  "lost",
  "opening",
  "paused",
  "running",
];

describe("every command and outcome from every state", () => {
  it("keeps the rules in one stage with a helper", () => {
    const program = makeProgram("FROM scratch\nRUN a\nRUN b\nCOPY c /\n", [
      { id: "context", kind: "source" },
      { id: "a", at: [2] },
      { id: "b", on: "a", at: [3] },
      { id: "c", kind: "file", on: "b", uses: ["context"], at: [4] },
    ]);
    const { states, inputs, phases, past } = walk(program, 7);
    expect(phases).toEqual(ALL_PHASES);
    expect(states).toBeGreaterThan(500);
    expect(inputs).toBeGreaterThan(5000);
    expect(past).toBeGreaterThan(100);
  });

  it("keeps the rules with a stage shared by two", () => {
    const program = makeProgram(
      "FROM scratch AS base\nRUN a\nFROM base AS lib\nRUN b\nFROM base AS app\nRUN c\nCOPY --from=lib / /\n",
      [
        { id: "a", at: [2] },
        { id: "b", on: "a", at: [4] },
        { id: "c", on: "a", at: [6] },
        { id: "copy", kind: "file", on: "c", uses: ["b"], at: [7] },
      ],
    );
    expect(walk(program, 6).phases).toEqual(ALL_PHASES);
  });

  it("keeps the rules with two independent stages and one vertex at two places", () => {
    const program = makeProgram(
      "FROM scratch AS one\nRUN a\nRUN b\nFROM scratch AS two\nRUN a\nRUN c\nFROM scratch\nCOPY --from=one / /\nCOPY --from=two / /\n",
      [
        { id: "a", at: [2, 5] },
        { id: "b", on: "a", at: [3] },
        { id: "c", on: "a", at: [6] },
        { id: "copy1", kind: "file", uses: ["b"], at: [8] },
        { id: "copy2", kind: "file", on: "copy1", uses: ["c"], at: [9] },
      ],
    );
    expect(walk(program, 6).phases).toEqual(ALL_PHASES);
  });

  it.each<readonly [string, readonly (BreakpointSpec | BreakpointOrder)[]]>([
    [
      "any step of a stage, and a pattern",
      [
        { kind: "stage", stage: "lib" },
        { kind: "pattern", pattern: "RUN" },
      ],
    ],
    [
      "after a step",
      [
        { kind: "stage", stage: "base", when: "after" },
        { kind: "stage-end", stage: "lib" },
      ],
    ],
    [
      "a step that makes a file, and the first miss",
      [{ kind: "data", path: "/x", change: "made" }, { kind: "first-miss" }],
    ],
    [
      "every second step where a file is, with a text at all",
      [
        { spec: { kind: "instruction", keyword: "RUN" }, rule: { condition: "exists('/x')", hits: "% 2" } },
        { spec: { kind: "pattern", pattern: "." }, rule: { log: "{line} {cached}" } },
      ],
    ],
    ["a miss anywhere", [{ kind: "any", when: "miss" }, { kind: "first" }]],
    [
      "a hit of a step, before another",
      [
        { kind: "pattern", pattern: "b", when: "hit" },
        { kind: "pattern", pattern: "c" },
      ],
    ],
  ])("keeps the rules with breakpoints at %s", (_name, specs) => {
    const program = makeProgram(
      "FROM scratch AS base\nRUN a\nFROM base AS lib\nRUN b\nFROM base AS app\nRUN c\nCOPY --from=lib / /\n",
      [
        { id: "a", at: [2] },
        { id: "b", on: "a", at: [4] },
        { id: "c", on: "a", at: [6] },
        { id: "copy", kind: "file", on: "c", uses: ["b"], at: [7] },
      ],
    );
    expect(walk(program, 5, specs).phases).toEqual(ALL_PHASES);
  });

  it("ends for good", () => {
    const program = makeProgram("FROM scratch\nRUN a\n", [{ id: "a", at: [2] }]);
    const ended = reduce(initialState, { kind: "quit" }).state;
    for (const command of commands(ended, program)) {
      expect(() => reduce(ended, command)).toThrow("the debugger has ended");
    }
    for (const outcome of outcomes(ended, program)) expect(reduce(ended, outcome).state).toBe(ended);
  });
});
