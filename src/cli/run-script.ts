/** Opens what `--script` names and runs it: the line mode with another input, judged. */
import { createReadStream, type ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import { usageError } from "../console/bad-values.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { type InputStream, LineInput } from "../plain/lines/line-input.ts";
import { LineMode } from "../plain/lines/line-mode.ts";
import { PlainShells } from "../plain/lines/line-shells.ts";
import { type LinesPlace, type LinesRun, runLines } from "../plain/lines/run-lines.ts";
import { ScriptRun } from "../plain/lines/script-run.ts";
import type { FrontEnds, ScreenRun } from "./front-ends.ts";
import type { ScriptChoice } from "./script-options.ts";

export interface ScriptedRun extends Omit<LinesRun, "script"> {
  readonly script: ScriptChoice;
}

/** Answers the script's verdict as an exit code. @throws {BktuiError} "usage" when there is no such script. */
export async function runScriptFile(
  run: ScriptedRun,
  line: Omit<LinesPlace, "terminal">,
  { frontEnds, inputWasStdin }: { readonly frontEnds: FrontEnds; readonly inputWasStdin: boolean },
): Promise<number> {
  const { script } = run;
  if (run.settings.build.onError === "script")
    throw usageError(
      "--script and --on-error=script: the script itself says what is done then",
      "leave one of them out",
    );
  const stdin = await openScript(script, { stdin: line.stdin, inputWasStdin });
  const judged = new ScriptRun(script, (text) => line.stderr.line(text));
  // Standard input is the script's own or nobody's: nothing is asked, and no shell has the terminal.
  return await runLines({ ...run, script: judged }, { ...line, stdin, terminal: undefined }, frontEnds);
}

/** @throws {BktuiError} "usage" when there is no such script, or standard input was the build's. */
export async function openScript(
  { path, name }: ScriptChoice,
  { stdin, inputWasStdin }: { readonly stdin: InputStream; readonly inputWasStdin: boolean },
): Promise<InputStream> {
  if (path !== undefined) return await scriptFile(path, name);
  if (!inputWasStdin) return stdin;
  throw usageError(
    "--script - and a build from standard input: there is only one standard input",
    "save one of them to a file",
  );
}

/** Runs a script over a build that stands at a failure: what is wrong in it is told, and decides nothing. */
export async function runScriptAt(
  debug: Debugger,
  {
    run,
    line,
    name,
    path,
    signal,
  }: {
    readonly run: ScreenRun;
    readonly line: Omit<LinesPlace, "terminal">;
    readonly name: string;
    readonly path: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { stdout, stderr, env, cwd } = line;
  const script = new ScriptRun({ name, keepGoing: false, timeoutMs: 0 }, (text) => stderr.line(text));
  const stdin = await scriptFile(path, name);
  using input = new LineInput(stdin);
  const { command, prompt } = run.settings.shell;
  const talk = { debug, input, stdin, stdout, terminal: undefined, command, prompt, leave: [] };
  await using shells = new PlainShells(talk);
  const { settings } = run;
  const mode = new LineMode({
    ...run,
    // It has failed already; what the script runs again stops like any other.
    settings: { ...settings, build: { ...settings.build, onError: "pause" } },
    notes: [],
    hasBegun: true,
    surroundings: { env, cwd },
    debugger: debug,
    remembered: undefined,
    input,
    shells,
    stdout,
    interactive: false,
    script,
    debug: false,
  });
  try {
    await mode.run({ signal });
  } finally {
    stdin.destroy();
  }
}

/** @throws {BktuiError} "usage" with why it cannot be read. */
export async function scriptFile(path: string, name: string): Promise<ReadStream> {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw usageError(`script ${visibleLine(name)}: it is a directory`, "name a file");
    }
    return createReadStream(path, { fd: file });
  } catch (error) {
    if (error instanceof BktuiError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "no such file" : code === "EACCES" ? "it may not be read" : String(code);
    throw usageError(`script ${visibleLine(name)}: ${why}`, "name a file, or - for standard input");
  }
}
