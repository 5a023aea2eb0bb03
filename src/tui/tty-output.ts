import { write } from "node:fs";
import { BktuiError } from "../base/errors.ts";

/** Where frames go. At most one write is under way; `done` is called once the terminal has taken all of it. */
export interface ScreenOutput {
  write(text: string, done: (error?: BktuiError) => void): void;
}

const retryMs = 5;

/**
 * Writes through the thread pool. `process.stdout` blocks the whole process while a terminal is slow or stopped
 * (Ctrl-S, a stalled ssh connection), and a blocked process loses its build session after about 40 s.
 */
export function ttyOutput(fd: number): ScreenOutput {
  return { write: (text, done) => writeAll(fd, Buffer.from(text, "utf8"), done) };
}

function writeAll(fd: number, data: Buffer, done: (error?: BktuiError) => void): void {
  write(fd, data, (error, written) => {
    if (error === null) {
      if (written < data.length) writeAll(fd, data.subarray(written), done);
      else done();
    } else if (error.code === "EAGAIN" || error.code === "EINTR") {
      setTimeout(() => writeAll(fd, data, done), retryMs);
    } else {
      done(new BktuiError("io", `cannot write to the terminal: ${error.message}`, { cause: error }));
    }
  });
}
