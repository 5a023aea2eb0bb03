/** What steps print, as an editor shows it: with the place of the step, in a group while the step runs. */
import { expect, test } from "vitest";
import { debugBuild } from "../../support/dap-program.ts";
import { forEachEngine } from "../../support/engines.ts";

const DOCKERFILE = `FROM busybox:1.36
RUN echo one && sleep 1 && echo two >&2 && sleep 1
RUN echo three
`;

forEachEngine((engine) => {
  test("the lines of a step that runs are a group that ends with it, each with line and stream", async () => {
    await using build = await debugBuild(engine, {
      files: { Dockerfile: DOCKERFILE },
      launch: { stopOnEntry: false },
    });
    const { client } = build;
    await client.request("configurationDone");
    await client.event("terminated");
    const outputs = client.events("output");
    const begun = outputs.findIndex(({ group, line }) => group === "start" && line === 2);
    const ended = outputs.findIndex(({ group }, index) => group === "end" && index > begun);
    expect(begun).toBeGreaterThanOrEqual(0);
    expect(ended).toBeGreaterThan(begun);
    const within = outputs.slice(begun + 1, ended).filter(({ line }) => line === 2);
    expect(within.map(({ category, output }) => [category, output])).toEqual([
      ["stdout", "one\n"],
      ["stderr", "two\n"],
    ]);
    expect(outputs.some(({ line, output }) => line === 3 && output === "three\n")).toBe(true);
    const groups = outputs.map(({ group }) => group);
    expect(groups.filter((each) => each === "start").length).toBe(
      groups.filter((each) => each === "end").length,
    );
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });
});
