/** The shape of a service on the session, and of the calls that it answers. */
import { BktuiError } from "../base/errors.ts";

/**
 * The gRPC codes this side answers with. The daemon acts on `notFound` and `unimplemented`, takes `alreadyExists` of a blob for
 * success and asks again for one that is `unavailable`; the others only end the call.
 */
export const grpcCode = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
} as const;
export type GrpcCode = (typeof grpcCode)[keyof typeof grpcCode];

/** Request metadata, lossless: one entry per header line, UTF-8, already unescaped. Keys are lower case. */
export type CallMetadata = ReadonlyMap<string, readonly string[]>;

/** One call the daemon makes. Messages are protobuf bytes without the gRPC frame. */
export interface Call {
  readonly metadata: CallMetadata;
  /**
   * The daemon's messages, until it ends its half. Nothing is read from the wire beyond a small buffer while nobody
   * iterates. To be iterated once.
   * @throws {BktuiError} "cancelled" when the call is gone, "engine" for a message over the size limit.
   */
  readonly messages: AsyncIterable<Uint8Array>;
  /** Queues a message; its bytes are copied, so the caller may reuse the buffer. False: wait for `drained()` first. */
  write(message: Uint8Array): boolean;
  /**
   * Resolves when the daemon takes more.
   * @throws {BktuiError} "cancelled" when the call is gone.
   */
  drained(): Promise<void>;
  /** Fires when the daemon cancels the call or the connection is lost, not after a normal end. */
  readonly cancelled: AbortSignal;
}

/** Resolving ends the call with status 0; rejecting with `CallRefused` gives its code, anything else code 2. */
export type Handler = (call: Call) => Promise<void>;

/** A service that the client offers on its session. Methods are keyed by "/package.Service/Method". */
export interface Attachable {
  readonly methods: ReadonlyMap<string, Handler>;
}

/** The answer to a call is "no". The message goes to the daemon and from there to the user's build. */
export class CallRefused extends BktuiError {
  override readonly name = "CallRefused";
  readonly grpcCode: GrpcCode;

  constructor(code: GrpcCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code === grpcCode.notFound ? "not-found" : "bad-request", message, options);
    this.grpcCode = code;
  }
}

/** A handler for the common shape: one request, one answer. */
export function unary(answer: (request: Uint8Array, call: Call) => Promise<Uint8Array>): Handler {
  return async (call) => {
    let request: Uint8Array | undefined;
    for await (const message of call.messages) request ??= message;
    if (request === undefined) throw new CallRefused(grpcCode.invalidArgument, "the request has no message");
    call.write(await answer(request, call));
  };
}
