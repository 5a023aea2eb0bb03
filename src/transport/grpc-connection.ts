/** One connection for grpc-js, with TLS, a program or dockerd's upgrade where it is needed. */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { BktuiError, throwIfCancelled, toBktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Address } from "./address.ts";
import { socketText } from "./address.ts";
import { connectSocket, unreachableError } from "./connect.ts";
import { openDoor } from "./door.ts";
import { greetDockerd } from "./greeting.ts";
import { isSecure, nameOf } from "./secure.ts";
import { upgrade } from "./upgrade.ts";

const READY_TIMEOUT_MS = 15_000;
/** Longer than a program may take to connect; it has a limit of its own. */
const COMMAND_READY_TIMEOUT_MS = 60_000;

const OPTIONS: grpc.ChannelOptions = {
  // Definitions and files are larger than grpc-js's default of 4 MiB.
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_send_message_length": -1,
  "grpc-node.flow_control_window": 8 * 1024 * 1024,
  // A repeated Solve would be another build.
  "grpc.enable_retries": 0,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
  // Nobody asks the library what it has done.
  "grpc.enable_channelz": 0,
  // An engine's address means this address; http_proxy is for the steps.
  "grpc.enable_http_proxy": 0,
  // A pause of any length keeps the connection. Keepalive stays off for the same reason: a daemon that is stopped for a
  // minute, as under a debugger, comes back.
  "grpc.client_idle_timeout_ms": 2 ** 31 - 1,
};

/** A grpc-js client over exactly one connection. */
export interface GrpcConnection {
  readonly client: grpc.Client;
  /** Fires when the connection is gone; the reason is a BktuiError. */
  readonly lost: AbortSignal;
  /** Of a dockerd, when this connection was asked for it. */
  readonly dockerVersion: string | undefined;
}

/**
 * Connects and waits until the engine speaks HTTP/2. Plain sockets grpc-js connects by itself; TLS and programs are one
 * connection from the beginning: they are slow, and what goes wrong with them has to be said.
 * @throws {BktuiError} "engine-unreachable", "engine" when dockerd refuses the upgrade, "unsupported" for what is no
 * engine, "io" for files of TLS, "cancelled".
 */
export async function openGrpc(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<GrpcConnection> {
  const { socket } = address;
  if (socket.kind === "command" || isSecure(socket)) return await openPrepared(address, signal);
  // grpc-js connects by itself and hides the reason of a failure in a text: find out beforehand.
  (await connectSocket(socket, { signal })).destroy();
  return await openClient(address, { signal, target: targetOf(address), prepared: undefined });
}

/** Brings the stream as far as HTTP/2 and lends it to grpc-js. */
async function openPrepared(address: Address, signal: AbortSignal): Promise<GrpcConnection> {
  const stream = await connectSocket(address.socket, { signal, speaks: address.kind });
  // It may fail while nobody waits for it.
  const broken = errorOf(stream);
  try {
    let dockerVersion: string | undefined;
    if (address.kind === "dockerd") {
      dockerVersion = await greetDockerd(stream, address.socket, { signal });
      await upgrade(stream, "/grpc", [], { signal });
    }
    using door = await openDoor();
    const connection = await openClient(address, {
      signal,
      target: door.target,
      prepared: { stream, broken },
    });
    return { ...connection, dockerVersion };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

interface Opening {
  readonly signal: AbortSignal;
  /** Where grpc-js connects to. */
  readonly target: string;
  /** Speaks HTTP/2 already, and takes the place of grpc-js's own socket. */
  readonly prepared: Prepared | undefined;
}

interface Prepared {
  readonly stream: Duplex;
  /** Fires with the stream's own error. */
  readonly broken: AbortSignal;
}

/** TLS does not keep its errors where streams do, and under HTTP/2 it does not close on them either (Node 20). */
function errorOf(stream: Duplex): AbortSignal {
  const broken = new AbortController();
  stream.once("error", (error) => broken.abort(error)).on("error", () => undefined);
  return broken.signal;
}

async function openClient(address: Address, opening: Opening): Promise<GrpcConnection> {
  const { signal, target, prepared } = opening;
  const lost = new AbortController();
  const failed = new AbortController();
  const credentials = new OneConnection(address, { lost, failed: failed.signal, prepared });
  const authority = authorityOf(address);
  const options = authority === undefined ? OPTIONS : { ...OPTIONS, "grpc.default_authority": authority };
  const client = new grpc.Client(target, credentials, options);
  try {
    await ready(client, AbortSignal.any([signal, lost.signal]), address);
  } catch (error) {
    failed.abort();
    client.close();
    throwIfCancelled(signal);
    throw lost.signal.aborted ? lost.signal.reason : error;
  }
  credentials.isReady = true;
  return { client, lost: lost.signal, dockerVersion: undefined };
}

function targetOf({ socket }: Address): string {
  return socket.kind === "unix" ? `unix://${socket.path}` : `dns:///${socketText(socket)}`;
}

/**
 * What HTTP/2 is told to be spoken to, for proxies on the way: the name that the certificate must have, else host and port
 * as they are written (buildctl 0.32, buildx 0.37). Undefined = grpc-js's own choice, which is the same for plain sockets.
 */
function authorityOf({ kind, socket, text }: Address): string | undefined {
  if (isSecure(socket)) return nameOf(socket);
  if (socket.kind !== "command") return undefined;
  const host = kind === "buildkitd" && URL.canParse(text) ? new URL(text).host : "";
  return host === "" ? "localhost" : host;
}

function ready(client: grpc.Client, stop: AbortSignal, address: Address): Promise<void> {
  const timeoutMs = address.socket.kind === "command" ? COMMAND_READY_TIMEOUT_MS : READY_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(stop.reason);
    stop.addEventListener("abort", onAbort, { once: true });
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      stop.removeEventListener("abort", onAbort);
      if (error === undefined || error === null) return resolve();
      const why = `${address.text} accepts connections but does not speak gRPC`;
      reject(new BktuiError("engine-unreachable", why, { cause: error }));
    });
  });
}

/**
 * The hook by which grpc-js hands us its fresh socket: dockerd needs its upgrade on this very socket, a prepared stream
 * takes its place, and a dropped one is how a lost engine shows. A class because grpc-js insists on its own base class; the
 * underscored methods are what 1.14 calls.
 */
class OneConnection extends grpc.ChannelCredentials {
  /** From then on the end of the connection is a loss. */
  isReady = false;
  readonly #address: Address;
  readonly #lost: AbortController;
  readonly #failed: AbortSignal;
  readonly #prepared: Prepared | undefined;
  #used = false;

  /** Fires `lost` when the connection drops; closes it when `failed` fires, which grpc-js alone would leave open. */
  constructor(
    address: Address,
    means: {
      readonly lost: AbortController;
      readonly failed: AbortSignal;
      readonly prepared: Prepared | undefined;
    },
  ) {
    super();
    this.#address = address;
    this.#lost = means.lost;
    this.#failed = means.failed;
    this.#prepared = means.prepared;
  }

  override _isSecure(): boolean {
    return isSecure(this.#address.socket);
  }

  override _equals(other: grpc.ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...[, , callCredentials]: Parameters<grpc.ChannelCredentials["_createSecureConnector"]>
  ): ReturnType<grpc.ChannelCredentials["_createSecureConnector"]> {
    return {
      connect: async (socket) => ({ socket: await this.#prepare(socket), secure: this._isSecure() }),
      waitForReady: async () => undefined,
      getCallCredentials: () => callCredentials ?? grpc.CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #prepare(socket: Socket): Promise<Socket> {
    // grpc-js reconnects by itself, but a build does not survive its connection: a second one would only mislead.
    if (this.#used) throw new BktuiError("engine-unreachable", "the connection was lost before");
    this.#used = true;
    const { stream, broken } = this.#prepared ?? { stream: socket, broken: errorOf(socket) };
    if (stream !== socket) socket.on("error", () => undefined).destroy();
    this.#failed.addEventListener("abort", () => stream.destroy(), { once: true });
    if (this.#failed.aborted) stream.destroy();
    try {
      if (this.#address.kind === "dockerd" && stream === socket) await upgrade(socket, "/grpc", []);
    } catch (error) {
      this.#lost.abort(toBktuiError(error, "engine-unreachable"));
      throw error;
    }
    const onEnd = (): void => {
      stream.destroy();
      this.#lost.abort(this.#dropped(broken.reason));
    };
    stream.once("close", onEnd);
    broken.addEventListener("abort", onEnd, { once: true });
    if (stream.destroyed || broken.aborted) onEnd();
    // grpc-js hands it on to http2.connect, which takes any stream.
    return stream as Socket;
  }

  #dropped(cause: unknown): BktuiError {
    const { socket, text } = this.#address;
    if (cause !== undefined && !this.isReady) return unreachableError(socket, cause);
    // Of a socket there is nothing to be told; a program has words of its own.
    const { why, hint } =
      cause instanceof BktuiError ? { why: `: ${cause.message}`, hint: cause.hint } : NOTHING_SAID;
    return new BktuiError("engine-unreachable", `the connection to the engine at ${text} was lost${why}`, {
      hint: hint ?? "Check that the engine still runs, then start again.",
    });
  }
}

const NOTHING_SAID = { why: "", hint: undefined };
