/** Back over many steps and on again: the position moves, and no step runs twice. */
import { describe, expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { testEngines } from "../../support/engines.ts";

covers("stepBack", "reverseContinue", "next", "goto", "gotoTargets", "supportsStepBack");

const STEPS = 20;
const LAST = STEPS + 2;
const DOCKERFILE = [
  "FROM busybox:1.36",
  ...Array.from({ length: STEPS }, (_, n) => `RUN echo run ${n + 1} | tee -a /log`),
  "RUN exit 9",
  "",
].join("\n");

describe.each(testEngines())("$name", (engine) => {
  test("20 steps back, on again, and to the failure as it was", async () => {
    await using dap = await debugBuild(engine, {
      files: { Dockerfile: DOCKERFILE },
      launch: { noCache: true, stopOnEntry: false },
    });
    const { client } = dap;
    const failed = await dap.begin();
    expect(failed).toMatchObject({ stopped: { reason: "exception" }, frames: [{ line: LAST }] });
    const move = async (kind: "stepBack" | "next" | "reverseContinue" | "continue") => {
      await client.request(kind, { threadId: 1 });
      return (await client.stop()).frames[0]?.line;
    };
    const back: (number | undefined)[] = [];
    for (let count = 0; count < STEPS; count += 1) back.push(await move("stepBack"));
    expect(back).toEqual(Array.from({ length: STEPS }, (_, n) => LAST - 1 - n));
    const { result } = await client.request("evaluate", { expression: "! wc -l < /log", context: "repl" });
    expect(result).toContain("1");
    const on: (number | undefined)[] = [];
    for (let count = 0; count < STEPS; count += 1) on.push(await move("next"));
    expect(on).toEqual(Array.from({ length: STEPS }, (_, n) => n + 3));
    expect(await client.request("exceptionInfo", { threadId: 1 })).toMatchObject({
      exceptionId: "exit code 9",
    });
    const source = { path: dap.dockerfile };
    const { targets } = await client.request("gotoTargets", { source, line: 7 });
    await client.request("goto", { threadId: 1, targetId: targets[0]?.id ?? 0 });
    expect((await client.stop()).frames[0]?.line).toBe(7);
    await client.request("setBreakpoints", { source, breakpoints: [{ line: 4 }] });
    expect(await move("reverseContinue")).toBe(4);
    await client.request("setBreakpoints", { source, breakpoints: [] });
    expect(await move("continue")).toBe(LAST);
    expect(await client.ask("stepBack", { threadId: 7 })).toMatchObject({ success: false });
    // Each has run once, on the whole way.
    const runs = client.output("stdout").match(/^run \d+$/gm) ?? [];
    expect(runs).toEqual(Array.from({ length: STEPS }, (_, n) => `run ${n + 1}`));
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });
});
