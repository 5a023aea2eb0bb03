/** The terminal of this process, for a screen. */
import type { ReadStream, WriteStream } from "node:tty";
import type { ScreenTerminal } from "./screen-terminal.ts";
import { TerminalGuard } from "./terminal-guard.ts";
import { ttyOutput } from "./tty-output.ts";

export interface OwnTerminal {
  readonly stdin: ReadStream & { readonly fd: number };
  readonly stdout: WriteStream & { readonly fd: number };
  /** What `stty -g` said before anything was changed; undefined = it is asked when the terminal is taken. */
  readonly settings?: string | undefined;
}

export function ownTerminal({ stdin, stdout, settings }: OwnTerminal): ScreenTerminal {
  return {
    input: stdin,
    output: ttyOutput(stdout.fd),
    lent: stdin,
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    onResize: (listener) => {
      stdout.on("resize", listener);
      return () => stdout.off("resize", listener);
    },
    guard: (use) =>
      new TerminalGuard({ ...use, input: stdin, inputFd: stdin.fd, outputFd: stdout.fd, settings }),
  };
}
