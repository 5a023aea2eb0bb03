import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "vitest";
import { bridge, buildRef, control } from "../../../src/protocol/methods.ts";
import { openSession } from "../../../src/session/session.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { probeKind } from "../../../src/transport/probe.ts";
import { forEachEngine } from "../../support/engines.ts";
import { relayToBuildkit } from "../../support/relay.ts";

const { signal } = new AbortController();

forEachEngine((engine) => {
  const address = parseAddress(engine.dockerHost, engine.kind);

  test("the engine is known for what it is", async () => {
    expect(await probeKind(address.socket, { signal })).toBe(engine.kind);
    await using relay = await relayToBuildkit(engine);
    expect(await probeKind(relay.address.socket, { signal })).toBe("buildkitd");
  });

  test("the engine names its workers, and its version where it can", async () => {
    await using channel = await Channel.open(address, { signal });
    const { record } = await channel.unary(control.listWorkers, {});
    expect(record?.[0]?.platforms?.[0]).toMatchObject({ OS: "linux" });
    const info = channel.unary(control.info, {});
    if (engine.keepsFailedState) await expect(info).resolves.toHaveProperty("buildkitVersion");
    else await expect(info).rejects.toMatchObject({ code: "engine", grpcCode: 12 });
  });

  test("an engine's refusal comes with its own words", async () => {
    await using channel = await Channel.open(address, { signal });
    const build = channel.unary(control.solve, { Ref: randomUUID(), Frontend: "nonsense.v9", Cache: {} });
    await expect(build).rejects.toMatchObject({
      code: "engine",
      message: expect.stringContaining("nonsense.v9"),
    });
  });

  test("a call that hangs ends at once when its signal fires", async () => {
    await using channel = await Channel.open(address, { signal });
    const cancel = new AbortController();
    // BuildKit waits for seconds whether a build of this name turns up.
    const ping = channel.unary(bridge.ping, {}, { metadata: buildRef("late"), signal: cancel.signal });
    await channel.unary(control.listWorkers, {});
    const before = performance.now();
    cancel.abort();
    await expect(ping).rejects.toMatchObject({ code: "cancelled" });
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test.each(["directly", "as buildkitd"])(
    "a session, reached %s, lives until it is disposed",
    async (how) => {
      await using relay = await relayToBuildkit(engine);
      await using channel = await Channel.open(how === "directly" ? address : relay.address, { signal });
      const session = await openSession(channel, [], { sharedKey: "", signal });
      await channel.unary(control.listWorkers, {});
      expect(session.closed.aborted).toBe(false);
      await session[Symbol.asyncDispose]();
      expect(session.closed.aborted).toBe(true);
      expect(channel.lost.aborted).toBe(false);
    },
  );

  test("the loss of the connection ends calls and session and is told once", async () => {
    await using relay = await relayToBuildkit(engine);
    await using channel = await Channel.open(relay.address, { signal });
    await using session = await openSession(channel, [], { sharedKey: "", signal });
    const hanging = channel.unary(bridge.ping, {}, { metadata: buildRef("never") });
    const outcome = expect(hanging).rejects.toMatchObject({ code: "engine-unreachable" });
    const closed = once(session.closed, "abort");
    await channel.unary(control.listWorkers, {});
    relay.cut();
    if (!channel.lost.aborted) await once(channel.lost, "abort");
    await outcome;
    await closed;
    expect(channel.lost.reason).toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("was lost"),
    });
    await expect(channel.unary(control.listWorkers, {})).rejects.toMatchObject({
      code: "engine-unreachable",
    });
  });
});
