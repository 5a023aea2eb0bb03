/** Reads the head of an HTTP/1.1 answer from a stream that goes on as something else. */
import type { Duplex } from "node:stream";
import { BktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const BEGINNING = "HTTP/1.";

export interface Answer {
  readonly head: string;
  /** What has arrived behind the head. */
  readonly rest: Buffer;
}

/**
 * Reads by hand, as Node's HTTP client keeps the socket to itself when the upgrade is refused.
 * @throws {BktuiError} "engine" when it is no HTTP; the stream's own error, or the signal's reason.
 */
export function readHead(stream: Duplex, signal: AbortSignal): Promise<Answer> {
  let seen = Buffer.alloc(0);
  return readUntil(stream, signal, (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const beginning = seen.toString("latin1", 0, BEGINNING.length);
    const isHttp = BEGINNING.startsWith(beginning) && seen.length <= limits.httpAnswerBytes;
    if (!isHttp) throw new BktuiError("engine", "the engine's answer is not HTTP");
    const end = seen.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    return { head: seen.toString("latin1", 0, end), rest: seen.subarray(end + END_OF_HEAD.length) };
  });
}

/** Feeds what arrives to `accept` until it gives a value; never takes more from the stream than has arrived. */
export function readUntil<T>(
  stream: Duplex,
  signal: AbortSignal,
  accept: (chunk: Buffer) => T | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      stream.off("readable", onReadable).off("error", fail).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    const onClose = (): void => fail(new Error("the engine closed the connection"));
    const onAbort = (): void => fail(signal.reason);
    const onReadable = (): void => {
      try {
        for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
          const value = accept(chunk);
          if (value === undefined) continue;
          stop();
          resolve(value);
          return;
        }
      } catch (error) {
        fail(error);
      }
    };
    stream.on("readable", onReadable).on("error", fail).on("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else onReadable();
  });
}
