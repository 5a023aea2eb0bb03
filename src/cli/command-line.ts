/** Runs one command line: chooses the front end, prints what can be answered at once, answers the exit code. */
import { toBktuiError, unreachable } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import { usageError } from "../console/bad-values.ts";
import type { Surroundings } from "../console/build-options.ts";
import { exitCodeOf } from "../plain/exit-code.ts";
import { runHeadless } from "../plain/headless.ts";
import type { InputStream } from "../plain/lines/line-input.ts";
import type { TerminalFacts } from "../plain/lines/line-shells.ts";
import type { Output } from "../plain/output.ts";
import { rawOutput } from "../plain/raw-output.ts";
import { reportError } from "../plain/report.ts";
import { type Invocation, parseArguments, wordsWithoutPath } from "./arguments.ts";
import { askInstead } from "./asked-frontend.ts";
import { attachList, attachTo, attendingOf } from "./attach-command.ts";
import type { BakeLine } from "./bake/bake-command.ts";
import type { BakeParts } from "./bake/run-bake.ts";
import { chooseUi } from "./choose-ui.ts";
import { commandAgain } from "./command-again.ts";
import type { HistoryOptions } from "./commands.ts";
import { loadConfig } from "./config/load-config.ts";
import { configText } from "./config/print-config.ts";
import { tlsOrigins } from "./config/tls-origins.ts";
import { checkDirectory, NO_DIRECTORY, type Started } from "./current-directory.ts";
import type { DapLine } from "./dap/dap-command.ts";
import type { DebugOptions } from "./debug-options.ts";
import { withDockerConfig } from "./docker-config.ts";
import { withoutDockerGlobals } from "./docker-globals.ts";
import { atHeadlessFailure, failureWork } from "./failure-work.ts";
import type { CommandResult, FrontEnds, Keys, ScreenRun, Ui } from "./front-ends.ts";
import { otherBuildFileAt, projectDockerfile, wantsInput } from "./inputs.ts";
import { jsonLines } from "./json-lines.ts";
import type { McpLine } from "./mcp/mcp-command.ts";
import { namedEngine } from "./named-engine.ts";
import type { OpenLine } from "./open/open-command.ts";
import { headlessProgress, progressMode } from "./options/progress-mode.ts";
import { checkStandardOutput } from "./output-checks.ts";
import { preparedRun, type RunParts } from "./prepare-run.ts";
import { receive } from "./receive.ts";
import { runByLines } from "./run-by-lines.ts";
import { interruptible, unaskedUnless } from "./unattended.ts";

/** The process around a command line. */
export interface CommandLine extends Surroundings {
  /** Without the program's name. */
  readonly argv: readonly string[];
  readonly version: string;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stdin: InputStream;
  /** The terminal itself, for keys while standard input is something else; undefined when there is none. */
  readonly openTerminal?: () => Keys | undefined;
  /** The terminal's size; 80x24 where there is none. */
  readonly window: Pick<TerminalFacts, "size" | "onResize">;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Does what a command line asks for; answers the exit code and never rejects: errors go to stderr in words. */
export async function runCommandLine(
  typed: Omit<CommandLine, "cwd"> & Started,
  frontEnds: FrontEnds,
): Promise<number> {
  const debug = typed.argv.includes("--debug") || typed.argv.includes("-D");
  try {
    const { argv, variables } = withoutDockerGlobals(typed.argv);
    frontEnds.setDocker(variables);
    const line = { ...typed, argv, cwd: typed.cwd ?? NO_DIRECTORY, env: { ...typed.env, ...variables } };
    const invocation = parseArguments(argv, line);
    checkDirectory(invocation, typed);
    return await perform(invocation, line, frontEnds);
  } catch (error) {
    const failure = toBktuiError(error);
    for (const text of reportError(failure, { debug })) typed.stderr.line(text);
    return exitCodeOf(failure);
  }
}

async function perform(invocation: Invocation, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  switch (invocation.kind) {
    case "help":
      return print({ text: invocation.text.trimEnd(), exitCode: 0 }, line);
    case "version":
      return print({ text: `bktui ${line.version}`, exitCode: 0 }, line);
    case "debug":
      return debugBuild(invocation.options, line, frontEnds);
    case "bake":
      return bake(invocation.line, line, frontEnds);
    case "attach":
      return invocation.options.list === true
        ? print(await attachList(frontEnds), line)
        : await attachTo(invocation.name, invocation.options, line, frontEnds);
    case "engine":
      return interruptible(line, async (waiting) =>
        print(await frontEnds.engineCommand(invocation.action, invocation.options, waiting), line),
      );
    case "doctor":
      return interruptible(line, async (waiting) =>
        print(await frontEnds.doctor(await namedEngine(invocation.options, line), waiting), line),
      );
    case "open":
      return openBuild(invocation.line, line, frontEnds);
    case "mcp":
      return await mcp(invocation.line, line, frontEnds);
    case "dap":
      return await dap(invocation.line, line, frontEnds);
    case "plugin": {
      const { runPlugin } = await import("./plugin/run-plugin.ts");
      const { ownCommand, pluginPlaces } = frontEnds;
      const run = { ownCommand, places: await pluginPlaces(), platform: process.platform };
      return print(await runPlugin(invocation.action, invocation.options, run), line);
    }
    case "history":
      return listRecords(invocation.options, line, frontEnds);
    case "config":
      return printConfig(invocation.options, line, frontEnds);
    default:
      return unreachable(invocation);
  }
}

async function print({ text, exitCode }: CommandResult, { stdout }: CommandLine): Promise<number> {
  for (const row of text.split("\n")) stdout.line(visibleText(row));
  return exitCode;
}

async function debugBuild(typed: DebugOptions, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const options = await withDockerConfig(typed, frontEnds);
  const wanted = wantsInput(options);
  if (wanted === undefined) {
    const baked = await bakeGiven(options, line, frontEnds);
    return baked ?? (await debugFrom(options, line, { frontEnds }));
  }
  using input = await receive(wanted, line);
  const freed = withKeys(line);
  return await debugFrom(options, freed.line, { frontEnds, input, keys: freed.keys, inputWasStdin: true });
}

/** Standard input is something else: keys come from the terminal itself. */
function withKeys(line: CommandLine): { readonly line: CommandLine; readonly keys: Keys | undefined } {
  const keys = line.openTerminal?.();
  const stdin = keys ?? line.stdin;
  return { line: { ...line, stdin, stdinIsTerminal: keys !== undefined }, keys };
}

async function bake(asked: BakeLine, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const { bakeRun, readInput, runBakeLine } = await import("./bake/run-bake.ts");
  const isPiped = asked.files.includes("-");
  const input = isPiped ? await readInput(line.stdin) : undefined;
  const freed = isPiped ? withKeys(line) : { line, keys: undefined };
  return await runBakeLine(asked, bakeRun(freed.line, { ...bakeParts(freed, frontEnds), input }));
}

/** The build of a record once more. */
async function openBuild(asked: OpenLine, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const { runOpenLine } = await import("./open/run-open.ts");
  return await runOpenLine(asked, {
    ...line,
    history: async (options, waiting) =>
      await frontEnds.history(await namedEngine(await withDockerConfig(options, frontEnds), line), waiting),
    openFile: async (path, waiting) => await frontEnds.openFile(path, waiting),
    imageLabels: async (name, options, waiting) => {
      const engine = await namedEngine(await withDockerConfig(options, frontEnds), line);
      return await frontEnds.imageLabels(name, engine, waiting);
    },
    debug: async ({ options, input, record }) =>
      await debugFrom(await withDockerConfig(options, frontEnds), line, { frontEnds, input, record }),
  });
}

async function mcp(asked: McpLine, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const { runMcp } = await import("./mcp/run-mcp.ts");
  // No output of a build may go where the messages go.
  const own = { ...line, stdoutIsTerminal: true };
  const prepare = async (options: DebugOptions): Promise<ScreenRun> =>
    await preparedRun(await withDockerConfig(options, frontEnds), own, { frontEnds });
  return await runMcp(asked, { ...line, frontEnds, prepare });
}

async function dap(asked: DapLine, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const { runDap } = await import("./dap/run-dap.ts");
  return await runDap(asked, {
    ...line,
    frontEnds,
    prepare: async (options, surroundings, parts) => {
      // No output of a build may go where the messages go.
      const own = { ...line, ...surroundings, stdoutIsTerminal: true };
      return await preparedRun(await withDockerConfig(options, frontEnds), own, { frontEnds, ...parts });
    },
  });
}

async function listRecords(
  { json, ...engine }: HistoryOptions,
  line: CommandLine,
  frontEnds: FrontEnds,
): Promise<number> {
  const { listHistory } = await import("./open/list-history.ts");
  return await interruptible(line, async (waiting) => {
    await using source = await frontEnds.history(await namedEngine(engine, line), waiting);
    return print(await listHistory(source, { ...waiting, json: json === true }), line);
  });
}

/** Undefined when the path is no bake or compose file, or there is no buildx to read it. */
async function bakeGiven(
  options: DebugOptions,
  line: CommandLine,
  frontEnds: FrontEnds,
): Promise<number | undefined> {
  const given = options.file === undefined ? await otherBuildFileAt(options.path.path) : undefined;
  if (given === undefined) return undefined;
  const { bakeRun, runBakeFile } = await import("./bake/run-bake.ts");
  const buildWords = wordsWithoutPath(line.argv);
  const run = bakeRun(line, { ...bakeParts({ line, keys: undefined }, frontEnds), input: undefined });
  return await runBakeFile(options.path.path, { ...given, buildWords, run });
}

/** What a bake run needs of a debugger run. */
function bakeParts(
  { line, keys }: { readonly line: CommandLine; readonly keys: Keys | undefined },
  frontEnds: FrontEnds,
): BakeParts {
  return {
    frontEnds,
    keys,
    uiOf: async (options) => {
      const { settings } = await loadConfig(options, { dockerfile: undefined, env: line.env });
      const run = options.run || settings.ui.start === "run";
      return options.json ? "headless" : chooseUi(options.ui, { run }, line);
    },
    debug: async ({ options, input, asTarget }) =>
      await debugFrom(await withDockerConfig(options, frontEnds), line, {
        frontEnds,
        input,
        keys,
        asTarget,
      }),
  };
}

async function debugFrom(
  options: DebugOptions,
  line: CommandLine,
  {
    frontEnds,
    input,
    keys,
    inputWasStdin = false,
    asTarget,
    record,
  }: RunParts & {
    readonly frontEnds: FrontEnds;
    readonly keys?: Keys | undefined;
    readonly inputWasStdin?: boolean;
  },
): Promise<number> {
  const run = await preparedRun(options, line, { frontEnds, input, asTarget, record });
  const progress = progressMode(options, line.env);
  if (options.call !== undefined && options.json)
    throw usageError("--json and --call cannot be used together", "leave one of them out");
  if (options.call !== undefined) return await askInstead(options.call, { options, run, line, frontEnds });
  if (options.dump !== undefined) {
    const { dumpInstead } = await import("./llb/dump.ts");
    return await dumpInstead(options.dump, { options, run, line, frontEnds });
  }
  const ui = uiOf(options, run, line);
  if (ui === "headless" && run.dap !== undefined)
    throw usageError(
      "--dap is for a build that somebody is at, and this one runs without a terminal",
      "start it on a terminal, with --ui=plain or --json; an editor by itself: bktui dap",
    );
  checkStandardOutput(run.request, { isTerminal: line.stdoutIsTerminal, isOwn: ui !== "headless" });
  const atFailure = await failureWork(run, { ui, line });
  switch (ui) {
    case "lines":
      return await runByLines(options, run, line, { frontEnds, inputWasStdin, keys, atFailure });
    case "full":
      return frontEnds.screen(run, keys);
    case "json":
      return await jsonLines(run, options, { line, frontEnds, noInput: inputWasStdin && keys === undefined });
    case "headless":
      return interruptible(line, async (waiting) => {
        const { stdout, stderr } = line;
        const style = headlessProgress(progress);
        const engine = unaskedUnless(false, run.engine, options);
        const raw = style === "rawjson" ? rawOutput(stderr, waiting) : undefined;
        await using connected = await frontEnds.connect(engine, raw?.waiting ?? waiting, raw);
        return await runHeadless(
          {
            ...run,
            stdout,
            stderr,
            style,
            debugger: connected.debugger,
            debug: options.debug,
            keepGoing: options.keepGoing,
            bundle: options.bundle,
            atFailure: atHeadlessFailure(atFailure, connected.debugger, stderr),
            attending: attendingOf(run, connected.debugger, frontEnds),
            again: commandAgain(line.argv),
            silentAfterMs: run.settings.notify.silentAfterMs,
            patienceMs: run.settings.engine.patienceMs,
          },
          waiting,
        );
      });
  }
}

function uiOf({ json, script, ui }: DebugOptions, run: ScreenRun, line: CommandLine): Ui | "json" {
  if (json) return "json";
  return script === undefined ? chooseUi(ui, run, line) : "lines";
}

async function printConfig(typed: DebugOptions, line: CommandLine, frontEnds: FrontEnds): Promise<number> {
  const options = await withDockerConfig(typed, frontEnds);
  // Without a Dockerfile there are the user's own settings.
  const dockerfile = await projectDockerfile(options).catch(() => undefined);
  const taken = [...(options.build.taken ?? []), ...(await frontEnds.dockerDefaults(options.addr))];
  const config = await loadConfig(options, { dockerfile, env: line.env });
  const engine = await namedEngine(options, line);
  const withEngine = await frontEnds.chosenEngine(engine).then(
    ({ text, from, tls }) => {
      const rows = tls === undefined ? [] : tlsOrigins(tls, { typed: options.typedTls, from });
      return { ...config, origins: [...config.origins, { key: "engine", value: text, from }, ...rows] };
    },
    (error) => ({ ...config, problems: [...config.problems, `engine: ${toBktuiError(error).message}`] }),
  );
  const problems = [...withEngine.problems, ...(await frontEnds.dockerProblems())];
  return print({ text: configText({ ...withEngine, problems }, taken), exitCode: 0 }, line);
}
