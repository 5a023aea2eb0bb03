/** Writes to the terminal without blocking the process. */
import { constants, openSync, write, writeSync } from "node:fs";
import { BktuiError } from "../../base/errors.ts";

/** Where frames go. At most one write is under way; `done` is called once the terminal has taken all of it. */
export interface ScreenOutput {
  write(text: string | Uint8Array, done: (error?: BktuiError) => void): void;
}

const RETRY_MS = 5;

/**
 * Never blocks: `process.stdout` blocks the whole process while a terminal is slow or stopped (Ctrl-S, a stalled ssh
 * connection), and a blocked process loses its build session after about 40 s. What the terminal takes at once is
 * written at once; for the rest a thread of the pool waits.
 */
export function ttyOutput(fd: number): ScreenOutput {
  const direct = withoutBlocking(fd);
  return {
    write: (text, done) => {
      const data = typeof text === "string" ? Buffer.from(text, "utf8") : Buffer.from(text);
      const rest = direct === undefined ? data : data.subarray(writtenAtOnce(direct, data));
      if (rest.length === 0) done();
      else writeAll(fd, rest, done);
    },
  };
}

/**
 * The same terminal, opened once more: what is set on `fd` itself would hold for the shell that started bktui too.
 * undefined where there is no /proc, or the terminal is another user's.
 */
function withoutBlocking(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // The thread writes everything then.
    return undefined;
  }
}

/** Bytes; an error is left to the thread, which meets it again. */
function writtenAtOnce(fd: number, data: Buffer): number {
  try {
    return writeSync(fd, data);
  } catch {
    return 0;
  }
}

function writeAll(fd: number, data: Buffer, done: (error?: BktuiError) => void): void {
  write(fd, data, (error, written) => {
    if (error === null) {
      if (written < data.length) writeAll(fd, data.subarray(written), done);
      else done();
    } else if (error.code === "EAGAIN" || error.code === "EINTR") {
      setTimeout(() => writeAll(fd, data, done), RETRY_MS);
    } else {
      done(new BktuiError("io", `cannot write to the terminal: ${error.message}`, { cause: error }));
    }
  });
}
