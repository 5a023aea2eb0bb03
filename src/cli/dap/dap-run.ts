/** What the forms of `bktui dap` have in common: the process that they run in, and its standard streams as a client's. */
import { Readable } from "node:stream";
import { readPieces } from "../../base/pieces.ts";
import { visibleText } from "../../base/visible.ts";
import type { DapStreams } from "../../dap/host.ts";
import type { InputStream } from "../../plain/lines/line-input.ts";
import type { Output } from "../../plain/output.ts";
import type { FrontEnds } from "../front-ends.ts";
import type { LaunchRun } from "./launched-build.ts";

/** What it needs of the process and its parts. */
export interface DapRun extends Omit<LaunchRun, "setVariables"> {
  readonly version: string;
  readonly stdin: InputStream;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Output;
  readonly frontEnds: Pick<
    FrontEnds,
    "connect" | "editors" | "serve" | "dap" | "setDocker" | "ownCommand" | "findBuildx"
  >;
}

export function standardStreams({ stdin, stdout, stderr }: DapRun): DapStreams {
  return {
    read: async (take, signal) => {
      await readPieces(stdin, take, signal);
      // Whoever writes on is to know that nobody reads any more.
      if (stdin instanceof Readable) stdin.destroy();
    },
    write: (data) => stdout.write(data),
    drained: () => drained(stdout),
    closed: stdout.closed,
    onProblem: (words) => stderr.line(`bktui dap: ${visibleText(words)}`),
  };
}

function drained(stdout: Output): Promise<void> {
  return new Promise((resolve) => {
    if (stdout.closed.aborted) resolve();
    stdout.closed.addEventListener("abort", () => resolve(), { once: true });
    stdout.onDrain(() => resolve());
  });
}
