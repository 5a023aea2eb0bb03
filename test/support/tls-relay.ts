/** What an engine behind mutual TLS looks like: a relay of this process before the socket of a real one. */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { parseAddress } from "../../src/transport/address.ts";
import { type CertificateFiles, Certificates } from "./certificates.ts";

export interface TlsRelay extends AsyncDisposable {
  /** tcp://127.0.0.1:PORT; its certificate is for that and for "engine.test". */
  readonly address: string;
  readonly certificates: Certificates;
  /** Of a client that is let in. */
  readonly client: CertificateFiles;
}

/** @param target address of the engine, of a unix socket */
export async function tlsRelayTo(target: string): Promise<TlsRelay> {
  const { socket: place } = parseAddress(target);
  if (place.kind !== "unix") throw new Error(`${target} is no unix socket`);
  const certificates = await Certificates.make();
  const server = await certificates.issue("server", { names: "DNS:engine.test,IP:127.0.0.1" });
  const client = await certificates.issue("client");
  const [ca, cert, key] = await Promise.all(
    [certificates.authority.cert, server.cert, server.key].map((path) => readFile(path)),
  );
  const open = new Set<net.Socket>();
  const listening = tls.createServer({ ca, cert, key, requestCert: true }, (socket) => {
    const engine = net.connect(place.path).on("error", () => undefined);
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => engine.destroy());
    engine.on("close", () => socket.destroy());
    socket.pipe(engine).pipe(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const at = listening.address();
  if (typeof at !== "object" || at === null) throw new Error("it listens nowhere");
  return {
    address: `tcp://127.0.0.1:${at.port}`,
    certificates,
    client,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
      await certificates[Symbol.asyncDispose]();
    },
  };
}

/** Makes a directory with docker's names for the files of a client, as DOCKER_CERT_PATH has them; answers its path. */
export async function dockerCertificates(
  directory: string,
  { certificates, client }: Pick<TlsRelay, "certificates" | "client">,
): Promise<string> {
  await mkdir(directory);
  await copyFile(certificates.authority.cert, join(directory, "ca.pem"));
  await copyFile(client.cert, join(directory, "cert.pem"));
  await copyFile(client.key, join(directory, "key.pem"));
  return directory;
}
