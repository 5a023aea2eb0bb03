import type { Duplex } from "node:stream";
import type { Address } from "../../src/transport/address.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { connectSocket } from "../../src/transport/connect.ts";
import { upgrade } from "../../src/transport/upgrade.ts";
import { serveLocally } from "./local-server.ts";
import type { TestEngine } from "./test-engine.ts";

export interface EngineRelay extends AsyncDisposable {
  readonly address: Address;
  /** Drops all connections, as a dying engine does. */
  cut(): void;
}

/** Offers the BuildKit inside an engine as a buildkitd: plain HTTP/2 on a unix socket. */
export async function relayToBuildkit(engine: TestEngine): Promise<EngineRelay> {
  const { socket } = parseAddress(engine.dockerHost);
  const open = new Set<Duplex>();
  const server = await serveLocally((client) => {
    void (async () => {
      const buildkit = await connectSocket(socket);
      if (engine.kind === "dockerd") await upgrade(buildkit, "/grpc", []);
      join(client, buildkit);
      open.add(client).add(buildkit);
    })().catch(() => client.destroy());
  });
  return {
    address: { kind: "buildkitd", socket: server.address, text: `unix://${server.address.path}` },
    cut: () => {
      for (const stream of open) stream.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const stream of open) stream.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on("error", () => undefined).on("close", () => to.destroy());
  }
}
