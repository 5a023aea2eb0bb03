/** Starts the line mode: signals, the engine, the debugger. */
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import { visibleText } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { Connect, EngineChoice } from "../../console/connect.ts";
import type { RememberedStore } from "../../console/remembered-breakpoints.ts";
import { editorsWords, type MakeEditorDoor, type Serve } from "../../console/serving.ts";
import type { Settings } from "../../console/settings.ts";
import type { BreakpointOrder } from "../../debugger/breakpoint.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { exitCodeOfSignal } from "../exit-code.ts";
import { exitCodeOfLoss, type Output } from "../output.ts";
import { Interruption } from "../signals.ts";
import { type InputStream, LineInput } from "./line-input.ts";
import { LineMode } from "./line-mode.ts";
import type { AtFailure } from "./line-mode-run.ts";
import { PlainShells, type TerminalFacts } from "./line-shells.ts";
import type { ScriptRun } from "./script-run.ts";

export interface LinesRun {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Those that other runs left behind are neither set nor changed. */
  readonly noEarlierBreaks: boolean;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one harmless line each. */
  readonly notes: readonly string[];
  readonly engine: EngineChoice;
  readonly settings: Settings;
  readonly debug: boolean;
  /** By which name others may attach, "" = one is made up; undefined = nobody is to. */
  readonly serve: string | undefined;
  /** Where editors may attach, "" = a name is made up; undefined = not before `dap`. */
  readonly dap: string | undefined;
  /** The input is a script that is judged. */
  readonly script?: ScriptRun | undefined;
  /** Done at a failure, after it was told. */
  readonly atFailure?: AtFailure | undefined;
}

/** The process around it. */
export interface LinesPlace extends Surroundings {
  readonly stdin: InputStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Undefined = standard input is no terminal. */
  readonly terminal: TerminalFacts | undefined;
}

/** Runs until the user leaves; answers the exit code, 128 + n after a signal. @throws {BktuiError} without an engine. */
export async function runLines(
  run: LinesRun,
  { stdin, stdout, stderr, terminal, env, cwd }: LinesPlace,
  {
    connect,
    serve,
    editors,
  }: { readonly connect: Connect; readonly serve: Serve; readonly editors: MakeEditorDoor },
): Promise<number> {
  const interactive = terminal !== undefined;
  using signals = new Interruption();
  const elsewhere = new AbortController();
  let endedWith: number | undefined;
  const signal = AbortSignal.any([signals.signal, stdout.closed, elsewhere.signal]);
  using input = new LineInput(stdin);
  const confirm = async (question: string): Promise<boolean> => {
    stdout.write(`${visibleText(question)} (y/n) `);
    return /^\s*y(es)?\s*$/i.test((await input.line()) ?? "");
  };
  try {
    const onProgress = (text: string): void => stderr.line(visibleText(text));
    // Ends last: editors hear of the end by the build itself.
    await using doors = new Scope();
    await using connected = await connect(run.engine, {
      signal,
      onProgress,
      confirm: interactive ? confirm : undefined,
    });
    const { debugger: debug } = connected;
    const { command, prompt, leave } = run.settings.shell;
    await using shells = new PlainShells({
      debug,
      input,
      stdin,
      stdout,
      terminal,
      command,
      prompt,
      leave: leave.flatMap(controlByte),
    });
    // What a script does must not depend on what other runs left behind.
    const remembered = interactive && !run.noEarlierBreaks ? await rememberedStore(env) : undefined;
    const end = (code: number): void => {
      endedWith = code;
      elsewhere.abort(new BktuiError("cancelled", "ended from an attached screen"));
    };
    const door = doors.own(editors({ ...run, debugger: debug, end }));
    const mode = new LineMode({
      ...run,
      editors: door,
      surroundings: { env, cwd },
      debugger: debug,
      remembered,
      input,
      shells,
      stdout,
      interactive,
    });
    await using served =
      run.serve === undefined ? undefined : await serve({ ...run, debugger: debug, name: run.serve, end });
    if (served !== undefined) stdout.line(`attach with: ${visibleText(served.command)}`);
    if (run.dap !== undefined) stdout.line(await editorsWords(door, run.dap));
    signals.onInterrupt = () => mode.interrupt(Date.now());
    return await mode.run({ signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    if (endedWith !== undefined) {
      stderr.line("ended from an attached screen");
      return endedWith;
    }
    stderr.line("cancelled");
    return signals.exitCode ?? exitCodeOfLoss(stdout) ?? exitCodeOfSignal("SIGINT");
  }
}

async function rememberedStore(env: LinesPlace["env"]): Promise<RememberedStore> {
  const { createRememberedStore, rememberedPath } = await import("../../console/remembered-breakpoints.ts");
  return createRememberedStore(rememberedPath(env));
}

/** The byte that a terminal sends for `Ctrl-]`; function keys send sequences and are left to the container. */
function controlByte(key: string): readonly number[] {
  const letter = /^ctrl-([@-_a-z])$/i.exec(key)?.[1];
  return letter === undefined ? [] : [letter.toUpperCase().charCodeAt(0) & 0x1f];
}
