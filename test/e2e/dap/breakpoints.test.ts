/** Breakpoints of an editor: where they are, why one is none, and that they stop. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compilePlan } from "../../../demo/plan/compile.ts";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { expectTranscript } from "../../support/dap-transcript.ts";
import { testEngines } from "../../support/engines.ts";

covers("setBreakpoints", "setFunctionBreakpoints", "breakpointLocations", "loadedSources", "source");
covers("supportsFunctionBreakpoints", "supportsBreakpointLocationsRequest", "supportsLoadedSourcesRequest");

const DOCKERFILE = `FROM busybox:1.36 AS base
# what both have
RUN echo one > /one

FROM base AS other
RUN echo other
FROM base AS app
RUN echo two \\
  && echo three > /three
RUN echo four
RUN echo five
`;

describe.each(testEngines())("$name", (engine) => {
  test("lines are verified once the build is loaded, and stop; what is none says why", async () => {
    const launch = { noCache: true, target: "app", stopOnEntry: false };
    await using dap = await debugBuild(engine, { files: { Dockerfile: DOCKERFILE }, launch });
    const { client } = dap;
    const source = { path: dap.dockerfile };
    const lines = [2, 6, 9, 99].map((line) => ({ line }));
    const { breakpoints } = await client.request("setBreakpoints", { source, breakpoints: lines });
    expect(breakpoints.map(({ verified, reason }) => [verified, reason])).toEqual(
      lines.map(() => [false, "pending"]),
    );
    const elsewhere = { path: "/somewhere/else/Dockerfile" };
    const other = await client.request("setBreakpoints", { source: elsewhere, breakpoints: [{ line: 1 }] });
    expect(other.breakpoints[0]).toMatchObject({
      verified: false,
      message: expect.stringContaining(dap.dockerfile),
    });
    expect(await client.request("breakpointLocations", { source, line: 1, endLine: 99 })).toEqual({
      breakpoints: [],
    });
    const first = await dap.begin();
    const bound = new Map(client.events("breakpoint").map(({ breakpoint }) => [breakpoint.id, breakpoint]));
    const now = breakpoints.map(({ id }) => bound.get(id));
    expect(now).toMatchObject([
      { verified: true, line: 3, message: expect.stringMatching(/moved/) },
      { verified: false, message: expect.stringMatching(/.../) },
      { verified: true, line: 8 },
      { verified: false, message: expect.stringMatching(/.../) },
    ]);
    expect(first).toMatchObject({
      stopped: { reason: "breakpoint", hitBreakpointIds: [breakpoints[0]?.id] },
      frames: [{ line: 3 }, {}],
    });
    const locations = await client.request("breakpointLocations", { source, line: 1, endLine: 99 });
    expect(locations.breakpoints.map(({ line, endLine }) => [line, endLine])).toEqual([
      [1, 1],
      [3, 3],
      [8, 9],
      [10, 10],
      [11, 11],
    ]);
    const functions = await client.request("setFunctionBreakpoints", {
      breakpoints: [{ name: "app" }, { name: "/echo four/" }, { name: "no-such-stage" }, { name: "miss" }],
    });
    expect(functions.breakpoints.map(({ verified }) => verified)).toEqual([true, true, false, true]);
    // What is in no list any more is taken back: line 8 does not stop.
    await client.request("setBreakpoints", { source, breakpoints: [{ line: 3 }] });
    await client.request("setFunctionBreakpoints", { breakpoints: [{ name: "/echo four/" }] });
    await client.request("continue", { threadId: 1 });
    expect(await client.stop()).toMatchObject({
      stopped: { reason: "function breakpoint" },
      frames: [{ line: 10 }],
    });
    await client.request("setBreakpoints", { source, lines: [11] });
    await client.request("continue", { threadId: 1 });
    expect(await client.stop()).toMatchObject({ stopped: { reason: "breakpoint" }, frames: [{ line: 11 }] });
    await client.request("setBreakpoints", { source, breakpoints: [] });
    await client.request("continue", { threadId: 1 });
    await client.event("terminated");
    const late = await client.request("setBreakpoints", { source, breakpoints: [{ line: 8 }] });
    expect(late.breakpoints).toHaveLength(1);
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    expectTranscript(client, "breakpoints", { names: { CONTEXT: dap.context.path } });
  });
});

const [engine] = testEngines();

test("lines and columns are counted as the client counts, and paths may be URLs", async () => {
  const initialize = { linesStartAt1: false, columnsStartAt1: false, pathFormat: "uri" };
  await using dap = await debugBuild(engine ?? expect.unreachable(), {
    files: { Dockerfile: DOCKERFILE },
    initialize,
  });
  const { client } = dap;
  const source = { path: `file://${dap.dockerfile}` };
  const { frames } = await dap.begin();
  expect(frames[0]).toMatchObject({ line: 0, column: 0, source });
  const { breakpoints } = await client.request("setBreakpoints", {
    source,
    breakpoints: [{ line: 1 }, { line: -1 }],
  });
  expect(breakpoints).toMatchObject([{ verified: true, line: 2 }, { verified: false }]);
  const locations = await client.request("breakpointLocations", { source, line: 2 });
  expect(locations.breakpoints).toEqual([{ line: 2, column: 0, endLine: 2 }]);
});

test("a text that is no file of this machine is given to the client", async () => {
  const plan = fileURLToPath(new URL("../../../demo/plan/", import.meta.url));
  const { definition } = compilePlan(readFileSync(`${plan}plan.json`, "utf8"));
  // Without a source map what is shown is a listing.
  await using dap = await debugBuild(engine ?? expect.unreachable(), {
    files: { Dockerfile: "FROM scratch\n" },
    args: [
      "--llb",
      "plan.llb",
      "--local",
      `context=${plan}context`,
      "--secret",
      `id=seal,src=${plan}seal.txt`,
    ],
    prepare: (context) => writeFile(join(context, "plan.llb"), definition),
    launch: { contextPath: null },
  });
  const { client } = dap;
  const { frames } = await dap.begin();
  const { sources } = await client.request("loadedSources");
  expect(sources).toHaveLength(1);
  const reference = frames[0]?.source?.sourceReference ?? 0;
  expect(sources[0]?.sourceReference).toBe(reference);
  const { content } = await client.request("source", { sourceReference: reference });
  expect(content.split("\n")[(frames[0]?.line ?? 0) - 1]).toMatch(/./);
  await expect(client.request("source", { sourceReference: reference + 7 })).rejects.toThrow(/no such text/);
});
