/** A gRPC server over one stream. */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { CallRefused, grpcCode, type Handler } from "./attachable.ts";
import { encodeStatusMessage } from "./metadata.ts";
import { ServedCall } from "./served-call.ts";

/** Large enough for a fast local engine; HTTP/2's own 64 KiB halves the throughput. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** MB. Node's 10 would refuse streams while a few full windows are in flight. */
const MAX_SESSION_MEMORY = 256;

/** A gRPC server on one connection. Disposing drops the connection and cancels its calls. */
export interface ServedConnection extends AsyncDisposable {
  /** Fires when the connection is gone, for whatever reason; the reason is a BktuiError. */
  readonly closed: AbortSignal;
}

/**
 * Serves gRPC over one duplex stream whose other end speaks HTTP/2 as the client.
 *
 * grpc-js's server cannot be used here: it joins repeated metadata with ", " and so destroys pattern lists.
 * @param methods keyed by ":path"; a path that is not in it is answered with "unimplemented".
 */
export function serve(stream: Duplex, methods: ReadonlyMap<string, Handler>): ServedConnection {
  const closed = new AbortController();
  const session = performServerHandshake(stream, {
    settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 1000 },
    maxSessionMemory: MAX_SESSION_MEMORY,
  });
  let failure: unknown;
  const failed = (error: unknown): void => {
    failure ??= error;
  };
  const whenClosed = new Promise<void>((resolve) => {
    session.once("close", () => {
      stream.destroy();
      closed.abort(
        new BktuiError("engine-unreachable", "the session with the engine was closed", { cause: failure }),
      );
      resolve();
    });
  });
  session.on("error", failed);
  stream.on("error", failed);
  // A duplex that is not a socket can end without HTTP/2 noticing.
  stream.once("close", () => session.destroy());
  session.on(
    "stream",
    (incoming: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      const handler = methods.get(String(headers[constants.HTTP2_HEADER_PATH] ?? ""));
      if (handler === undefined) refuseUnknown(incoming);
      else void answer(incoming, rawHeaders, handler);
    },
  );
  widenWindow(session);
  return {
    closed: closed.signal,
    [Symbol.asyncDispose]: () => {
      session.destroy();
      return whenClosed;
    },
  };
}

function widenWindow(session: ServerHttp2Session): void {
  // A socket that still connects has no handle yet, and setting the window would throw.
  if (session.connecting) session.once("connect", () => session.setLocalWindowSize(WINDOW_BYTES));
  else session.setLocalWindowSize(WINDOW_BYTES);
}

function refuseUnknown(stream: ServerHttp2Stream): void {
  stream.on("error", ignoreReset);
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": String(grpcCode.unimplemented),
      "grpc-message": "unknown method",
    },
    { endStream: true },
  );
  stream.resume();
}

/** Never rejects: whatever the handler does ends up in the call's status. */
async function answer(
  stream: ServerHttp2Stream,
  rawHeaders: readonly string[],
  handler: Handler,
): Promise<void> {
  const call = new ServedCall(stream, rawHeaders);
  try {
    await handler(call);
    call.finish(grpcCode.ok, "");
  } catch (error) {
    const code = error instanceof CallRefused ? error.grpcCode : grpcCode.unknown;
    call.finish(code, encodeStatusMessage(toBktuiError(error).message));
  }
}

/** A stream's error is its cancellation, which the call reports itself; unheard it would end the process. */
function ignoreReset(): void {}
