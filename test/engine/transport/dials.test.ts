/** A program between bktui and the engine: one for all of a build, and the same one again after it has died. */
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Address, EngineKind } from "../../../src/transport/address.ts";
import { give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { fixtureAt } from "../../support/fixtures.ts";
import { processesWith } from "../../support/processes.ts";
import { relayToBuildkit } from "../../support/relay.ts";
import { StandIns } from "../../support/stand-ins.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const fixture = fixtureAt("fx");
const TEXT = "kube-pod://box";

function addressOf(programs: StandIns, speaks: EngineKind): Address {
  const program = join(programs.directory, "dial");
  return {
    kind: speaks,
    socket: { kind: "command", speaks, program, args: [], env: {}, text: TEXT },
    text: TEXT,
  };
}

/** What it joins to: a dockerd's own socket, or the BuildKit in it. */
async function dialTo(engine: TestEngine, speaks: EngineKind, programs: StandIns): Promise<AsyncDisposable> {
  const relay = await relayToBuildkit(engine);
  const text = speaks === "dockerd" ? engine.dockerHost : relay.address.text;
  await programs.joining("dial", text.replace("unix://", ""));
  return relay;
}

forEachEngine((engine) => {
  // A buildkitd that was given has no dockerd around it.
  test.each<EngineKind>(engine.kind === "dockerd" ? ["dockerd", "buildkitd"] : ["buildkitd"])(
    "a %s is stepped and looked into through one run of a program, of which nothing stays",
    async (speaks) => {
      await using programs = await StandIns.make();
      await using _relay = await dialTo(engine, speaks, programs);
      {
        await using bench = await startDebugging(addressOf(programs, speaks), { fixture }, { noCache: true });
        const { debug } = bench;
        expect(debug.engine).toMatchObject({ kind: speaks, address: TEXT });
        if (speaks === "dockerd") expect(debug.engine.version).toBe(engine.version);
        expect(await give(debug, "continue")).toBe("before 10 exception");
        expect(await outputIn(debug, 7, "base", "pwd; cat *")).toBe("/app\none\n");
        if (engine.keepsFailedState)
          expect(await outputIn(debug, 7, "failed", "cat *")).toBe("one\ntwo\njunk\n");
        expect(programs.runs("dial")).toHaveLength(1);
        expect(processesWith(programs.directory)).toHaveLength(1);
      }
      await vi.waitFor(() => expect(processesWith(programs.directory)).toEqual([]), 5000);
    },
  );

  test("a program that dies loses the build in its own words, and a rerun runs it again", async () => {
    await using programs = await StandIns.make();
    await using _relay = await dialTo(engine, "buildkitd", programs);
    await using bench = await startDebugging(addressOf(programs, "buildkitd"), { fixture });
    const { debug } = bench;
    expect(await give(debug, "next")).toBe("before 3 step");
    for (const pid of processesWith(programs.directory)) process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(debug.state.phase.kind).toBe("lost"), 5000);
    expect(debug.state.phase).toMatchObject({
      error: { message: expect.stringMatching(/kube-pod:\/\/box was lost: .*dial was ended by SIGKILL/) },
    });
    debug.dispatch({ kind: "rerun", here: true });
    await vi.waitFor(() => expect(where(debug.state)).toMatch(/^before 3 /), 20_000);
    expect(programs.runs("dial")).toHaveLength(2);
  });
});
