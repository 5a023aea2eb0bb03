import { expect, test } from "vitest";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { Progress } from "../../../src/engine/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { beginnings, give, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { fixtureAt } from "../../support/fixtures.ts";

/** Line 18 is not among them: its COPY is that of line 14, on the same stage. */
const STEP_LINES = [3, 4, 5, 8, 11, 14, 15, 19, 22, 23, 24, 27, 31, 32, 33, 34, 35];
const RUNS = ["tools", "headers", "alpha", "beta", "docs", "checks", "all"];

/** Names that the steps printed, in order. */
function ran(events: readonly Progress[]): readonly string[] {
  const output = events.flatMap((event) => (event.kind === "log" ? [Buffer.from(event.data)] : []));
  return [
    ...Buffer.concat(output)
      .toString()
      .matchAll(/^ran (\w+)$/gm),
  ].map(([, name = ""]) => name);
}

forEachEngine(({ dockerHost, kind }) => {
  test("of stages shared by many others, each step is one stop, in order, and runs once", async () => {
    const project = { fixture: fixtureAt("shared-stages"), unique: true };
    await using bench = await startDebugging(parseAddress(dockerHost, kind), project, { noCache: true });
    const { debug, events } = bench;
    const program = programOf(debug.state);
    if (program === undefined) throw new Error(where(debug.state));
    const stops: string[] = [where(debug.state)];
    while (stops.at(-1) !== "finished" && stops.length < 60) stops.push(await give(debug, "next"));
    const before = stops.flatMap((stop) => /^before (\d+)/.exec(stop)?.[1] ?? []).map(Number);
    expect(before).toEqual(STEP_LINES);
    expect(stops.at(-1)).toBe("finished");
    expect(program.steps.map(({ start }) => Number(start))).toEqual(STEP_LINES);
    // BuildKit 0.8 tells one place of a step only; the text tells the other.
    expect(program.steps[5]?.alsoAt.map(({ start }) => Number(start))).toEqual([18]);
    expect(beginnings(program, events)).toEqual(STEP_LINES.map(() => 1));
    expect(ran(events)).toEqual(RUNS);
  });

  test("running through runs each step once as well", async () => {
    const project = { fixture: fixtureAt("shared-stages"), unique: true };
    await using bench = await startDebugging(parseAddress(dockerHost, kind), project, { noCache: true });
    const { debug, events } = bench;
    const program = programOf(debug.state);
    if (program === undefined) throw new Error(where(debug.state));
    expect(await give(debug, "continue")).toBe("finished");
    expect(beginnings(program, events)).toEqual(STEP_LINES.map(() => 1));
    expect([...ran(events)].sort()).toEqual([...RUNS].sort());
  });
});
