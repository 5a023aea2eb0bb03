/** Starts the line mode, or a script in it. */
import { usageError } from "../console/bad-values.ts";
import type { TerminalFacts } from "../plain/lines/line-shells.ts";
import { type LinesPlace, type LinesRun, runLines } from "../plain/lines/run-lines.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds, Keys, ScreenRun } from "./front-ends.ts";
import { unaskedUnless } from "./unattended.ts";

/** The process around it. */
export interface LinesLine extends Omit<LinesPlace, "terminal"> {
  readonly stdinIsTerminal: boolean;
  readonly window: Pick<TerminalFacts, "size" | "onResize">;
}

/** The line mode, or a script in it. */
export async function runByLines(
  options: DebugOptions,
  run: ScreenRun,
  line: LinesLine,
  {
    frontEnds,
    inputWasStdin,
    keys,
    atFailure,
  }: {
    readonly frontEnds: FrontEnds;
    readonly inputWasStdin: boolean;
    readonly keys: Keys | undefined;
    readonly atFailure: LinesRun["atFailure"];
  },
): Promise<number> {
  const { debug, script } = options;
  const engine = unaskedUnless(line.stdinIsTerminal && script === undefined, run.engine, options);
  if (script !== undefined) {
    const { runScriptFile } = await import("./run-script.ts");
    return await runScriptFile({ ...run, debug, engine, script }, line, { frontEnds, inputWasStdin });
  }
  if (inputWasStdin && keys === undefined)
    throw usageError(
      "there is nobody to take commands from: standard input was the build's, and there is no terminal",
      "build without stopping with --run, or save what was piped to a file",
    );
  const terminal = line.stdinIsTerminal ? terminalOf(line) : undefined;
  return await runLines({ ...run, atFailure, debug, engine }, { ...line, terminal }, frontEnds);
}

function terminalOf({ env, window }: LinesLine): TerminalFacts {
  return { ...window, term: env["TERM"] ?? "dumb" };
}
