/** One of the program's output streams, safe against a reader that went away (`bktui --run . | head`). */
export interface Output {
  /** Writes one line and its end; nothing happens once `closed` has fired. */
  line(text: string): void;
  /** Fires when nobody reads any more, so that the work behind it can end. */
  readonly closed: AbortSignal;
}

/** Wraps a process stream. Text must already be harmless: see base/visible.ts. */
export function outputTo(stream: NodeJS.WritableStream): Output {
  const closing = new AbortController();
  // Without a listener EPIPE would be an uncaught exception. Any other write error ends the output just as well.
  stream.on("error", (error: Error) => closing.abort(error));
  return {
    closed: closing.signal,
    line: (text) => {
      if (!closing.signal.aborted) stream.write(`${text}\n`);
    },
  };
}
