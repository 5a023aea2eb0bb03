import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import net, { type Socket } from "node:net";
import type * as grpc from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { Address } from "../../../src/transport/address.ts";
import { CallGroup } from "../../../src/transport/call-group.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { openSessionStream } from "../../../src/transport/session-stream.ts";
import { serveLocally } from "../../support/local-server.ts";
import { type GrpcPeer, rawMethod, sendBack, startGrpcPeer } from "./grpc-peer.ts";

interface Relay extends AsyncDisposable {
  readonly address: Address;
  cut(): void;
  /** Resolves when the channel has closed its connection. */
  readonly hungUp: Promise<void>;
}

/** Lies between the channel and its peer, so that the connection can be cut as a dying engine cuts it. */
async function relayTo(peer: GrpcPeer): Promise<Relay> {
  if (peer.address.socket.kind !== "unix") throw new Error("the peer listens on a unix socket");
  const { path } = peer.address.socket;
  const open: Socket[] = [];
  let told: (() => void) | undefined;
  const hungUp = new Promise<void>((resolve) => {
    told = resolve;
  });
  const server = await serveLocally((client) => {
    const engine = net.connect(path);
    engine.on("error", () => client.destroy());
    client.pipe(engine).pipe(client);
    open.push(client, engine);
    // The channel's first connection only looks whether anybody is there.
    if (open.length > 2) client.once("close", () => told?.());
  });
  return {
    address: { ...peer.address, socket: server.address },
    hungUp,
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const { signal } = new AbortController();
const echo = rawMethod("Echo");
const hang = rawMethod("Hang");
const count = rawMethod("Count");
const pump = rawMethod("Pump");

describe("a channel", () => {
  test("carries messages far above gRPC's usual limit of 4 MiB", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const message = randomBytes(6 * 1024 * 1024);
    expect((await channel.unary(echo, message)).equals(message)).toBe(true);
  });

  test("cancels a hanging call at the other end when its signal fires", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const cancel = new AbortController();
    const call = channel.unary(hang, Buffer.of(), { signal: cancel.signal });
    await expect(channel.unary(echo, Buffer.of(1))).resolves.toEqual(Buffer.of(1));
    const told = peer.nextCancelled();
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await told;
  });

  test("sends nothing when the signal had fired before", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    await expect(channel.unary(echo, Buffer.of(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(peer.calls).toEqual([]);
  });

  test("gives up after a deadline", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    await expect(channel.unary(hang, Buffer.of(), { deadlineMs: 20 })).rejects.toMatchObject({
      code: "engine",
      grpcCode: 4,
    });
  });

  test("cancels a server stream when the loop is left", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const told = peer.nextCancelled();
    const seen: string[] = [];
    for await (const message of channel.serverStream(count, Buffer.of())) {
      seen.push(message.toString());
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(["0", "1", "2"]);
    await told;
  });

  test("ends a server stream with `cancelled` when its signal fires in the loop", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const cancel = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _ of channel.serverStream(count, Buffer.of(), { signal: cancel.signal }))
        cancel.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: "cancelled" });
  });

  test("follows a server stream: a message comes when the one before has been taken", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const told = peer.nextCancelled();
    const seen: string[] = [];
    let atOnce = 0;
    const following = channel.follow(count, Buffer.of(), {
      take: async (message) => {
        atOnce += 1;
        expect(atOnce).toBe(1);
        await new Promise(setImmediate);
        atOnce -= 1;
        seen.push(message.toString());
        if (seen.length === 3) throw new Error("three are enough");
      },
    });
    await expect(following).rejects.toThrow("three are enough");
    expect(seen).toEqual(["0", "1", "2"]);
    await told;
  });

  test("ends what it follows with `cancelled` by its signal or its group, and with what its taker throws", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const cancel = new AbortController();
    const group = new CallGroup();
    const bySignal = { signal: cancel.signal, take: () => cancel.abort() };
    const byGroup = { within: group, take: () => group.end() };
    for (const how of [bySignal, byGroup])
      await expect(channel.follow(count, Buffer.of(), how)).rejects.toMatchObject({ code: "cancelled" });
    await expect(channel.unary(echo, Buffer.of(), { within: group })).rejects.toMatchObject({
      code: "cancelled",
    });
    const take = (): void => {
      throw new Error("not this one");
    };
    await expect(channel.follow(count, Buffer.of(), { take })).rejects.toThrow("not this one");
  });

  test("says of which call an answer cannot be read", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const garbled = {
      ...echo,
      decode: (): never => {
        throw new Error("index out of range");
      },
    };
    await expect(channel.unary(garbled, Buffer.of(1))).rejects.toMatchObject({
      code: "engine",
      grpcCode: 13,
      message: `the answer to ${echo.path} cannot be read: index out of range`,
    });
    await expect(channel.unary(echo, Buffer.of(1))).resolves.toEqual(Buffer.of(1));
  });

  test("stops reading a duplex call while it is paused, and loses nothing", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    const call = channel.duplex(pump);
    let received = 0;
    call.onMessage((message) => {
      received += message.length;
      call.pause();
      setImmediate(() => call.resume());
    });
    for (let sent = 0; sent < 200; sent++) if (!call.write(Buffer.alloc(10_000))) await call.drained();
    call.end();
    await call.ended;
    expect(received).toBe(2_000_000);
  });

  test("lets a writer that waits for an engine go when the call is cancelled", async () => {
    await using peer = await startGrpcPeer();
    await using channel = await Channel.open(peer.address, { signal });
    // Nobody reads, so the echo fills the windows of both directions.
    const call = channel.duplex(pump);
    while (call.write(Buffer.alloc(1024 * 1024)));
    const waiting = call.drained();
    call.cancel();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    await expect(call.ended).rejects.toMatchObject({ code: "cancelled" });
  });

  test("fires `lost` and fails its calls when the connection drops, and takes no new ones", async () => {
    await using peer = await startGrpcPeer();
    await using relay = await relayTo(peer);
    await using channel = await Channel.open(relay.address, { signal });
    const unary = channel.unary(hang, Buffer.of());
    const duplex = channel.duplex(pump);
    const outcomes = Promise.allSettled([unary, duplex.ended]);
    duplex.onMessage(() => undefined);
    await channel.unary(echo, Buffer.of());
    relay.cut();
    await once(channel.lost, "abort");
    expect(channel.lost.reason).toMatchObject({ code: "engine-unreachable" });
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "engine-unreachable" } });
    }
    await expect(channel.unary(echo, Buffer.of())).rejects.toMatchObject({ code: "engine-unreachable" });
  });

  test("cancels what is in flight when it is disposed, which is no loss", async () => {
    await using peer = await startGrpcPeer();
    const channel = await Channel.open(peer.address, { signal });
    const call = channel.unary(hang, Buffer.of());
    await channel.unary(echo, Buffer.of());
    const told = peer.nextCancelled();
    await channel[Symbol.asyncDispose]();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await told;
    expect(channel.lost.aborted).toBe(false);
  });

  test("says why a socket cannot be used", async () => {
    const open = (path: string) =>
      Channel.open({ kind: "dockerd", socket: { kind: "unix", path }, text: `unix://${path}` }, { signal });
    await expect(open("/nowhere/engine.sock")).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "cannot reach an engine at /nowhere/engine.sock: there is no such socket",
      hint: expect.stringContaining("--addr"),
    });
    await using deaf = await serveLocally((socket) => socket.destroy());
    await expect(open(deaf.address.path)).rejects.toMatchObject({ code: "engine-unreachable" });
  });

  test.each(["dockerd", "buildkitd"] as const)(
    "hangs up when it is cancelled while a %s is silent",
    async (kind) => {
      const cancel = new AbortController();
      let connections = 0;
      let told: (() => void) | undefined;
      const hungUp = new Promise<void>((resolve) => {
        told = resolve;
      });
      await using silent = await serveLocally((socket) => {
        connections += 1;
        // The first connection only looks whether anybody is there.
        if (connections < 2) return;
        socket.once("data", () => cancel.abort()).once("close", () => told?.());
      });
      const opened = Channel.open(
        { kind, socket: silent.address, text: "silent" },
        { signal: cancel.signal },
      );
      await expect(opened).rejects.toMatchObject({ code: "cancelled" });
      await hungUp;
    },
  );

  test("hangs up when it is disposed", async () => {
    await using peer = await startGrpcPeer();
    await using relay = await relayTo(peer);
    const channel = await Channel.open(relay.address, { signal });
    await channel.unary(echo, Buffer.of());
    await channel[Symbol.asyncDispose]();
    await relay.hungUp;
  });
});

describe("a session tunnel to buildkitd", () => {
  test("carries bytes unchanged both ways, with repeated headers", async () => {
    const seen: grpc.Metadata[] = [];
    const session: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      seen.push(call.metadata);
      // What comes back are the very messages: the tunnel's framing is symmetric.
      sendBack(call);
    };
    await using peer = await startGrpcPeer({ "/moby.buildkit.v1.Control/Session": session });
    await using channel = await Channel.open(peer.address, { signal });
    const stream = await openSessionStream(
      channel,
      [
        ["X-Docker-Expose-Session-Grpc-Method", "/a/A"],
        ["X-Docker-Expose-Session-Grpc-Method", "/b/B"],
      ],
      { signal },
    );
    const sent = createHash("sha256");
    const received = createHash("sha256");
    stream.on("data", (data) => received.update(data));
    const ended = once(stream, "end");
    for (let size = 1; size < 5_000_000; size *= 7) {
      const data = randomBytes(size);
      sent.update(data);
      if (!stream.write(data)) await once(stream, "drain");
    }
    stream.end();
    await ended;
    expect(received.digest("hex")).toBe(sent.digest("hex"));
    expect(seen[0]?.get("x-docker-expose-session-grpc-method")).toEqual(["/a/A, /b/B"]);
  });

  test("ends with an error when the connection drops", async () => {
    const session: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => call.resume();
    await using peer = await startGrpcPeer({ "/moby.buildkit.v1.Control/Session": session });
    await using relay = await relayTo(peer);
    await using channel = await Channel.open(relay.address, { signal });
    const stream = await openSessionStream(channel, [], { signal });
    await channel.unary(echo, Buffer.of());
    const failed = once(stream, "error");
    relay.cut();
    expect((await failed)[0]).toMatchObject({ code: "engine-unreachable" });
  });
});
