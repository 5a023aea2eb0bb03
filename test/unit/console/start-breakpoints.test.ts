import { expect, test } from "vitest";
import { breakpointsToKeep, setBreakpoints } from "../../../src/console/start-breakpoints.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { Program } from "../../../src/graph/program.ts";
import { DebugDriver, REQUEST } from "../../support/debug-driver.ts";
import { makeProgram } from "../../support/graphs.ts";

const TEXT = "FROM scratch\nRUN one\nRUN two\n";
const VERTICES = [
  { id: "one", at: [2] },
  { id: "two", on: "one", at: [3] },
];
/** The same with two lines more. */
const LONGER = `# what it is\n#\n${TEXT}`;
const LOWER = [
  { id: "one", at: [4] },
  { id: "two", on: "one", at: [5] },
];

/** As a front end sees a debugger. */
function debugging(driver: DebugDriver): Pick<Debugger, "state" | "dispatch"> {
  return {
    get state() {
      return driver.state;
    },
    dispatch: (command) => void driver.give(command),
  };
}

function kept(program: Program, line: number): ReturnType<typeof breakpointsToKeep> {
  const driver = DebugDriver.launched(program);
  setBreakpoints(debugging(driver), [{ spec: { kind: "line", line: lineOf(line) } }], []);
  return breakpointsToKeep(driver.state);
}

test("a breakpoint of an earlier run is where its instruction is now", () => {
  const earlier = kept(makeProgram(TEXT, VERTICES), 3);
  expect(earlier).toEqual([
    {
      spec: { kind: "line", line: 3 },
      enabled: true,
      on: { text: "RUN two", stage: "stage-0", ordinal: 2, offset: 0 },
    },
  ]);
  const driver = new DebugDriver();
  setBreakpoints(debugging(driver), [], earlier);
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  driver.opened(makeProgram(LONGER, LOWER));
  expect(driver.state.breakpoints).toMatchObject([
    { spec: { line: 5 }, bound: { kind: "verified", line: 5 }, anchor: "RUN two" },
  ]);
  expect(breakpointsToKeep(driver.state)[0]?.spec).toEqual({ kind: "line", line: 5 });
});

test("without what it was on its number counts, as in files of older versions", () => {
  const driver = new DebugDriver();
  setBreakpoints(debugging(driver), [], [{ spec: { kind: "line", line: lineOf(4) }, enabled: false }]);
  driver.give({ kind: "launch", request: REQUEST, stopOnEntry: true });
  driver.opened(makeProgram(LONGER, LOWER));
  expect(driver.state.breakpoints).toMatchObject([{ spec: { line: 4 }, enabled: false }]);
});
