import { afterEach, expect, it } from "vitest";
import { BktuiError } from "../../../src/base/errors.ts";
import { limits } from "../../../src/base/limits.ts";
import { type Attachable, type Call, CallRefused, grpcCode, unary } from "../../../src/session/attachable.ts";
import { healthService } from "../../../src/session/health.ts";
import { SessionPeer } from "../../support/session-peer.ts";

const path = "/test.Service/Method";
const open: SessionPeer[] = [];

function serving(handler: (call: Call) => Promise<void>): SessionPeer {
  return keep(new SessionPeer({ methods: new Map([[path, handler]]) }));
}

function keep(peer: SessionPeer): SessionPeer {
  open.push(peer);
  return peer;
}

afterEach(async () => {
  for (const peer of open.splice(0)) await peer[Symbol.asyncDispose]();
});

it("answers health checks with SERVING", async () => {
  const { code, reply } = await keep(new SessionPeer(healthService())).unary(
    "/grpc.health.v1.Health/Check",
    new Uint8Array(),
  );
  expect({ code, reply: [...(reply ?? [])] }).toEqual({ code: 0, reply: [8, 1] });
});

it("keeps repeated headers apart, commas and UTF-8 included", async () => {
  let seen: Call["metadata"] = new Map();
  const peer = serving(async (call) => {
    seen = call.metadata;
  });
  const raw = Buffer.from("wörld", "utf8").toString("latin1");
  const call = peer.call(path, {
    "exclude-patterns": ["a, b", "c", raw],
    "include-patterns": ["a+b%2C%C3%BC", "100%25"],
    "include-patterns-encoded": "1",
  });
  call.end();
  expect((await call.status).code).toBe(0);
  expect(seen.get("exclude-patterns")).toEqual(["a, b", "c", "wörld"]);
  expect(seen.get("include-patterns")).toEqual(["a b,ü", "100%"]);
});

it("answers unknown methods with unimplemented", async () => {
  expect(await keep(new SessionPeer()).unary("/no.Such/Method", Uint8Array.of(1))).toMatchObject({
    code: 12,
  });
});

it("sends the reason of a refusal through the header, whatever is in it", async () => {
  const message = "secret ‘ü’ 100% of \u001b[2J\nlines";
  const peer = serving(async () => {
    throw new CallRefused(grpcCode.notFound, `  ${message}  `);
  });
  expect(await peer.unary(path, new Uint8Array())).toMatchObject({ code: 5, message });
});

it("turns any other error of a handler into status 2", async () => {
  const peer = serving(async () => {
    throw new BktuiError("io", "disk on fire");
  });
  expect(await peer.unary(path, new Uint8Array())).toMatchObject({ code: 2, message: "disk on fire" });
});

it("delivers messages that came together with the headers to a handler that starts late", async () => {
  const peer = serving(async (call) => {
    await new Promise((resolve) => setImmediate(resolve));
    for await (const message of call.messages) call.write(message);
  });
  const call = peer.call(path);
  const sent = [Buffer.from("first"), Buffer.alloc(0), Buffer.alloc(300_000, "x")];
  for (const message of sent) call.send(message);
  call.end();
  expect(await call.status).toMatchObject({ code: 0 });
  expect(call.messages.map((message, index) => sent[index]?.equals(message))).toEqual([true, true, true]);
});

it("copies what is written, so that a buffer can be used again", async () => {
  const peer = serving(async (call) => {
    const buffer = Buffer.alloc(1);
    for (let value = 0; value < 3; value += 1) {
      buffer[0] = value;
      call.write(buffer);
    }
  });
  const call = peer.call(path);
  call.end();
  await call.status;
  expect(call.messages.map((message) => message[0])).toEqual([0, 1, 2]);
});

it("refuses a message over 16 MiB without storing it", async () => {
  const echo: Attachable = { methods: new Map([[path, unary(async (request) => request)]]) };
  const call = keep(new SessionPeer(echo)).call(path);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(limits.messageBytes + 1, 1);
  call.stream.write(header);
  expect(await call.status).toMatchObject({ code: 2, message: expect.stringContaining("16777217") });
});

it("holds a fast sender back while the daemon does not read", async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  const total = 8;
  let written = 0;
  let blocked: () => void = () => undefined;
  const whenBlocked = new Promise<void>((resolve) => {
    blocked = resolve;
  });
  const peer = serving(async (call) => {
    while (written < total) {
      written += 1;
      if (call.write(chunk)) continue;
      // Flow control lets the daemon's window through; what is beyond it must wait here.
      setImmediate(blocked);
      await call.drained();
    }
  });
  const call = peer.call(path);
  call.stream.pause();
  call.end();
  await whenBlocked;
  expect(written).toBeLessThan(total);
  call.stream.resume();
  expect(await call.status).toMatchObject({ code: 0 });
  expect(call.messages).toHaveLength(total);
});

it("tells the handler when the daemon cancels the call, and fails its waiting", async () => {
  let ended: (error: unknown) => void = () => undefined;
  const outcome = new Promise<unknown>((resolve) => {
    ended = resolve;
  });
  const peer = serving(async (call) => {
    call.write(Buffer.from("started"));
    await new Promise((resolve) => call.cancelled.addEventListener("abort", resolve));
    await call.drained().catch(ended);
  });
  const call = peer.call(path);
  call.onMessage = () => call.stream.close(8);
  expect(await outcome).toMatchObject({ code: "cancelled" });
});

it("cancels its calls and reports when the connection is lost", async () => {
  let cancelled: AbortSignal | undefined;
  const peer = serving(async (call) => {
    cancelled = call.cancelled;
    call.write(Buffer.from("started"));
    for await (const _ of call.messages);
  });
  const call = peer.call(path);
  await new Promise<void>((resolve) => {
    call.onMessage = () => resolve();
  });
  const closed = new Promise((resolve) => peer.served.closed.addEventListener("abort", resolve));
  peer.client.destroy();
  await closed;
  expect(peer.served.closed.reason).toMatchObject({ code: "engine-unreachable" });
  expect(cancelled?.aborted).toBe(true);
});
