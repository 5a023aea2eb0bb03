/** One connection for grpc-js, with dockerd's upgrade where it is needed. */
import type { Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { BktuiError, throwIfCancelled, toBktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Address } from "./address.ts";
import { socketText } from "./address.ts";
import { connectSocket } from "./connect.ts";
import { upgrade } from "./upgrade.ts";

const READY_TIMEOUT_MS = 15_000;

const options: grpc.ChannelOptions = {
  // Definitions and files are larger than grpc-js's default of 4 MiB.
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_send_message_length": -1,
  "grpc-node.flow_control_window": 8 * 1024 * 1024,
  // A repeated Solve would be another build.
  "grpc.enable_retries": 0,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
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
}

/**
 * Connects and waits until the engine speaks HTTP/2.
 * @throws {BktuiError} "engine-unreachable", "engine" when dockerd refuses the upgrade, "cancelled".
 */
export async function openGrpc(
  address: Address,
  { signal }: { readonly signal: AbortSignal },
): Promise<GrpcConnection> {
  // grpc-js connects by itself and hides the reason of a failure in a text: find out beforehand.
  (await connectSocket(address.socket, { signal })).destroy();
  const lost = new AbortController();
  const failed = new AbortController();
  const credentials = new OneConnection(address, { lost, failed: failed.signal });
  const client = new grpc.Client(targetOf(address), credentials, options);
  try {
    await ready(client, AbortSignal.any([signal, lost.signal]), address);
  } catch (error) {
    failed.abort();
    client.close();
    throwIfCancelled(signal);
    throw lost.signal.aborted ? lost.signal.reason : error;
  }
  return { client, lost: lost.signal };
}

function targetOf({ socket }: Address): string {
  return socket.kind === "unix" ? `unix://${socket.path}` : `dns:///${socketText(socket)}`;
}

function ready(client: grpc.Client, stop: AbortSignal, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(stop.reason);
    stop.addEventListener("abort", onAbort, { once: true });
    client.waitForReady(Date.now() + READY_TIMEOUT_MS, (error) => {
      stop.removeEventListener("abort", onAbort);
      if (error === undefined || error === null) return resolve();
      const why = `${address.text} accepts connections but does not speak gRPC`;
      reject(new BktuiError("engine-unreachable", why, { cause: error }));
    });
  });
}

/**
 * The hook by which grpc-js hands us its fresh socket: dockerd needs its upgrade on this very socket, and a dropped
 * socket is how a lost engine shows. A class because grpc-js insists on its own base class; the underscored methods
 * are what 1.14 calls.
 */
class OneConnection extends grpc.ChannelCredentials {
  readonly #address: Address;
  readonly #lost: AbortController;
  readonly #failed: AbortSignal;
  #used = false;

  /** Fires `lost` when the connection drops; closes it when `failed` fires, which grpc-js alone would leave open. */
  constructor(
    address: Address,
    { lost, failed }: { readonly lost: AbortController; readonly failed: AbortSignal },
  ) {
    super();
    this.#address = address;
    this.#lost = lost;
    this.#failed = failed;
  }

  override _isSecure(): boolean {
    return false;
  }

  override _equals(other: grpc.ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...[, , callCredentials]: Parameters<grpc.ChannelCredentials["_createSecureConnector"]>
  ): ReturnType<grpc.ChannelCredentials["_createSecureConnector"]> {
    return {
      connect: async (socket) => ({ socket: await this.#prepare(socket), secure: false }),
      waitForReady: async () => undefined,
      getCallCredentials: () => callCredentials ?? grpc.CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #prepare(socket: Socket): Promise<Socket> {
    // grpc-js reconnects by itself, but a build does not survive its connection: a second one would only mislead.
    if (this.#used) throw new BktuiError("engine-unreachable", "the connection was lost before");
    this.#used = true;
    this.#failed.addEventListener("abort", () => socket.destroy(), { once: true });
    if (this.#failed.aborted) socket.destroy();
    try {
      if (this.#address.kind === "dockerd") await upgrade(socket, "/grpc", []);
    } catch (error) {
      this.#lost.abort(toBktuiError(error, "engine-unreachable"));
      throw error;
    }
    socket.once("close", () => this.#lost.abort(this.#dropped()));
    return socket;
  }

  #dropped(): BktuiError {
    return new BktuiError(
      "engine-unreachable",
      `the connection to the engine at ${this.#address.text} was lost`,
      {
        hint: "Check that the engine still runs, then start again.",
      },
    );
  }
}
