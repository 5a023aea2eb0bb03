/** What a launch says of failures: they end the run, or open a shell. */
import { expect, test } from "vitest";
import { debugBuild } from "../../support/dap-program.ts";
import { forEachEngine } from "../../support/engines.ts";

const FILES = { Dockerfile: "FROM busybox:1.36\nRUN echo begun && exit 3\n" };

forEachEngine((engine) => {
  test("onError exit: a failure ends the run with its words, whatever filters are asked for", async () => {
    await using build = await debugBuild(engine, {
      files: FILES,
      launch: { onError: "exit", stopOnEntry: false },
    });
    const { client } = build;
    await client.request("setExceptionBreakpoints", { filters: ["all"] });
    await client.request("configurationDone");
    expect((await client.event("exited")).exitCode).toBe(1);
    await client.event("terminated");
    expect(client.events("stopped")).toEqual([]);
    expect(client.output("stderr")).toContain("step 2/2 failed: exit code 3");
    const { breakpoints = [] } = await client.request("setExceptionBreakpoints", { filters: ["all"] });
    expect(breakpoints[0]).toMatchObject({ verified: false, message: 'the launch says "onError": "exit"' });
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });

  test("onError shell: the first failure opens a shell in a terminal of the editor", async () => {
    const asked: { readonly cwd: string; readonly args: readonly string[] }[] = [];
    await using build = await debugBuild(engine, {
      files: FILES,
      launch: { onError: "shell", stopOnEntry: false },
      initialize: { supportsRunInTerminalRequest: true },
      reverse: {
        runInTerminal: (args: unknown) => {
          asked.push(args as (typeof asked)[number]);
          return {};
        },
      },
    });
    const { client } = build;
    const { stopped } = await build.begin();
    expect(stopped.reason).toBe("exception");
    await client.event("output", ({ output }) => output === "A shell opens in a terminal.\n");
    expect(asked).toHaveLength(1);
    expect(asked[0]?.cwd).toBe(build.context.path);
    expect(asked[0]?.args).toContain("--shell");
    await client.request("disconnect");
    expect(await build.ended()).toBe(0);
  });
});
