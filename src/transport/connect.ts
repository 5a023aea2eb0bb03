/** Opens a stream of bytes to an engine, and says why that failed. */
import net from "node:net";
import type { Duplex } from "node:stream";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import type { SocketAddress } from "./address.ts";
import { socketText } from "./address.ts";
import type { EngineKind } from "./engine-kind.ts";
import { isSecure, makeSecure } from "./secure.ts";
import { explainTls } from "./tls-words.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a stream to an engine: a socket, TLS on one, or a program's standard streams; the caller destroys it.
 * What a program reaches, it has not reached yet: its failure comes as an error of the stream, a BktuiError.
 * @param options.speaks what is expected at the other end, which TLS is told; undefined = anything
 * @throws {BktuiError} "engine-unreachable" with the reason in words, "io" for files of TLS, "cancelled".
 */
export async function connectSocket(
  address: SocketAddress,
  options: { readonly speaks?: EngineKind | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Duplex> {
  const { signal } = options;
  throwIfCancelled(signal);
  try {
    if (address.kind === "command") {
      const { startCommand } = await import("./dial/command-stream.ts");
      return await startCommand(address, { signal });
    }
    const socket = await plainSocket(address, signal);
    return isSecure(address) ? await makeSecure(socket, address, { speaks: options.speaks, signal }) : socket;
  } catch (error) {
    throwIfCancelled(signal);
    throw unreachableError(address, error);
  }
}

async function plainSocket(
  address: Exclude<SocketAddress, { kind: "command" }>,
  signal: AbortSignal | undefined,
): Promise<net.Socket> {
  using deadline = new Deadline(CONNECT_TIMEOUT_MS, signal);
  const socket =
    address.kind === "unix" ? net.connect(address.path) : net.connect(address.port, address.host);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
      deadline.signal.addEventListener("abort", () => reject(deadline.signal.reason), { once: true });
    });
  } catch (error) {
    // The failure has been reported; what the dying socket adds is of no use.
    socket.on("error", () => undefined).destroy();
    throw error;
  }
  socket.removeAllListeners("error").removeAllListeners("connect");
  return socket.setNoDelay();
}

/** Why no engine was reached: what the operating system, TLS or a program said about it, in words. */
export function unreachableError(address: SocketAddress, cause: unknown): BktuiError {
  // Files of TLS and the like: nothing was tried.
  if (cause instanceof BktuiError && cause.code !== "engine-unreachable") return cause;
  const { why, hint } = explainBroken(address, cause);
  const start = hint ?? "Check that the engine runs, or name another one with --addr.";
  return new BktuiError("engine-unreachable", `cannot reach an engine at ${socketText(address)}: ${why}`, {
    cause,
    hint: start,
  });
}

/** Why a stream to an engine failed. */
function explainBroken(
  address: SocketAddress,
  cause: unknown,
): { readonly why: string; readonly hint?: string | undefined } {
  if (cause instanceof BktuiError) return { why: cause.message, hint: cause.hint };
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "ENOENT":
      return { why: "there is no such socket" };
    case "EACCES":
    case "EPERM":
      return {
        why: "permission denied",
        hint: "Become a member of the group that owns the socket (usually docker), or run bktui with sudo.",
      };
    case "ECONNREFUSED":
      return address.kind === "unix"
        ? {
            why: "the socket is there but nobody listens on it",
            hint: "The engine has stopped: start it again.",
          }
        : { why: "connection refused, nothing listens on this port" };
    case "ENOTSOCK":
      return { why: "this is not a socket" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { why: "the host name is not known" };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { why: "there is no way to this host" };
    default:
      return explainTls(cause) ?? { why: cause instanceof Error ? cause.message : String(cause) };
  }
}
