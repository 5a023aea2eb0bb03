/** Breakpoints of an editor with rules: conditions, hit counts, log points, modes, paths, and which failures stop. */
import { describe, expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { type DebuggedBuild, debugBuild } from "../../support/dap-program.ts";
import { expectTranscript } from "../../support/dap-transcript.ts";
import { testEngines } from "../../support/engines.ts";
import type { TestEngine } from "../../support/test-engine.ts";

covers("setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints");
covers("dataBreakpointInfo", "setDataBreakpoints");
covers("supportsConditionalBreakpoints", "supportsHitConditionalBreakpoints", "supportsLogPoints");
covers("breakpointModes", "supportsDataBreakpoints");
covers("exceptionBreakpointFilters", "supportsExceptionFilterOptions");

const DOCKERFILE = `FROM busybox:1.36
ARG MODE=fast
ENV LEVEL=3
RUN echo one
RUN echo two > /made
RUN echo three && rm /made
RUN exit 4
`;

async function build(engine: TestEngine): Promise<DebuggedBuild> {
  return await debugBuild(engine, {
    files: { Dockerfile: DOCKERFILE },
    launch: { noCache: true, stopOnEntry: false },
  });
}

describe.each(testEngines())("$name", (engine) => {
  test("conditions, log points, modes and paths", async () => {
    await using dap = await build(engine);
    const { client } = dap;
    const { breakpoints } = await client.request("setBreakpoints", {
      source: { path: dap.dockerfile },
      breakpoints: [
        { line: 4, condition: 'ARG.MODE == "slow"' },
        { line: 5, condition: '$LEVEL == "3" && ARG.MODE =~ /^f/' },
        { line: 6, logMessage: 'level {LEVEL}, made: {exists("/made")}' },
        { line: 5, mode: "after" },
        { line: 7, condition: "$LEVEL ==" },
        { line: 7, mode: "never" },
      ],
    });
    expect(breakpoints[4]).toMatchObject({ verified: false, message: expect.stringMatching(/column 10/) });
    expect(breakpoints[5]).toMatchObject({
      verified: false,
      message: expect.stringMatching(/no mode never/),
    });
    const { dataId } = await client.request("dataBreakpointInfo", { name: "/made" });
    await client.request("setDataBreakpoints", { breakpoints: [{ dataId: dataId ?? "" }] });
    expect(await dap.begin()).toMatchObject({
      stopped: { reason: "breakpoint", hitBreakpointIds: [breakpoints[1]?.id] },
      frames: [{ line: 5 }],
    });
    await client.request("continue", { threadId: 1 });
    const made = await client.stop();
    expect(made.frames[0]?.line).toBe(6);
    await client.request("continue", { threadId: 1 });
    const removed = await client.stop();
    expect([made.stopped.reason, removed.stopped.reason]).toContain("data breakpoint");
    expect(client.output()).toContain("level 3, made: true");
    await client.request("continue", { threadId: 1 });
    expect((await client.stop()).stopped.reason).toBe("exception");
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    expectTranscript(client, "rules", { names: { CONTEXT: dap.context.path } });
  });

  test("counts of hits, and failures that nobody wants to be stopped at", async () => {
    await using dap = await build(engine);
    const { client } = dap;
    await client.request("setFunctionBreakpoints", {
      breakpoints: [{ name: "/RUN echo/", hitCondition: "% 2" }],
    });
    const wanted = await client.request("setExceptionBreakpoints", {
      filters: ["copy"],
      filterOptions: [{ filterId: "run", condition: "exitCode == 5" }],
    });
    expect(wanted.breakpoints).toMatchObject([{ verified: true }, { verified: true }]);
    expect(await dap.begin()).toMatchObject({
      stopped: { reason: "function breakpoint" },
      frames: [{ line: 5 }],
    });
    await client.request("continue", { threadId: 1 });
    expect(await client.event("exited")).toEqual({ exitCode: 1 });
    await client.event("terminated");
    await client.request("setExceptionBreakpoints", {
      filters: [],
      filterOptions: [{ filterId: "run", condition: "exitCode == 4" }],
    });
    await client.request("setFunctionBreakpoints", {
      breakpoints: [{ name: "/RUN echo/", hitCondition: "!= 2" }],
    });
    await client.request("restart");
    expect(await client.stop()).toMatchObject({
      stopped: { reason: "function breakpoint" },
      frames: [{ line: 4 }],
    });
    await client.request("continue", { threadId: 1 });
    expect((await client.stop()).frames).toMatchObject([{ line: 6 }]);
    await client.request("setFunctionBreakpoints", { breakpoints: [] });
    await client.request("continue", { threadId: 1 });
    expect(await client.stop()).toMatchObject({ stopped: { reason: "exception" }, frames: [{ line: 7 }] });
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });
});
