/** A definition without a Dockerfile: its text is asked for, and what has no meaning for it is taken back. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { EDITOR, startDap } from "../../support/dap-program.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { runBktui } from "../../support/program.ts";

const FILES = {
  Dockerfile: "FROM busybox:1.36\nRUN echo one\nRUN echo two\n# \u001b[31mred\r \u202e\tend\r\n",
};

forEachEngine((engine) => {
  test("a definition is stepped in a listing that the adapter has", async () => {
    await using context = await busyboxContext({ files: FILES, unique: true });
    const file = join(context.path, "definition.pb");
    const dumped = await runBktui(["llb", "dump", "-o", file, context.path], {
      engine,
    });
    expect(dumped.exitCode).toBe(0);

    await using dap = await startDap(["dap"], { engine, cwd: context.path });
    const { client } = dap;
    await client.request("initialize", EDITOR);
    await client.request("launch", { llb: file, stopOnEntry: true });
    const taken = await client.event("capabilities");
    expect(taken.capabilities).toEqual({ supportsSetVariable: false, supportsSetExpression: false });
    await client.request("configurationDone");
    const { frames } = await client.stop();
    const source = frames[0]?.source;
    expect(source?.path).toBeUndefined();
    const { content } = await client.request("source", {
      source,
      sourceReference: source?.sourceReference ?? 0,
    });
    expect(content).toContain("echo two");
    const line = content.split("\n").findIndex((each) => each.includes("echo two")) + 1;
    const set = await client.request("setBreakpoints", { source: source ?? {}, breakpoints: [{ line }] });
    expect(set.breakpoints[0]?.verified).toBe(true);
    expect(content.split("\n")[3]).toBe("# ␛[31mred␍ <U+202E>\tend\r");
    await client.request("continue", { threadId: 1 });
    const { stopped } = await client.stop();
    expect(stopped.reason).toBe("breakpoint");
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
  });
});
