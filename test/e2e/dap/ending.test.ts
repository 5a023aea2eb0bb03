/** How a session ends: by one who says so more than once, and in any order. */
import { expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { testEngines } from "../../support/engines.ts";

covers("terminate", "disconnect", "supportsTerminateRequest", "supportTerminateDebuggee");

const FILES = { Dockerfile: "FROM busybox:1.36\nRUN echo one\n" };

test.each(testEngines())(
  "terminate, and the disconnect that clients send behind it, on $name",
  async (engine) => {
    await using dap = await debugBuild(engine, { files: FILES });
    const { client } = dap;
    await dap.begin();
    await client.request("terminate");
    await client.event("terminated");
    await client.request("terminate");
    await client.request("disconnect", { terminateDebuggee: true });
    expect(await dap.ended()).toBe(0);
  },
);

// Helix: it disconnects, and once more when it is told of the end that this led to.
test.each(testEngines())("two disconnects at once on $name", async (engine) => {
  await using dap = await debugBuild(engine, { files: FILES });
  const { client } = dap;
  await dap.begin();
  const both = [client.send("disconnect"), client.send("disconnect")];
  for (const seq of both) expect(await client.answerTo(seq)).toMatchObject({ success: true });
  expect(await dap.ended()).toBe(0);
});
