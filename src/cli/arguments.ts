/** argv -> what is wanted, as typed data. Pure: looks at nothing but its parameters. */
import { resolve } from "node:path";
import { type Command, CommanderError } from "commander";
import type { BktuiError } from "../base/errors.ts";
import { nearest } from "../base/near.ts";
import { quote } from "../base/quote.ts";
import { badValue, usageError } from "../console/bad-values.ts";
import type { Surroundings } from "../console/build-options.ts";
import { typedBundle } from "../console/bundles/read-bundle.ts";
import { typedFailureExport } from "../console/exports/failure-export.ts";
import { parseBreakpoints, parseImage } from "../console/option-values.ts";
import { type BakeLine, bakeWords } from "./bake/bake-command.ts";
import { withoutBuildWord } from "./command-words.ts";
import {
  type AttachOptions,
  COMMANDS,
  commandTree,
  type DoctorOptions,
  type HistoryOptions,
  type Recognised,
  type TypedOptions,
} from "./commands.ts";
import type { ConfigLayer } from "./config/read-config.ts";
import { type Config, parsePatience } from "./config/schema.ts";
import { type DapLine, dapLineOf, isDapHelp } from "./dap/dap-command.ts";
import type { DebugOptions } from "./debug-options.ts";
import { REFUSED_BY_DOCKER } from "./docker-options.ts";
import type { EngineAction, EngineStartOptions } from "./engine-command.ts";
import { applyEnvironment, setterOf } from "./environment-options.ts";
import type { McpLine } from "./mcp/mcp-command.ts";
import type { OpenLine } from "./open/open-command.ts";
import { BUILD_ROWS } from "./options/build-rows.ts";
import { chosenBuild } from "./options/chosen-build.ts";
import { DEFINITION_ROWS } from "./options/definition-rows.ts";
import { withEnvironment } from "./options/environment-values.ts";
import { FRONTEND_ROWS } from "./options/frontend-rows.ts";
import type { Chosen } from "./options/option-row.ts";
import { PLAIN_BUILD } from "./options/plain-build.ts";
import { chosenOf, wordsGiven } from "./options/row-options.ts";
import type { PluginAction, PluginOptions } from "./plugin/plugin-command.ts";
import { typedScript } from "./script-options.ts";
import { canonical, operandsOf, type Spelled } from "./spellings.ts";
import { typedTls } from "./tls-options.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "debug"; readonly options: DebugOptions }
  | { readonly kind: "bake"; readonly line: BakeLine }
  | { readonly kind: "open"; readonly line: OpenLine }
  | { readonly kind: "mcp"; readonly line: McpLine }
  | { readonly kind: "dap"; readonly line: DapLine }
  | { readonly kind: "history"; readonly options: HistoryOptions }
  | { readonly kind: "attach"; readonly name: string | undefined; readonly options: AttachOptions }
  | { readonly kind: "engine"; readonly action: EngineAction; readonly options: EngineStartOptions }
  | { readonly kind: "plugin"; readonly action: PluginAction; readonly options: PluginOptions }
  | { readonly kind: "doctor"; readonly options: DoctorOptions }
  /** `options` as for a run on `path`. */
  | { readonly kind: "config"; readonly options: DebugOptions };

/**
 * @param argv without the program's name.
 * @throws {BktuiError} "usage" naming what is wrong and what is near.
 */
export function parseArguments(argv: readonly string[], surroundings: Surroundings): Invocation {
  let invocation: Invocation | undefined;
  const tree = commandTree(
    {
      ...byLine((found) => {
        invocation = found;
      }),
      debug: (path, options) => {
        if (options.help === true) invocation = { kind: "help", text: tree.helpInformation() };
        else if (options.version === true) invocation = { kind: "version" };
        else {
          const own = read(path, options);
          const isBehindServe = path !== undefined && path === wordBehindServe(wordsOf(tree, argv));
          const typed = isBehindServe ? { ...own.path, isBehindServe } : own.path;
          invocation = { kind: "debug", options: { ...own, path: typed } };
        }
      },
      dump: ({ path, choice, words }) => {
        const all = [...wordsGiven(tree), ...words, ...(path === undefined ? [] : ["--", path])];
        const build = parseArguments(all, surroundings);
        if (build.kind === "debug") invocation = { ...build, options: { ...build.options, dump: choice } };
      },
      config: (path, { config, addr, builder, ...tls }) => {
        const typed = tree.opts<TypedOptions>();
        const options = read(path, config === undefined ? typed : { ...typed, config });
        const named = { addr: addr ?? options.addr, builder: builder ?? options.builder };
        const all = { ...options.typedTls, ...typedTls(tls) };
        invocation = { kind: "config", options: { ...options, ...named, typedTls: all } };
      },
    },
    argv,
  );
  const read = (path: string | undefined, typed: TypedOptions): DebugOptions =>
    debugOptions(
      path,
      { ...typed, given: givenLayer(tree, typed) },
      chosenBuild(
        chosenOf(BUILD_ROWS, tree, surroundings),
        chosenOf([...FRONTEND_ROWS, ...DEFINITION_ROWS], tree, surroundings),
      ),
      surroundings,
    );
  const dap = dapOf(tree, argv);
  if (dap !== undefined) return dap;
  // A subcommand has options of its own; those of the debugger hold for `config` too.
  tree.hook("preAction", () => applyEnvironment(tree, surroundings.env));
  try {
    tree.parse(wordsOf(tree, argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed" || error.code === "commander.help")
      return helpOf(tree, argv);
    throw inOurWords(error, tree.args[0] ?? "", wordBehindServe(wordsOf(tree, argv)));
  }
  const stray = strayOption(tree, invocation);
  if (stray === "--help")
    return helpOf(
      tree,
      argv.filter((word) => !word.startsWith("-")),
    );
  if (stray !== undefined)
    throw usageError(
      `${stray} does not belong before the command "${invocation?.kind}"`,
      `see bktui ${invocation?.kind} --help; for a directory of that name write ./${invocation?.kind}`,
    );
  return invocation ?? helpOf(tree, argv);
}

/** A line that is for an editor to be told of, whatever is wrong with it. */
function dapOf(tree: Command, argv: readonly string[]): Invocation | undefined {
  const line = dapLineOf(argv, tree.options);
  if (line !== undefined) return { kind: "dap", line };
  return isDapHelp(argv, tree.options) ? helpOf(tree, ["dap"]) : undefined;
}

/** Commands that mean what was typed; a line of their own is read where it is performed. */
function byLine(
  found: (invocation: Invocation) => void,
): Pick<Recognised, "attach" | "bake" | "doctor" | "engine" | "history" | "mcp" | "open" | "plugin"> {
  return {
    bake: (line) => found({ kind: "bake", line }),
    open: (line) => found({ kind: "open", line }),
    mcp: (line) => found({ kind: "mcp", line }),
    history: (options) => found({ kind: "history", options }),
    attach: (name, options) => found({ kind: "attach", name, options }),
    engine: (action, options) => found({ kind: "engine", action, options }),
    plugin: (action, options) => found({ kind: "plugin", action, options }),
    doctor: (options) => found({ kind: "doctor", options }),
  };
}

/** A tree that is read by nobody, for its options. */
function bareTree(argv: readonly string[]): Command {
  const nothing = (): void => undefined;
  return commandTree(
    {
      debug: nothing,
      bake: nothing,
      open: nothing,
      mcp: nothing,
      history: nothing,
      dump: nothing,
      attach: nothing,
      plugin: nothing,
      engine: nothing,
      doctor: nothing,
      config: nothing,
    },
    argv,
  );
}

/** The words of a line in one spelling, with the command first. */
export function wordsOfLine(argv: readonly string[]): readonly string[] {
  return wordsOf(bareTree(argv), argv);
}

/** The options that a line can have. */
export function optionsOfLine(argv: readonly string[]): readonly Spelled[] {
  const tree = bareTree(argv);
  const isBake = bakeWords(argv, operandsOf(argv, tree.options)) !== undefined;
  return (isBake ? bakeOf(tree) : tree)?.options ?? [];
}

/** The options of a line for a debugger run, in one spelling, without the path and the words in front of it. */
export function wordsWithoutPath(argv: readonly string[]): readonly string[] {
  const { options } = bareTree(argv);
  const words = withoutBuildWord(canonical(argv, options), options);
  const operands = operandsOf(words, options);
  return words.filter((_, index) => !operands.includes(index));
}

/** In one spelling, with the command first. */
function wordsOf(tree: Command, argv: readonly string[]): readonly string[] {
  const { options } = tree;
  const operands = operandsOf(argv, options);
  // Its --dap is a switch, that of a build has a place.
  if (argv[operands[0] ?? -1] === "plugin") return argv;
  const words = bakeWords(argv, operands);
  if (words === undefined) return withoutBuildWord(canonical(argv, options), options);
  return ["bake", ...canonical(words, bakeOf(tree)?.options ?? [])];
}

function bakeOf({ commands }: Command): Command | undefined {
  return commands.find((command) => command.name() === "bake");
}

/** What typed options and the environment set among the settings. */
function givenLayer(tree: Command, typed: TypedOptions): ConfigLayer {
  const setters: Readonly<Record<string, string>> = {
    "ui.theme": "theme",
    "ui.ascii": "ascii",
    "ui.start": "run",
    "build.on_error": "onError",
    "engine.patience": "enginePatience",
    "shell.command": "shell",
    "shell.debug_image": "debugImage",
    target: "target",
    break: "break",
    platform: "platform",
  };
  const platform = typed.platform.length === 0 ? undefined : typed.platform.join(",");
  const config: Config = {
    ui: {
      theme: typed.theme,
      ascii: typed.ascii === true ? true : undefined,
      start: typed.run === true ? "run" : undefined,
    },
    build: { on_error: typed.onError },
    engine: {
      patience: typed.enginePatience === undefined ? undefined : parsePatience(typed.enginePatience),
    },
    shell: {
      command: typed.shell?.split(/\s+/).filter((word) => word !== ""),
      debug_image: typed.debugImage === undefined ? undefined : parseImage(typed.debugImage),
    },
    target: typed.target,
    break: typed.break.length === 0 ? undefined : [...typed.break],
    platform,
  };
  return { config, from: (key) => setterOf(tree, setters[key] ?? key) ?? "an option" };
}

function debugOptions(
  path: string | undefined,
  typed: TypedOptions & { readonly given: ConfigLayer },
  { build, run, notes, idle }: Required<Chosen>,
  surroundings: Surroundings,
): DebugOptions {
  const { cwd } = surroundings;
  if (build.noCache === true && (build.noCacheStages ?? []).length > 0)
    throw badValue("--no-cache and --no-cache-filter cannot be used together", "leave one of them out");
  return {
    path: {
      text: path ?? ".",
      path: resolve(cwd, path ?? "."),
      ...(path === undefined ? { isDefault: true } : {}),
    },
    file: undefined,
    context: undefined,
    build: withEnvironment({ ...PLAIN_BUILD, ...build }, surroundings),
    breakpoints: typed.break.length === 0 ? undefined : parseBreakpoints(typed.break),
    run: typed.run === true,
    color: typed.color,
    ascii: typed.ascii === true,
    ui: typed.ui ?? "auto",
    configFile: typed.config === undefined ? undefined : resolve(cwd, typed.config),
    projectConfig: typed.projectConfig,
    given: typed.given,
    addr: typed.addr,
    typedTls: typedTls(typed),
    builder: undefined,
    enginePolicy: typed.engine,
    debug: typed.debug === true,
    keepGoing: typed.keepGoing === true,
    json: typed.json === true,
    script: typedScript(typed, cwd),
    serve: typed.serve,
    dap: typed.dap,
    typedExport: typedFailureExport(typed),
    bundle: typedBundle(typed, surroundings),
    progress: undefined,
    quiet: false,
    policies: undefined,
    call: undefined,
    notes: idle.length === 0 ? notes : [...notes, `BuildKit has no use for ${idle.join(", ")}`],
    ...run,
  };
}

/** Help of the innermost command that is named, e.g. of `engine start`. */
function helpOf(tree: Command, argv: readonly string[]): Invocation {
  let command = tree;
  for (const word of argv) {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (inner === undefined) break;
    command = inner;
  }
  return { kind: "help", text: command.helpInformation() };
}

/** `bktui --target x doctor`: commander reads the option and would ignore it. Answers its flag. */
function strayOption(tree: Command, invocation: Invocation | undefined): string | undefined {
  if (invocation === undefined || !COMMANDS.includes(invocation.kind)) return undefined;
  const given = tree.options.filter((option) => tree.getOptionValueSource(option.attributeName()) === "cli");
  return given.find(({ long }) => long !== "--debug")?.long;
}

/** The command that a word may have been meant for; undefined when it is one, or looks like none. */
export function nearCommand(word: string): string | undefined {
  return nearest(word, COMMANDS)[0];
}

const MANY_PATHS = "more than one path was given";

/** What stands behind a `--serve` without a name, when it is no option: perhaps the name. */
function wordBehindServe(words: readonly string[]): string | undefined {
  const at = words.indexOf("--serve=");
  const next = at < 0 ? undefined : words[at + 1];
  return next?.startsWith("-") === true ? undefined : next;
}

/** The path that a name became, since the value of `--serve` may be left out. */
export function serveHint(word: string): string {
  return `if it is the name for --serve, write --serve=${quote(word)}`;
}

/** `operand`: the first word that is no option. */
function inOurWords(error: CommanderError, operand: string, served: string | undefined): BktuiError {
  const [first = "", near] = error.message.replace(/^error: /, "").split("\n");
  const flag = /^unknown option '([^'=]+)/.exec(first)?.[1];
  if (flag !== undefined && REFUSED_BY_DOCKER.includes(flag))
    return usageError(`${flag}: docker's builds with BuildKit do not take this option`, "leave it out");
  const message =
    flag !== undefined
      ? `unknown option '${flag}'`
      : first.startsWith("too many arguments. ")
        ? MANY_PATHS
        : first;
  if (served !== undefined && message === MANY_PATHS) return usageError(message, serveHint(served));
  const command = flag === undefined ? nearCommand(operand) : undefined;
  if (command !== undefined) return usageError(message, `did you mean bktui ${command}?`);
  const suggestion = near === undefined ? undefined : /^\((.*)\)$/.exec(near)?.[1]?.replace(/^Did/, "did");
  return usageError(message, suggestion ?? "see bktui --help");
}
