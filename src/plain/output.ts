/** Standard output and standard error as streams whose reader may go away. */
import { getSystemErrorMap } from "node:util";
import { visibleText } from "../base/visible.ts";
import { exitCodeOfSignal } from "./exit-code.ts";

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
        const done = (): void => {
          closing.signal.removeEventListener("abort", done);
          resolve();
        };
        closing.signal.addEventListener("abort", done, { once: true });
        stream.write("", done);
      });
    },
  };
}

/** Exit code for output that did not arrive: of a program that SIGPIPE ended, or of one that failed; undefined = nothing is lost. */
export function exitCodeOfLoss({ closed }: Output): number | undefined {
  if (!closed.aborted) return undefined;
  return isReaderGone(closed.reason) ? exitCodeOfSignal("SIGPIPE") : 1;
}

/**
 * Waits until all output has been taken; answers the exit code. What was asked for and did not arrive does not pass as done,
 * and a disk that is full is named where that can still be read. A reader that has had enough knows it.
 * @param exitCode what the work itself ended with
 */
export async function settled(
  exitCode: number,
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): Promise<number> {
  // A pipe takes 64 KiB at once: a reader that is slower would miss the rest.
  await stdout.flushed();
  const { reason } = stdout.closed;
  if (stdout.closed.aborted && !isReaderGone(reason)) {
    stderr.line(visibleText(`bktui: cannot write to standard output: ${inWords(reason)}`));
    stderr.line("  What it shows is not complete; write it to a place with room.");
  }
  await stderr.flushed();
  return exitCode === 0 ? (exitCodeOfLoss(stdout) ?? exitCodeOfLoss(stderr) ?? 0) : exitCode;
}

function isReaderGone(reason: unknown): boolean {
  return reason instanceof Error && "code" in reason && reason.code === "EPIPE";
}

/** Without Node's code and call: "no space left on device". */
function inWords(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const errno = "errno" in reason && typeof reason.errno === "number" ? reason.errno : 0;
  return getSystemErrorMap().get(errno)?.[1] ?? reason.message;
}
