/** Steps that ONBUILD brings: where they stand, what their states hold, and what their places see. */
import { expect, test } from "vitest";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { caseAt, fixtureAt } from "../../support/fixtures.ts";

/** E.g. "parent 12 RUN", "site 14 COPY, trigger 7". */
function places({ debug }: Debugging): readonly string[] {
  const program = programOf(debug.state);
  if (program === undefined) throw new Error(where(debug.state));
  return program.steps.map(({ stage, start, instruction, alsoAt }) =>
    [`${stage} ${start} ${instruction}`, ...alsoAt.map((place) => `${place.kind} ${place.start}`)].join(", "),
  );
}

async function breakAt(bench: Debugging, line: number, nth?: number): Promise<string> {
  const spec = { kind: "line", line: lineOf(line), ...(nth === undefined ? {} : { nth }) } as const;
  bench.debug.dispatch({ kind: "add-breakpoint", spec });
  const reached = await give(bench.debug, "continue");
  const { phase } = bench.debug.state;
  const step = phase.kind === "paused" ? (phase.execution.program.stops[phase.at]?.step ?? -1) + 1 : 0;
  return `${reached} ${step}`;
}

const LIST = "ls -A /www 2>/dev/null | sort | tr '\n' ' '";

forEachEngine((engine) => {
  const address = parseAddress(engine.dockerHost, engine.kind);
  const open = (files: Readonly<Record<string, string>>): Promise<Debugging> =>
    startDebugging(address, { files });

  test("triggers of this file stand at their FROM and their ONBUILD; each has its own states", async () => {
    await using bench = await startDebugging(address, { fixture: caseAt("28-onbuild-plain") });
    expect(places(bench)).toEqual([
      "parent 2 FROM",
      "parent 10 RUN",
      "site 12 COPY, trigger 4",
      "site 12 WORKDIR, trigger 6",
      "site 12 RUN, trigger 7",
      "site 12 RUN, trigger 8",
      "site 13 RUN",
    ]);
    expect(await breakAt(bench, 7)).toBe("before 12 breakpoint 5");
    const { debug } = bench;
    expect(await outputIn(debug, 3, "base", LIST)).toBe("");
    expect(await outputIn(debug, 3, "after", LIST)).toBe("site.css ");
    expect(await outputIn(debug, 5, "base", LIST)).toBe("site.css ");
    expect(await breakAt(bench, 12, 4)).toBe("before 12 breakpoint 6");
    expect(await outputIn(debug, 6, "base", LIST)).toBe("mode site.css ");
    expect(await outputIn(debug, 5, "after", "cat /www/mode")).toBe("mode prod\n");
    expect(await give(debug, "next")).toBe("before 12 exception");
    expect(await outputIn(debug, 6, "base", LIST)).toBe("mode site.css ");
    if (engine.keepsFailedState)
      expect(await outputIn(debug, 6, "failed", LIST)).toBe("checked mode site.css ");
    const explanation = await lookAndExplain(debug, "", { signal: AbortSignal.timeout(30_000) });
    expect(explanation?.why[0]).toBe("It is the trigger of line 8, which FROM parent in line 12 brings.");
    expect(explanation?.next).toContainEqual({ kind: "command", command: "edit", label: "edit line 8" });
  });

  test("a shell at a trigger has what the triggers before it set, and not what those behind it will", async () => {
    await using bench = await startDebugging(address, { fixture: caseAt("28-onbuild-plain") });
    expect(await breakAt(bench, 12)).toBe("before 12 breakpoint 3");
    const { debug } = bench;
    const told = async (step: number, side: "base" | "after"): Promise<string> => {
      const signal = AbortSignal.timeout(30_000);
      const { meta } = await debug.environment((step - 1) as StepId, side, { signal });
      const set = meta.env.filter((entry) => /^(MODE|BEHIND)=/.test(entry)).sort();
      return `${meta.cwd} ${set.join(" ")}`;
    };
    expect(await told(3, "base")).toBe("/ MODE=prod");
    expect(await give(debug, "next")).toMatch(/^before 12/);
    expect(await told(3, "after")).toBe("/ BEHIND=yes MODE=prod");
    expect(await told(4, "base")).toBe("/ BEHIND=yes MODE=prod");
    expect(await give(debug, "next")).toMatch(/^before 12/);
    expect(await told(4, "after")).toBe("/www BEHIND=yes MODE=prod");
    expect(await told(5, "base")).toBe("/www BEHIND=yes MODE=prod");
  });

  test("triggers of an image stand at its FROM, and are told to come from it", async () => {
    const base = [
      "FROM scratch",
      "COPY busybox /bin/sh",
      "ONBUILD COPY a /first",
      "ONBUILD RUN echo second > /second",
      "ONBUILD RUN echo third > /third && exit 3",
    ].join("\n");
    await using image = await open({ Dockerfile: base });
    image.debug.dispatch({
      kind: "rerun",
      here: false,
      request: { ...request(image), tags: ["bktui-test-triggers:1"], load: true },
    });
    await image.debug.rest();
    expect(await give(image.debug, "continue")).toBe("finished");
    const text = "# Line 1 is no instruction.\n\nFROM bktui-test-triggers:1\nRUN true\n";
    await using bench = await open({ Dockerfile: text, a: "one\n" });
    expect(places(bench)).toEqual([
      "stage-0 3 FROM",
      "stage-0 3 COPY",
      "stage-0 3 RUN",
      "stage-0 3 RUN",
      "stage-0 4 RUN",
    ]);
    const { debug } = bench;
    expect(await breakAt(bench, 3, 3)).toBe("before 3 breakpoint 3");
    expect(await outputIn(debug, 3, "base", "cat /first; test -e /second || echo none")).toBe("one\nnone\n");
    expect(await give(debug, "next")).toBe("before 3 step");
    expect(await outputIn(debug, 4, "base", "cat /second")).toBe("second\n");
    expect(await give(debug, "next")).toBe("before 3 exception");
    if (engine.keepsFailedState) expect(await outputIn(debug, 4, "failed", "cat /third")).toBe("third\n");
    const explanation = await lookAndExplain(debug, text, { signal: AbortSignal.timeout(30_000) });
    expect(explanation?.headline).toMatch(/^step 4\/5 failed: exit code 3/);
    expect(explanation?.why[0]).toMatch(
      /^The instruction comes from the image: FROM bktui-test-triggers:1 in line 3/,
    );
  });

  test("a trigger of three stages is one step of all of them, and so are equal instructions behind it", async () => {
    await using bench = await startDebugging(address, { fixture: fixtureAt("triggers"), unique: true });
    expect(places(bench)).toEqual([
      "parent 5 FROM, twin 23",
      "left 14 RUN, trigger 6, twin 17, twin 20",
      "left 14 COPY, trigger 8, twin 17, twin 20",
      "left 14 RUN, trigger 10, twin 17, twin 20",
      "left 15 RUN, twin 21",
      "right 18 RUN",
      "stage-5 24 COPY",
      "stage-5 25 COPY",
      "stage-5 26 COPY",
    ]);
    // Line 20 is the FROM of the third stage, line 21 its RUN.
    expect(await breakAt(bench, 20)).toBe("before 14 breakpoint 2");
    expect(await breakAt(bench, 8)).toBe("before 14 breakpoint 3");
    expect(await breakAt(bench, 21)).toBe("before 15 breakpoint 5");
    bench.debug.dispatch({ kind: "add-breakpoint", spec: { kind: "stage-end", stage: "same" } });
    expect(await give(bench.debug, "continue")).toBe("end 15 breakpoint");
    expect(await give(bench.debug, "continue")).toBe("finished");
  });
});

function request({ debug }: Debugging): NonNullable<Debugging["debug"]["state"]["request"]> {
  const { request: asked } = debug.state;
  if (asked === undefined) throw new Error("nothing was asked for");
  return asked;
}
