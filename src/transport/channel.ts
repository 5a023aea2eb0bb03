/** gRPC calls to one engine. */
import * as grpc from "@grpc/grpc-js";
import { BktuiError, throwIfCancelled, toBktuiError } from "../base/errors.ts";
import type { Address } from "./address.ts";
import type { CallGroup, Cancellable } from "./call-group.ts";
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
  /** Cancels it too: what it belongs to. */
  readonly within?: CallGroup | undefined;
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
  readonly #calls = new Set<Cancellable>();
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
    this.#admit(options);
    const answer = await this.#answer(method.path, serialized(method, request), options);
    try {
      return method.decode(answer);
    } catch (error) {
      const message = `the answer to ${method.path} cannot be read: ${toBktuiError(error).message}`;
      throw new RpcError(message, { grpcCode: grpcCode.internal, details: [], cause: error });
    }
  }

  /** On the library's call itself: what its `makeUnaryRequest` does besides is for interceptors, and a step waits for it. */
  async #answer(
    path: string,
    request: Buffer,
    { deadlineMs, ...options }: CallOptions & { readonly deadlineMs?: number | undefined },
  ): Promise<Uint8Array> {
    const deadline = deadlineMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + deadlineMs;
    return await new Promise((resolve, reject) => {
      const call = this.#client.getChannel().createCall(path, deadline, undefined, null, undefined);
      const cancel = (): void => call.cancelWithStatus(grpcCode.cancelled, "cancelled");
      const release = this.#hold({ cancel }, options);
      let answer: Uint8Array | undefined;
      call.start(metadataOf(options.metadata), {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: (message: Uint8Array) => {
          answer = message;
        },
        onReceiveStatus: (status) => {
          release();
          if (status.code !== grpcCode.ok) reject(this.#failed(path, status, undefined));
          else if (answer === undefined) reject(new BktuiError("engine", `${path} gave no answer`));
          else resolve(answer);
        },
      });
      call.startRead();
      call.sendMessageWithContext({}, request);
      call.halfClose();
    });
  }

  /**
   * One request, many answers, each of them given to `take` before the next is read; where it answers a promise, when that has
   * resolved. Resolves behind the last one. What `take` throws ends the call and is thrown here. Spares what a loop over
   * `serverStream` costs for each message.
   */
  async follow<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { take, ...options }: CallOptions & { readonly take: (message: Response) => void | Promise<void> },
  ): Promise<void> {
    const call = this.#serverCall(method, request, options);
    const release = this.#hold(call, options);
    try {
      await new Promise<void>((resolve, reject) => {
        call.on("error", (error) => reject(this.#failure(method.path, error))).once("end", resolve);
        call.on("data", (message: Response) => {
          try {
            const taken = take(message);
            if (taken === undefined) return;
            call.pause();
            taken.then(() => call.resume(), reject);
          } catch (error) {
            call.pause();
            reject(error);
          }
        });
      });
    } finally {
      release();
      call.cancel();
    }
  }

  /** One request, many answers. The call starts with the first `next()` and is cancelled when the loop is left. */
  async *serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    const call = this.#serverCall(method, request, options);
    // Cancelling below makes grpc-js report one more error, and an event without listener is a crash.
    call.on("error", () => undefined);
    const release = this.#hold(call, options);
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
    this.#admit(options);
    const call = this.#client.makeBidiStreamRequest(
      method.path,
      serializer(method),
      (bytes) => method.decode(bytes),
      metadataOf(options.metadata),
    );
    return duplexCallOf(call, {
      failure: (error) => this.#failure(method.path, error),
      release: this.#hold(call, options),
    });
  }

  /** Cancels the calls in flight and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }

  #serverCall<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): grpc.ClientReadableStream<Response> {
    this.#admit(options);
    return this.#client.makeServerStreamRequest(
      method.path,
      serializer(method),
      (bytes) => method.decode(bytes),
      request,
      metadataOf(options.metadata),
    );
  }

  #admit({ signal, within }: CallOptions): void {
    throwIfCancelled(signal);
    within?.admit();
    if (this.#disposed) throw new BktuiError("cancelled", "the connection to the engine is closed");
    if (this.lost.aborted) throw toBktuiError(this.lost.reason);
  }

  /** Cancels the call when its signal fires, or its group or the channel goes; the answer ends that. */
  #hold(call: Cancellable, { signal, within }: CallOptions): () => void {
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    within?.add(call);
    this.#calls.add(call);
    return () => {
      signal?.removeEventListener("abort", cancel);
      within?.remove(call);
      this.#calls.delete(call);
    };
  }

  #onLost(reason: unknown): void {
    if (this.#disposed) return;
    this.#lost.abort(reason);
    this.#client.close();
  }

  #failure(path: string, error: unknown): BktuiError {
    return isServiceError(error) ? this.#failed(path, error, error) : toBktuiError(error, "engine");
  }

  #failed(path: string, { code, details, metadata }: grpc.StatusObject, cause: unknown): BktuiError {
    // A call that the drop ended may say so in other ways (reset streams), depending on what it was doing.
    if (this.lost.aborted && code !== grpcCode.cancelled) {
      const { message } = toBktuiError(this.lost.reason);
      return new RpcError(message, { grpcCode: grpcCode.unavailable, details: [], cause });
    }
    const richStatus = metadata.get("grpc-status-details-bin")[0];
    return rpcErrorOf(
      path,
      { code, details, richStatus: typeof richStatus === "string" ? undefined : richStatus },
      cause,
    );
  }
}

function serialized<Request>(method: Method<Request, unknown>, request: Request): Buffer {
  const bytes = method.encode(request);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function serializer<Request>(method: Method<Request, unknown>): (request: Request) => Buffer {
  return (request) => serialized(method, request);
}

function metadataOf(headers: HeaderList = []): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of headers) metadata.add(name, value);
  return metadata;
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
