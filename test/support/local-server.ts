import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SocketAddress } from "../../src/transport/address.ts";

/** A server of this process on a unix socket: what lies between the transport and an engine, made visible. */
export interface LocalServer extends AsyncDisposable {
  readonly address: SocketAddress & { kind: "unix" };
}

export async function serveLocally(onConnection: (socket: net.Socket) => void): Promise<LocalServer> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-"));
  const path = join(directory, "s");
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    address: { kind: "unix", path },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}
