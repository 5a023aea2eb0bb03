import { toBktuiError, unreachable } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { BreakpointSpec, Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/engine.ts";
import { type DebugOptions, type Invocation, parseArguments } from "./arguments.ts";
import type { EngineAction, EnginePolicy, EngineStartOptions } from "./commands.ts";
import { exitCodeOf, exitCodeOfSignal } from "./exit-code.ts";
import { checkInputs } from "./inputs.ts";
import { Interruption } from "./interruption.ts";
import { type Surroundings, usageError } from "./option-values.ts";
import type { Output } from "./output.ts";
import { reportError } from "./report.ts";
import { runHeadless } from "./run.ts";

/** Which engine to use and whether one may be started. */
export interface EngineWish {
  readonly addr: string | undefined;
  readonly policy: EnginePolicy;
}

/** A run on the screen. */
export interface ScreenRun {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointSpec[];
  /** Do not stop on entry. */
  readonly run: boolean;
  /** Things to say first, one line each. */
  readonly notes: readonly string[];
  /** Undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  readonly ascii: boolean;
  readonly engine: EngineWish;
}

/** Text for standard output, one or more lines without the last line end, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly exitCode: number;
}

interface Waiting {
  readonly signal: AbortSignal;
  /** One line for the user while he waits. */
  readonly onProgress: (line: string) => void;
}

/** A debugger and the connection under it; disposing ends both. */
export interface Connected extends AsyncDisposable {
  readonly debugger: Debugger;
}

/** What the command line starts; main.ts provides it and loads each part only when it is used. */
export interface FrontEnds {
  /** Finds or starts an engine and connects; the caller disposes it. */
  connect(engine: EngineWish, waiting: Waiting): Promise<Connected>;
  /** Runs the full screen until it is left; answers the exit code. Handles signals itself. */
  screen(run: ScreenRun): Promise<number>;
  engineCommand(action: EngineAction, options: EngineStartOptions, waiting: Waiting): Promise<CommandResult>;
  doctor(addr: string | undefined, waiting: Waiting): Promise<CommandResult>;
}

/** The process around a command line. */
export interface CommandLine extends Surroundings {
  /** Without the program's name. */
  readonly argv: readonly string[];
  readonly version: string;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Does what a command line asks for; answers the exit code and never rejects: errors go to stderr in words. */
export async function runCommandLine(line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const debug = line.argv.includes("--debug") || line.argv.includes("-D");
  try {
    return await perform(parseArguments(line.argv, line), line, frontEnds);
  } catch (error) {
    const failure = toBktuiError(error);
    for (const text of reportError(failure, { debug })) line.stderr.line(text);
    return exitCodeOf(failure);
  }
}

function perform(invocation: Invocation, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  switch (invocation.kind) {
    case "help":
      return print({ text: invocation.text.trimEnd(), exitCode: 0 }, line);
    case "version":
      return print({ text: `bktui ${line.version}`, exitCode: 0 }, line);
    case "debug":
      return debugBuild(invocation.options, line, frontEnds);
    case "engine":
      return interruptible(line, async (waiting) =>
        print(await frontEnds.engineCommand(invocation.action, invocation.options, waiting), line),
      );
    case "doctor":
      return interruptible(line, async (waiting) =>
        print(await frontEnds.doctor(invocation.addr, waiting), line),
      );
    default:
      return unreachable(invocation);
  }
}

async function print({ text, exitCode }: CommandResult, { stdout }: CommandLine): Promise<number> {
  for (const row of text.split("\n")) stdout.line(visibleText(row));
  return exitCode;
}

async function debugBuild(options: DebugOptions, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const { request, notes } = await checkInputs(options, line.env);
  const { addr, breakpoints, run, color, ascii, debug } = options;
  const hindrance = whyNoScreen(line);
  if (hindrance === undefined) {
    const engine = { addr, policy: options.enginePolicy ?? "ask" };
    return frontEnds.screen({ request, breakpoints, run, notes, color, ascii, engine });
  }
  if (!run)
    throw usageError(
      `no screen to debug on: ${hindrance}`,
      "run it in a terminal, or add --run for plain progress",
    );
  // Nobody can be asked here; who wants to be asked has not said yes.
  const policy = (options.enginePolicy ?? "auto") === "auto" ? "auto" : "never";
  return interruptible(line, async (waiting) => {
    await using connected = await frontEnds.connect({ addr, policy }, waiting);
    const { stdout, stderr } = line;
    return await runHeadless(
      { debugger: connected.debugger, request, breakpoints, notes, stdout, stderr, debug },
      waiting,
    );
  });
}

/** Why there can be no full screen, in words; undefined when there can be one. */
function whyNoScreen({ stdinIsTerminal, stdoutIsTerminal, env }: CommandLine): string | undefined {
  if (!stdinIsTerminal) return "standard input is not a terminal";
  if (!stdoutIsTerminal) return "standard output is not a terminal";
  if (env["TERM"] === "dumb") return "TERM=dumb names a terminal that cannot draw one";
  if (isSet(env["CI"])) return "CI is set in the environment";
  return undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}

/** Ends the work on a signal, and when nobody reads its output any more. */
async function interruptible(
  { stdout, stderr }: CommandLine,
  work: (waiting: Waiting) => Promise<number>,
): Promise<number> {
  using interruption = new Interruption();
  const signal = AbortSignal.any([interruption.signal, stdout.closed, stderr.closed]);
  try {
    return await work({ signal, onProgress: (text) => stderr.line(visibleText(text)) });
  } catch (error) {
    const failure = toBktuiError(error);
    if (failure.code !== "cancelled" || !signal.aborted) throw failure;
    stderr.line("cancelled");
    return interruption.exitCode ?? exitCodeOfSignal("SIGPIPE");
  }
}
