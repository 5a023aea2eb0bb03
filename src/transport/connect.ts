/** Connects a socket, and says why that failed. */
import net from "node:net";
import { Deadline } from "../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../base/errors.ts";
import type { SocketAddress } from "./address.ts";
import { socketText } from "./address.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects a socket; the caller destroys it.
 * @throws {BktuiError} "engine-unreachable" with the reason in words, "cancelled".
 */
export async function connectSocket(
  address: SocketAddress,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<net.Socket> {
  throwIfCancelled(signal);
  if (address.kind === "command" || (address.kind === "tcp" && address.tls !== undefined)) {
    throw new BktuiError("unsupported", `${socketText(address)} cannot be reached in this version`);
  }
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
    throwIfCancelled(signal);
    throw unreachableError(address, error);
  }
  socket.removeAllListeners("error").removeAllListeners("connect");
  return socket.setNoDelay();
}

/** What the operating system said about a socket, in words. */
export function unreachableError(address: SocketAddress, cause: unknown): BktuiError {
  const { why, hint } = explain(address, cause);
  const start = hint ?? "Check that the engine runs, or name another one with --addr.";
  return new BktuiError("engine-unreachable", `cannot reach an engine at ${socketText(address)}: ${why}`, {
    cause,
    hint: start,
  });
}

function explain(address: SocketAddress, cause: unknown): { why: string; hint?: string } {
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
      return { why: cause instanceof Error ? cause.message : String(cause) };
  }
}
