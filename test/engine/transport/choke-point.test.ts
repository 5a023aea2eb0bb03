import { expect, test } from "vitest";
import { pb } from "#proto";
import { GatewayBuild } from "../../../src/engine/buildkit/gateway-build.ts";
import { execProcess, newContainer, returnBuild } from "../../../src/protocol/containers.ts";
import { bridge, control } from "../../../src/protocol/methods.ts";
import { openSession } from "../../../src/session/session.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { forEachEngine } from "../../support/engines.ts";

const { signal } = new AbortController();
const refused = { code: "bad-request", message: expect.stringContaining("would crash the engine") };

/** What the types forbid may still come through a cast or from JavaScript. */
function untyped<T>(json: string): T {
  return JSON.parse(json);
}

forEachEngine((engine) => {
  test("the four requests that crash a daemon are not sent, and the build goes on", async () => {
    await using channel = await Channel.open(parseAddress(engine.dockerHost, engine.kind), { signal });
    await using session = await openSession(channel, [], { sharedKey: "", signal });
    await using build = new GatewayBuild(channel, {
      session: session.id,
      entitlements: [],
      exporters: [],
      internal: true,
      onStatus: () => undefined,
    });
    await build.ping({ signal });
    const { metadata } = build;
    const root = { dest: "/" };
    const ssh = { dest: "/agent", mountType: pb.MountType.SSH };

    await expect(newContainer(channel, { ContainerID: "no-root" }, { metadata })).rejects.toMatchObject(
      refused,
    );
    await expect(
      newContainer(channel, { ContainerID: "no-options", Mounts: [root, ssh] }, { metadata }),
    ).rejects.toMatchObject(refused);
    await newContainer(channel, { ContainerID: "sound", Mounts: [root] }, { metadata });
    const naked = { processId: "p", init: untyped<{ Meta: object }>('{"ContainerID":"sound"}') };
    expect(() => execProcess(channel, naked, { metadata })).toThrowError(expect.objectContaining(refused));
    await expect(
      returnBuild(channel, untyped<{ kind: "result"; result: object }>('{"kind":"result"}'), { metadata }),
    ).rejects.toMatchObject(refused);

    await channel.unary(bridge.releaseContainer, { ContainerID: "sound" }, { metadata });
    await build.ping({ signal });
    expect((await channel.unary(control.listWorkers, {})).record).toHaveLength(1);
  });
});
