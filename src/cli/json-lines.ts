/** `--json`: a program reads and writes, so nobody can be asked. */

import type { Surroundings } from "../console/build-options.ts";
import type { JsonRun } from "../json/run-json.ts";
import type { InputStream } from "../plain/lines/line-input.ts";
import type { Output } from "../plain/output.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds, ScreenRun } from "./front-ends.ts";
import { unaskedUnless } from "./unattended.ts";

/** What it needs of the process. */
interface JsonLine extends Surroundings {
  readonly version: string;
  readonly stdin: InputStream;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** @param place.noInput standard input was something else than commands */
export async function jsonLines(
  run: ScreenRun,
  options: DebugOptions,
  {
    line,
    frontEnds,
    noInput,
  }: { readonly line: JsonLine; readonly frontEnds: FrontEnds; readonly noInput: boolean },
): Promise<number> {
  const { runJson } = await import("../json/run-json.ts");
  // Where the build runs by itself, nobody types commands for a program.
  const isAlone = noInput || (run.run && line.stdinIsTerminal);
  const { keepGoing } = options;
  const script = await scriptOf(options, { line, noInput });
  const notes = [...run.notes, ...idleNotes(run, options)];
  return await runJson(
    {
      ...run,
      notes,
      script,
      engine: unaskedUnless(false, run.engine, options),
      keepGoing,
      version: line.version,
    },
    { ...line, stdin: isAlone ? undefined : line.stdin },
    frontEnds,
  );
}

/** @throws {BktuiError} "usage" when it cannot be read. */
async function scriptOf(
  { script }: DebugOptions,
  { line, noInput }: { readonly line: JsonLine; readonly noInput: boolean },
): Promise<JsonRun["script"]> {
  if (script === undefined) return undefined;
  const [{ openScript }, { ScriptRun }] = await Promise.all([
    import("./run-script.ts"),
    import("../plain/lines/script-run.ts"),
  ]);
  const stream = await openScript(script, { stdin: line.stdin, inputWasStdin: noInput });
  return { stream, judged: new ScriptRun(script, (text) => line.stderr.line(text)) };
}

/** What is done at a failure is for the program to say. */
function idleNotes({ settings, failureExport }: ScreenRun, { bundle }: DebugOptions): readonly string[] {
  const { onError } = settings.build;
  const idle = [
    ...(onError === "pause" || onError === "exit" ? [] : [`--on-error=${onError}`]),
    ...(failureExport === undefined || onError === "export" ? [] : ["exports of failures"]),
    ...(bundle === undefined ? [] : ["--bundle"]),
  ];
  return idle.length === 0
    ? []
    : [`with --json nothing is done by ${idle.join(", ")}: give the commands export and bundle`];
}
