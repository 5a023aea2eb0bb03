/** `bktui dap`: what an editor's launches start. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { DapHost } from "../../dap/host.ts";
import { exitCodeOf } from "../../plain/exit-code.ts";
import { reportError } from "../../plain/report.ts";
import { parsed } from "../open/opened-build.ts";
import { interruptible } from "../unattended.ts";
import type { DapLine } from "./dap-command.ts";
import { type DapRun, standardStreams } from "./dap-run.ts";
import { DockerParent } from "./docker-parent.ts";
import { launchedBuild } from "./launched-build.ts";

/** Until the client is gone; answers the exit code. @throws {BktuiError} for a wrong line when nobody but its typist could be told. */
export async function runDap(line: DapLine, run: DapRun): Promise<number> {
  const { listen, attach } = line;
  if (listen !== undefined) return await (await import("./run-listen.ts")).runListen(line, listen, run);
  if (attach !== undefined) return await (await import("./run-bridge.ts")).runBridge(attach.where, run);
  const wrong = wrongLine(line, run);
  if (run.stdinIsTerminal)
    run.stderr.line(
      "bktui dap: waiting for messages of the Debug Adapter Protocol; an editor starts this, see bktui dap --help",
    );
  return await interruptible(run, async ({ signal }) => {
    using docker = new DockerParent(run.env);
    const ending = AbortSignal.any([signal, docker.signal]);
    const host = hostOf(line, run);
    await run.frontEnds.dap(host, standardStreams(run), { signal: ending });
    // That nobody reads any more is the end of an editor that was killed, and no failure.
    if (!run.stdout.closed.aborted && !run.stderr.closed.aborted) signal.throwIfAborted();
    // Nobody launched: whoever started it, with nothing to say on its standard input, was told by no answer.
    return wrong === undefined || host.wasAsked ? 0 : exitCodeOf(wrong);
  });
}

/** A client is told by the answer to its launch; what is said here is for its log. */
function wrongLine({ words }: DapLine, run: DapRun): BktuiError | undefined {
  try {
    parsed(["build", ...words], run);
    return undefined;
  } catch (error) {
    if (run.stdinIsTerminal) throw error;
    const failure = toBktuiError(error);
    for (const text of reportError(failure, { debug: false })) run.stderr.line(text);
    return failure;
  }
}

/** `wasAsked`: for a build, by a client. */
function hostOf(line: DapLine, run: DapRun): DapHost & { readonly wasAsked: boolean } {
  let wasAsked = false;
  return {
    version: run.version,
    get wasAsked() {
      return wasAsked;
    },
    open: async (request, body, waiting) => {
      wasAsked = true;
      if (request === "attach")
        throw new BktuiError(
          "bad-request",
          "attach: this bktui has no build to attach to; it was started for one editor",
          { hint: 'use "request": "launch"' },
        );
      // One client: what it says of its environment is this process's.
      const setVariables = (variables: Readonly<Record<string, string>>): void =>
        run.frontEnds.setDocker(variables);
      return (await launchedBuild(line, body, { run: { ...run, setVariables }, waiting })).launched;
    },
  };
}
