import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Address, SocketAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { serveLocally } from "../../support/local-server.ts";
import { StandIns } from "../../support/stand-ins.ts";
import { tlsRelayTo } from "../../support/tls-relay.ts";
import { rawMethod } from "./grpc-peer.ts";

const { signal } = new AbortController();

/** A server of HTTP/2 that knows no method, and who it was taken for. */
async function listener() {
  const authorities: (string | undefined)[] = [];
  const grpc = http2.createServer();
  grpc.on("stream", (stream, headers) => {
    authorities.push(headers[":authority"]);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": "12" },
      { endStream: true },
    );
  });
  const server = await serveLocally((socket) => grpc.emit("connection", socket));
  return { ...server, authorities };
}

async function call(address: Address): Promise<void> {
  await using channel = await Channel.open(address, { signal });
  await expect(channel.unary(rawMethod("Any"), Buffer.of())).rejects.toMatchObject({ grpcCode: 12 });
}

test("proxies are told what buildctl and buildx tell them: the certificate's name, else host and port as written", async () => {
  await using there = await listener();
  await using secure = await tlsRelayTo(`unix://${there.address.path}`);
  await using programs = await StandIns.make();
  await programs.joining("dial", there.address.path);
  const program = join(programs.directory, "dial");
  const plain = net.createServer((socket) => {
    socket.pipe(net.connect(there.address.path)).pipe(socket);
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const place = plain.address();
  const port = typeof place === "object" && place !== null ? place.port : 0;
  const to = (socket: SocketAddress, text: string): Promise<void> =>
    call({ kind: "buildkitd", socket, text });
  const command = { kind: "command", speaks: "buildkitd", program, args: [], env: {} } as const;
  const files = { ca: secure.certificates.authority.cert, ...secure.client };
  const tcp = { kind: "tcp", host: "127.0.0.1", port: Number(new URL(secure.address).port) } as const;
  try {
    await to({ ...tcp, tls: files }, secure.address);
    await to({ ...tcp, tls: { ...files, serverName: "engine.test" } }, secure.address);
    await to({ kind: "tcp", host: "127.0.0.1", port }, `tcp://127.0.0.1:${port}`);
    await to(there.address, `unix://${there.address.path}`);
    for (const text of ["ssh://me@far:2222/run/buildkit.sock", "kube-pod://pod-0?namespace=n", "builder dev"])
      await to({ ...command, text }, text);
  } finally {
    await new Promise((resolve) => plain.close(resolve));
  }
  expect(there.authorities).toEqual([
    "127.0.0.1",
    "engine.test",
    `127.0.0.1:${port}`,
    "localhost",
    "far:2222",
    "pod-0",
    "localhost",
  ]);
});
