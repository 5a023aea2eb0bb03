/** gRPC calls to one engine. */
import * as grpc from "@grpc/grpc-js";
import { BktuiError, throwIfCancelled, toBktuiError } from "../base/errors.ts";
import type { Address } from "./address.ts";
import type { DuplexCall } from "./duplex-call.ts";
import { duplexCallOf } from "./duplex-call.ts";
import type { GrpcConnection } from "./grpc-connection.ts";
import { openGrpc } from "./grpc-connection.ts";
import { grpcCode, RpcError, rpcErrorOf } from "./rpc-error.ts";
import type { HeaderList } from "./upgrade.ts";

/** One RPC: where it is and how its messages are written. */
export interface Method<Request, Response> {
  /** "/package.Service/Method". */
  readonly path: string;
  encode(request: Request): Uint8Array;
  decode(bytes: Uint8Array): Response;
}

export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** Lower-case names; a name may occur several times. */
  readonly metadata?: HeaderList | undefined;
}

/**
 * gRPC calls over one connection to an engine. Every call rejects with RpcError: code "cancelled" when its signal fires
 * or the channel is disposed, "engine-unreachable" when the connection is gone, else "engine".
 * There is no reconnecting: builds do not survive their connection, so neither does a channel.
 */
export class Channel implements AsyncDisposable {
  readonly address: Address;
  /** Fires when the connection drops (not when the channel is disposed); the reason is a BktuiError. */
  readonly lost: AbortSignal;
  /** Of a dockerd that was asked on this connection, e.g. "28.5.2"; `dockerVersion` asks on another one. */
  readonly dockerVersion: string | undefined;
  readonly #client: grpc.Client;
  readonly #lost = new AbortController();
  readonly #calls = new Set<grpc.Call>();
  #disposed = false;

  /** @throws {BktuiError} "engine-unreachable" with the reason in words, "engine" when refused, "cancelled". */
  static async open(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<Channel> {
    return new Channel(address, await openGrpc(address, { signal }));
  }

  private constructor(address: Address, connection: GrpcConnection) {
    this.address = address;
    this.dockerVersion = connection.dockerVersion;
    this.#client = connection.client;
    this.lost = this.#lost.signal;
    const onLost = (): void => this.#onLost(connection.lost.reason);
    connection.lost.addEventListener("abort", onLost, { once: true });
    if (connection.lost.aborted) onLost();
  }

  /** One request, one answer. `deadlineMs` is counted from now; leave it out for calls that last as long as a build. */
  async unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions & { readonly deadlineMs?: number | undefined } = {},
  ): Promise<Response> {
    this.#admit(options.signal);
    return await new Promise<Response>((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        serializer(method),
        (bytes) => method.decode(bytes),
        request,
        metadataOf(options.metadata),
        options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs },
        (error, response) => {
          release();
          if (error !== null) reject(this.#failure(method.path, error));
          else if (response === undefined) reject(new BktuiError("engine", `${method.path} gave no answer`));
          else resolve(response);
        },
      );
      const release = this.#hold(call, options.signal);
    });
  }

  /** One request, many answers. The call starts with the first `next()` and is cancelled when the loop is left. */
  async *serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    this.#admit(options.signal);
    const call = this.#client.makeServerStreamRequest(
      method.path,
      serializer(method),
      (bytes) => method.decode(bytes),
      request,
      metadataOf(options.metadata),
    );
    // Cancelling below makes grpc-js report one more error, and an event without listener is a crash.
    call.on("error", () => undefined);
    const release = this.#hold(call, options.signal);
    try {
      const messages: AsyncIterable<Response> = call;
      for await (const message of messages) yield message;
    } catch (error) {
      throw this.#failure(method.path, error);
    } finally {
      release();
      call.cancel();
    }
  }

  /** Many requests, many answers. */
  duplex<Request, Response>(
    method: Method<Request, Response>,
    options: CallOptions = {},
  ): DuplexCall<Request, Response> {
    this.#admit(options.signal);
    const call = this.#client.makeBidiStreamRequest(
      method.path,
      serializer(method),
      (bytes) => method.decode(bytes),
      metadataOf(options.metadata),
    );
    return duplexCallOf(call, {
      failure: (error) => this.#failure(method.path, error),
      release: this.#hold(call, options.signal),
    });
  }

  /** Cancels the calls in flight and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }

  #admit(signal: AbortSignal | undefined): void {
    throwIfCancelled(signal);
    if (this.#disposed) throw new BktuiError("cancelled", "the connection to the engine is closed");
    if (this.lost.aborted) throw toBktuiError(this.lost.reason);
  }

  /** Cancels the call when the signal fires or the channel goes; the answer ends that. */
  #hold(call: grpc.Call, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    this.#calls.add(call);
    return () => {
      signal?.removeEventListener("abort", cancel);
      this.#calls.delete(call);
    };
  }

  #onLost(reason: unknown): void {
    if (this.#disposed) return;
    this.#lost.abort(reason);
    this.#client.close();
  }

  #failure(path: string, error: unknown): BktuiError {
    if (!isServiceError(error)) return toBktuiError(error, "engine");
    // A call that the drop ended may say so in other ways (reset streams), depending on what it was doing.
    if (this.lost.aborted && error.code !== grpcCode.cancelled) {
      const { message } = toBktuiError(this.lost.reason);
      return new RpcError(message, { grpcCode: grpcCode.unavailable, details: [], cause: error });
    }
    const richStatus = error.metadata.get("grpc-status-details-bin")[0];
    return rpcErrorOf(
      path,
      {
        code: error.code,
        details: error.details,
        richStatus: typeof richStatus === "string" ? undefined : richStatus,
      },
      error,
    );
  }
}

function serializer<Request>(method: Method<Request, unknown>): (request: Request) => Buffer {
  return (request) => {
    const bytes = method.encode(request);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function metadataOf(headers: HeaderList = []): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of headers) metadata.add(name, value);
  return metadata;
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
