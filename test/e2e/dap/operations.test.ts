/** Operations as instructions, what a build takes from outside as modules, and breakpoints at operations. */
import { expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { forEachEngine } from "../../support/engines.ts";

covers("disassemble", "setInstructionBreakpoints", "modules", "supportsDisassembleRequest");
covers("supportsInstructionBreakpoints", "supportsModulesRequest", "additionalModuleColumns");

const DOCKERFILE = `FROM busybox:1.36 AS one
RUN echo one > /one
FROM busybox:1.36
COPY --from=one /one /two
RUN cat /two
`;

forEachEngine((engine) => {
  test("operations are listed around a frame, stopped at by their address, and images are modules", async () => {
    await using build = await debugBuild(engine, {
      files: { Dockerfile: DOCKERFILE },
      launch: { stopOnEntry: true },
    });
    const { client } = build;
    // As VS Code does while it sets up, when there are none and when some are left of an earlier session.
    expect(await client.request("setInstructionBreakpoints", { breakpoints: [] })).toEqual({
      breakpoints: [],
    });
    const early = { breakpoints: [{ instructionReference: "0x1" }] };
    expect((await client.request("setInstructionBreakpoints", early)).breakpoints).toMatchObject([
      { verified: false, message: "operations are known when the build is loaded" },
    ]);
    const { frames } = await build.begin();
    const address = frames[0]?.instructionPointerReference ?? "";
    const listed = await client.request("disassemble", {
      memoryReference: address,
      instructionOffset: -1,
      instructionCount: 6,
    });
    const texts = listed.instructions.map(({ instruction }) => instruction);
    expect(texts).toHaveLength(6);
    expect(texts[0]).toBe("(none)");
    expect(texts[1]).toContain("source");
    expect(texts.join("\n")).toContain("cat /two");
    const last = listed.instructions.find(({ instruction }) => instruction.includes("cat /two"));
    expect(last?.line).toBe(5);

    const set = await client.request("setInstructionBreakpoints", {
      breakpoints: [{ instructionReference: last?.address ?? "" }, { instructionReference: "0xffff" }],
    });
    expect(set.breakpoints.map(({ verified }) => verified)).toEqual([true, false]);
    expect(set.breakpoints[1]?.message).toBe("there is no operation 0xffff");
    await expect(
      client.request("disassemble", { memoryReference: "nowhere", instructionCount: 1 }),
    ).rejects.toThrow("nowhere is no address of an operation");

    const { modules, totalModules } = await client.request("modules", {});
    expect(totalModules).toBe(modules.length);
    expect(modules.some(({ path }) => path?.includes("busybox:1.36") === true)).toBe(true);

    await client.request("continue", { threadId: 1 });
    const { stopped, frames: at } = await client.stop();
    expect(stopped.reason).toBe("breakpoint");
    expect(at[0]?.line).toBe(5);
    await client.request("disconnect", {});
    expect(await build.ended()).toBe(0);
  });
});
