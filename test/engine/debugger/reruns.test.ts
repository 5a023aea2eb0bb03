import { expect, test } from "vitest";
import { parseAddress } from "../../../src/transport/address.ts";
import { startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

forEachEngine(({ dockerHost, kind }) => {
  test("a day of reruns on one connection leaves nothing listening", async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error): number => warnings.push(message);
    process.on("warning", note);
    try {
      const Dockerfile = "FROM scratch\nADD busybox /bin/busybox\n";
      await using bench = await startDebugging(parseAddress(dockerHost, kind), { files: { Dockerfile } });
      for (let round = 0; round < 15; round += 1) {
        bench.debug.dispatch({ kind: "rerun", here: true });
        expect(where(await bench.debug.rest())).toMatch(/^before 2/);
      }
    } finally {
      process.off("warning", note);
    }
    expect(warnings).toEqual([]);
  });
});
