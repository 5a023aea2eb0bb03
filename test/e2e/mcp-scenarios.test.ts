/** The scenarios of test/scripts once more, as an agent would go through them. */
import { expect, test } from "vitest";
import { testEngines } from "../support/engines.ts";
import { McpAgent } from "../support/mcp-agent.ts";
import { SCENARIO_FILES } from "../support/scenario-files.ts";

const [engine] = testEngines();
if (engine === undefined) throw new Error("no engine");

/** A tool, its arguments, and what its answer has; "!" in front: what it has not. */
type Call = readonly [string, Readonly<Record<string, unknown>>, ...(RegExp | `!${string}`)[]];

const FAILED = /^failed: [\s\S]*line 10/;

const SCENARIOS: readonly (readonly [string, keyof typeof SCENARIO_FILES, readonly Call[]])[] = [
  [
    "a failing step, its two states and their files",
    "scenarios",
    [
      ["launch", {}, /^loaded: [\s\S]*step 1\/\d+, line 2/],
      ["step", {}, /^paused: [\s\S]*line 3/],
      ["cat", { path: "/bin/sh" }, /^error/],
      ["continue", {}, FAILED, /step 7\//, /exit code 1/],
      ["exec", { command: "pwd; cat a.txt b.txt" }, /^exit code 0 in FAILED/, /\n\/app\none\ntwo\njunk\n/],
      ["env", {}, /^env PATH=/m, "!NOPE"],
      ["exec", { command: "ls", side: "base" }, /^exit code 0 in BASE/, /^a\.txt$/m, "!b.txt"],
      ["cat", { path: "/app/b.txt", side: "base" }, /^error/],
      ["cat", { path: "/app/a.txt", side: "base" }, />>>\none\n/],
      ["exec", { command: "test -f b.txt && exit 3", side: "failed" }, /^exit code 3 in FAILED/],
      ["exec", { command: "pwd", step: 3 }, /^exit code 0 /],
      ["steps", {}, /failed/],
      ["diff", {}, /^~ .*a\.txt/m, /^\+ .*b\.txt/m],
      ["diff", { path: "/app/a.txt" }, /^\+ 2 +two$/m],
    ],
  ],
  [
    "into a stage and back, a breakpoint that moves",
    "stages",
    [
      ["launch", {}, /^loaded: /],
      ["break", { place: "9" }, /^breakpoint 1 on "9": stops before/m],
      ["continue", {}, /^paused: [\s\S]*line 9/],
      ["step", { how: "into" }, /^paused: [\s\S]*line 5/],
      ["step", { how: "out" }, /^paused: [\s\S]*line 9/],
      ["break", { place: "4" }, /moved|line 5/],
    ],
  ],
  [
    "the end of a stage",
    "stage-end",
    [
      ["launch", { breakpoints: ["app:end"] }, /^loaded: /],
      ["continue", {}, /^paused: /, /end of/],
      ["exec", { command: "ls" }, /^exit code 0 in AFTER/, /^Dockerfile$/m],
      ["cat", { path: "/app/b.txt" }, /junk/],
      ["continue", {}, /^finished: /],
    ],
  ],
  [
    "a failure that is mended",
    "fixed",
    [
      ["launch", { stop_on_entry: false }, /^failed: [\s\S]*line 4/],
      ["log", {}, /not yet/],
      ["rerun", {}, /^paused: [\s\S]*line 4/],
      ["rerun", { args: { GO: "1" }, go_on: true }, /^finished: /],
    ],
  ],
  [
    "all failures",
    "keep-going",
    [
      ["launch", { stop_on_entry: false }, /^failed: /],
      ["keep_going", {}, /^failed: /],
      ["failure", {}, /^failed: /],
      [
        "steps",
        {},
        /exit(ed with| code)? 3/,
        /exit(ed with| code)? 4/,
        /(done|cached).*echo fine|echo fine.*(done|cached)/,
      ],
    ],
  ],
  [
    "a state without programs",
    "no-shell",
    [
      ["launch", {}, /^loaded: /],
      ["step", {}, /^paused: /, /end of/],
      ["files", { path: "/" }, /only/],
      ["cat", { path: "/only" }, />>>\nnothing else\n/],
    ],
  ],
];

test.each(SCENARIOS)("%s", async (_name, script, calls) => {
  await using project = await SCENARIO_FILES[script]();
  await using agent = await McpAgent.start([project.path], { engine });
  for (const [tool, args, ...expected] of calls) {
    const { all } = await agent.call(tool, args);
    for (const each of expected) {
      if (typeof each === "string") expect(all, tool).not.toContain(each.slice(1));
      else expect(all, tool).toMatch(each);
    }
  }
});
