/** A gRPC call with messages in both directions, with back-pressure. */
import type { Writable } from "node:stream";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { BktuiError } from "../base/errors.ts";

/** A call with messages in both directions. */
export interface DuplexCall<Request, Response> {
  /** false = wait for `drained()` before writing more; nothing is lost. */
  write(request: Request): boolean;
  /** Resolves when writing may go on; rejects when the call is over. */
  drained(): Promise<void>;
  /** Half-close: we send no more. */
  end(): void;
  /** At most one listener. Until there is one, nothing is read and the call does not end. */
  onMessage(listener: (message: Response) => void): void;
  /** Stop and go on reading; back-pressure reaches the engine. */
  pause(): void;
  resume(): void;
  cancel(): void;
  /** Resolves when the engine has ended the call and all messages were delivered; rejects with RpcError. */
  readonly ended: Promise<void>;
}

/** Wraps a grpc-js stream; `failure` turns its errors into RpcErrors, `release` runs once at its end. */
export function duplexCallOf<Request, Response>(
  stream: ClientDuplexStream<Request, Response>,
  { failure, release }: { readonly failure: (error: unknown) => Error; readonly release: () => void },
): DuplexCall<Request, Response> {
  const ended = new Promise<void>((resolve, reject) => {
    stream.once("end", resolve);
    // Stays for good: grpc-js may report more than one error, and an event without listener is a crash.
    stream.on("error", (error) => reject(failure(error)));
  });
  // Who does not look at `ended` does not care how the call ends.
  ended.then(release, release);
  return {
    write: (request) => stream.write(request),
    drained: () => drained(stream, ended),
    end: () => stream.end(),
    onMessage: (listener) => stream.on("data", listener),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    cancel: () => stream.cancel(),
    ended,
  };
}

async function drained(stream: Writable, ended: Promise<void>): Promise<void> {
  if (stream.writable && !stream.writableNeedDrain) return;
  let onDrain: (() => void) | undefined;
  const drain = new Promise<void>((resolve) => {
    onDrain = resolve;
    stream.once("drain", resolve);
  });
  const over = ended.then(() => {
    throw new BktuiError("engine", "the engine has ended the call");
  });
  try {
    await Promise.race([drain, over]);
  } finally {
    if (onDrain !== undefined) stream.off("drain", onDrain);
  }
}
