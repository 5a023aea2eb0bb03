/** One of the program's output streams, safe against a reader that went away (`bktui --run . | head`). */
export interface Output {
  /** Writes one line and its end; nothing happens once `closed` has fired. */
  line(text: string): void;
  /** Writes as it is; false when the reader lags and `onDrain` will tell when to go on. */
  write(data: string | Uint8Array): boolean;
  /** Calls back once what was written has been taken. */
  onDrain(listener: () => void): void;
  /** Resolves when everything has been taken, or nobody reads any more. What is not taken is lost when the process ends. */
  flushed(): Promise<void>;
  /** Fires when nobody reads any more, so that the work behind it can end. */
  readonly closed: AbortSignal;
}

/** Wraps a process stream. Text must already be harmless: see base/visible.ts. */
export function outputTo(stream: NodeJS.WritableStream): Output {
  const closing = new AbortController();
  // Without a listener EPIPE would be an uncaught exception. Any other write error ends the output just as well.
  stream.on("error", (error: Error) => closing.abort(error));
  const write = (data: string | Uint8Array): boolean => closing.signal.aborted || stream.write(data);
  return {
    closed: closing.signal,
    line: (text) => {
      write(`${text}\n`);
    },
    write,
    onDrain: (listener) => {
      stream.once("drain", listener);
    },
    flushed: async () => {
      if (closing.signal.aborted) return;
      await new Promise<void>((resolve) => {
        closing.signal.addEventListener("abort", () => resolve(), { once: true });
        stream.write("", () => resolve());
      });
    },
  };
}
