/** Bytes as they come: to listen costs less than a loop over the stream, which makes promises for each piece. */
import { Readable } from "node:stream";

/** Where it answers a promise, the next piece comes when that has resolved. */
export type TakePiece = (piece: Uint8Array) => void | Promise<void>;

/**
 * Gives each piece of a stream to `take`. Resolves at its end, also at one by an error, and when the signal fires: the
 * stream stays open then, and nobody reads it. @throws what `take` throws.
 */
export async function readPieces(
  stream: NodeJS.ReadableStream,
  take: TakePiece,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted || isAtEnd(stream)) return;
  let onData = (_chunk: Uint8Array | string): void => undefined;
  let isOver = false;
  try {
    await new Promise<void>((resolve, reject) => {
      onData = (chunk) => {
        try {
          const taken = take(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
          if (taken === undefined) return;
          stream.pause();
          taken.then(() => {
            if (!isOver) stream.resume();
          }, reject);
        } catch (error) {
          reject(error);
        }
      };
      // They stay: a stream that breaks later must find a listener too.
      for (const end of ["end", "close", "error"]) stream.on(end, () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
      stream.on("data", onData);
      // One that was accepted paused stays so for a listener.
      stream.resume();
    });
  } finally {
    isOver = true;
    stream.off("data", onData);
    stream.pause();
  }
}

/** It has said so already, to nobody. */
function isAtEnd(stream: NodeJS.ReadableStream): boolean {
  return stream instanceof Readable && (stream.destroyed || stream.readableEnded);
}
