/** A client that is asked for a terminal with a shell of the step. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { debugBuild } from "../../support/dap-program.ts";
import { testEngines } from "../../support/engines.ts";

const FILES = { Dockerfile: "FROM busybox:1.36\nRUN echo one\n" };
const INITIALIZE = { adapterID: "bktui", supportsRunInTerminalRequest: true };
const EXEC = { expression: "exec", context: "repl" };

describe.each(testEngines())("$name", (engine) => {
  test("may answer that only when it has the answer of what it typed, as Helix does", async () => {
    const told = new AbortController();
    const asked: unknown[] = [];
    const reverse = {
      runInTerminal: async (args: unknown) => {
        asked.push(args);
        await once(told.signal, "abort");
        return { processId: 1 };
      },
    };
    await using dap = await debugBuild(engine, { files: FILES, initialize: INITIALIZE, reverse });
    await dap.begin();
    const { result } = await dap.client.request("evaluate", EXEC);
    told.abort();
    expect(result).toBe("A shell opens in a terminal.");
    expect(asked).toEqual([
      expect.objectContaining({
        kind: "integrated",
        cwd: dap.context.path,
        args: expect.arrayContaining(["attach", "--shell"]),
      }),
    ]);
  });

  test("that refuses is told so by the answer, or as output when it refuses later", async () => {
    const told = new AbortController();
    let isSoon = true;
    const reverse = {
      runInTerminal: async () => {
        if (!isSoon) await once(told.signal, "abort");
        throw new Error("no terminal here");
      },
    };
    await using dap = await debugBuild(engine, { files: FILES, initialize: INITIALIZE, reverse });
    await dap.begin();
    const refusal = await dap.client.ask("evaluate", EXEC);
    expect(refusal).toMatchObject({ success: false, message: expect.stringMatching(/no terminal here/) });
    isSoon = false;
    await dap.client.request("evaluate", EXEC);
    told.abort();
    await dap.client.event("output", ({ output }) =>
      /no terminal was opened: .*no terminal here/.test(output),
    );
  });
});
