/** TLS to an engine, with the files that docker and buildctl name. */
import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls, { type SecureContext, type TLSSocket } from "node:tls";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import type { SocketAddress, TlsFiles } from "./address.ts";
import type { EngineKind } from "./engine-kind.ts";
import { tlsFileError } from "./tls-words.ts";

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A tcp address with TLS. */
export type SecureAddress = Extract<SocketAddress, { kind: "tcp" }> & { readonly tls: TlsFiles };

export function isSecure(address: SocketAddress): address is SecureAddress {
  return address.kind === "tcp" && address.tls !== undefined;
}

/** What an engine behind TLS has chosen to be spoken to, "" when it leaves that open; undefined without TLS. */
export function chosenProtocol(stream: Duplex): string | undefined {
  if (!("alpnProtocol" in stream)) return undefined;
  return typeof stream.alpnProtocol === "string" ? stream.alpnProtocol : "";
}

/** The name that the certificate must have; also what HTTP/2 is told to be the authority, as buildctl and buildx do. */
export function nameOf({ host, tls }: SecureAddress): string {
  return tls.serverName ?? host;
}

/**
 * Makes a connected socket secure; on failure it is destroyed. A certificate of ours that the engine refuses shows only
 * with the first answer (TLS 1.3), as an error of the socket.
 * @param speaks what is expected there: dockerd's upgrade is HTTP/1.1, and gRPC insists on "h2" (grpc-go since 1.67);
 * undefined = let the engine say.
 * @throws {BktuiError} "io" for files that cannot be used, "cancelled"; else the error of the handshake.
 */
export async function makeSecure(
  socket: Socket,
  address: SecureAddress,
  options: { readonly speaks: EngineKind | undefined; readonly signal?: AbortSignal | undefined },
): Promise<TLSSocket> {
  const { signal } = options;
  try {
    const context = await contextOf(address);
    throwIfCancelled(signal);
    using deadline = new Deadline(HANDSHAKE_TIMEOUT_MS, signal);
    return await shakeHands(socket, address, { context, speaks: options.speaks, stop: deadline.signal });
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    throwIfCancelled(signal);
    throw error;
  }
}

async function contextOf({ tls: files }: SecureAddress): Promise<SecureContext> {
  const [ca, cert, key] = await Promise.all([
    read("the certificate authority", files.ca),
    read("the client certificate", files.cert),
    read("the client key", files.key),
  ]);
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ["key", "certificate"] : ["certificate", "key"];
    throw new BktuiError("usage", `TLS has a client ${given} without its ${missing}`, {
      hint: "Name both: --tlscert FILE --tlskey FILE.",
    });
  }
  // OpenSSL takes any text for no authorities at all.
  if (ca !== undefined && !ca.includes("-----BEGIN")) {
    throw new BktuiError("io", `there is no certificate in ${files.ca}`, {
      hint: "It must be a PEM file (-----BEGIN CERTIFICATE-----).",
    });
  }
  try {
    return tls.createSecureContext({ ca, cert, key });
  } catch (error) {
    throw tlsFileError(files, error);
  }
}

async function read(what: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    const why =
      error instanceof Error && "code" in error && error.code === "ENOENT"
        ? "there is no such file"
        : String(error);
    throw new BktuiError("io", `cannot read ${what} ${path}: ${why}`, {
      cause: error,
      hint: "Check the --tls… options, DOCKER_CERT_PATH or the builder that names it.",
    });
  }
}

interface Handshake {
  readonly context: SecureContext;
  readonly speaks: EngineKind | undefined;
  readonly stop: AbortSignal;
}

const PROTOCOLS: Record<EngineKind, readonly string[]> = { dockerd: ["http/1.1"], buildkitd: ["h2"] };

async function shakeHands(
  socket: Socket,
  address: SecureAddress,
  { context, speaks, stop }: Handshake,
): Promise<TLSSocket> {
  const name = nameOf(address);
  const secure = tls.connect({
    socket,
    secureContext: context,
    ALPNProtocols: speaks === undefined ? ["h2", "http/1.1"] : [...PROTOCOLS[speaks]],
    rejectUnauthorized: address.tls.skipVerify !== true,
    // Addresses have no place in the server name of a handshake; they are compared all the same.
    servername: isIP(name) === 0 ? name : "",
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const onClose = (): void => reject(new Error("the connection was closed during the TLS handshake"));
      secure.once("close", onClose).once("error", reject);
      secure.once("secureConnect", () => {
        secure.off("close", onClose).off("error", reject);
        resolve();
      });
      stop.addEventListener("abort", () => reject(stop.reason), { once: true });
      if (stop.aborted) reject(stop.reason);
    });
  } catch (error) {
    secure.on("error", () => undefined).destroy();
    throw error;
  }
  return secure;
}
