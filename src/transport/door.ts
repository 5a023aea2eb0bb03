/** A place for grpc-js to connect to where its bytes go another way: it insists on a socket of its own. */
import net from "node:net";

/** Whoever comes is let in and out again; nothing is ever said here. */
export interface Door extends Disposable {
  /** As grpc-js names addresses. */
  readonly target: string;
}

/** Opens it on the loopback interface; the caller disposes it when grpc-js has come. */
export async function openDoor(): Promise<Door> {
  const server = net.createServer((visitor) => visitor.on("error", () => undefined).resume());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { target: `ipv4:127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}
