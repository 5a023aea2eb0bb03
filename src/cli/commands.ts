/** The command tree with its help: what can be typed. What it means is in arguments.ts. */
import { Command, type Help, Option } from "commander";
import type { TypedBundleOptions } from "../console/bundles/read-bundle.ts";
import type { EnginePolicy } from "../console/connect.ts";
import type { TypedFailureExport } from "../console/exports/failure-export.ts";
import { SHELL_SIDES, type ShellSide } from "../console/serving.ts";
import type { ThemeName } from "../console/settings.ts";
import { ON_ERROR_OPTION_WORDS, type OnErrorChoice, parseOnErrorOption } from "../console/values/on-error.ts";
import { type BakeLine, bakeCommand } from "./bake/bake-command.ts";
import { dapCommand, listenOption } from "./dap/dap-command.ts";
import type { UiChoice } from "./debug-options.ts";
import { type EngineAction, type EngineStartOptions, engineCommands } from "./engine-command.ts";
import { exportOptions } from "./export-options.ts";
import { type DumpLine, llbCommand } from "./llb/llb-command.ts";
import { type McpLine, mcpCommand } from "./mcp/mcp-command.ts";
import { historyCommand, lastCommand, type OpenLine, openCommand } from "./open/open-command.ts";
import { BUILD_ROWS } from "./options/build-rows.ts";
import { debugOption } from "./options/debug-option.ts";
import { DEFINITION_ROWS } from "./options/definition-rows.ts";
import { FRONTEND_ROWS } from "./options/frontend-rows.ts";
import { oneOf } from "./options/one-of.ts";
import { collecting, optionOf } from "./options/row-options.ts";
import { type PluginAction, type PluginOptions, pluginCommands } from "./plugin/plugin-command.ts";
import { type TypedTls, tlsOptions } from "./tls-options.ts";

/** The debugger's own options exactly as commander collects them; texts are unchecked. Those of docker are in options/. */
export interface TypedOptions extends TypedTls, TypedFailureExport, TypedBundleOptions {
  readonly target?: string;
  readonly platform: readonly string[];
  readonly break: readonly string[];
  readonly run?: true;
  readonly color?: boolean;
  readonly ascii?: true;
  readonly ui?: UiChoice;
  readonly theme?: ThemeName;
  readonly onError?: OnErrorChoice;
  readonly keepGoing?: true;
  readonly json?: true;
  readonly script?: string;
  readonly scriptTimeout?: string;
  readonly shell?: string;
  /** `--serve[=NAME]`, "" without a name. */
  readonly serve?: string;
  /** `--dap[=PLACE]`, "" without a place. */
  readonly dap?: string;
  readonly debugImage?: string;
  readonly config?: string;
  /** Commander's reading of `--no-project-config`: true unless it was given. */
  readonly projectConfig: boolean;
  readonly addr?: string;
  readonly engine?: EnginePolicy;
  readonly enginePatience?: string;
  readonly debug?: true;
  readonly help?: true;
  readonly version?: true;
}

/** What commander recognised; exactly one call per parse. */
export interface Recognised {
  debug(path: string | undefined, options: TypedOptions): void;
  bake(line: BakeLine): void;
  attach(name: string | undefined, options: AttachOptions): void;
  engine(action: EngineAction, options: EngineStartOptions): void;
  doctor(options: DoctorOptions): void;
  config(path: string | undefined, options: ConfigOptions): void;
  open(line: OpenLine): void;
  mcp(line: McpLine): void;
  plugin(action: PluginAction, options: PluginOptions): void;
  history(options: HistoryOptions): void;
  dump(line: DumpLine): void;
}

/** Options of `attach`. */
export interface AttachOptions {
  readonly list?: true;
  readonly readOnly?: true;
  readonly shell?: true;
  readonly side?: ShellSide;
}

/** Which engine `doctor` is to look at; undefined = all. */
export interface DoctorOptions extends TypedTls {
  readonly addr?: string;
  readonly builder?: string;
}

/** Whose records `history` is to list, and how. */
export interface HistoryOptions extends DoctorOptions {
  readonly json?: true;
}

/** What `config` is to take into account. */
export interface ConfigOptions extends DoctorOptions {
  readonly config?: string;
}

/** What stands in the place of a path and is none. */
export const COMMANDS: readonly string[] = [
  "bake",
  "open",
  "last",
  "history",
  "attach",
  "mcp",
  "dap",
  "plugin",
  "engine",
  "doctor",
  "config",
  "llb",
];

/** What options a command has; they are hundreds, and only the command that is named is asked for its own. */
type OptionsOf = (command: string, make: () => readonly Option[]) => readonly Option[];

/**
 * Builds the tree anew for each parse, because commander keeps values in it.
 * @param words of the line that is parsed; commands that are not among them have no options. Undefined = all have theirs.
 */
export function commandTree(recognised: Recognised, words?: readonly string[]): Command {
  const optionsOf: OptionsOf = (command, make) =>
    words === undefined || words.includes(command) ? make() : [];
  const program = new Command("bktui");
  program
    .description("Steps through the real build of a Dockerfile, with a shell in every stopped or failed step")
    .usage("[OPTIONS] [PATH | DOCKERFILE | URL | -]\n        bktui COMMAND")
    .argument(
      "[path]",
      "directory with a Dockerfile (the build context), Dockerfile, git or http URL; - = Dockerfile or tar on standard input",
    )
    .enablePositionalOptions()
    .helpOption(false)
    .helpCommand(false)
    .configureHelp(dockerStyle)
    .commandsGroup("Commands:");
  addOptions(program);
  program.action((path: string | undefined, options: TypedOptions) => recognised.debug(path, options));
  // Named in several ways, e.g. "compose build".
  addBake(program, recognised);
  addRecords(program, recognised, optionsOf);
  program.addCommand(
    llbCommand(
      optionsOf("llb", dumpOptions),
      (line) => recognised.dump(line),
      (command) => command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle),
    ),
  );
  addAttach(program, recognised);
  addMcp(program, recognised, optionsOf);
  addDap(program, optionsOf);
  program.addCommand(
    pluginCommands(
      (action, options) => recognised.plugin(action, options),
      (command) => command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle),
    ),
  );
  program.addCommand(
    engineCommands(
      (action, options) => recognised.engine(action, options),
      (command) => command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle),
    ),
  );
  addDoctor(program, recognised);
  addConfig(program, recognised);
  for (const command of allCommands(program)) silence(command);
  return program;
}

function addDoctor(program: Command, recognised: Recognised): void {
  const doctor = program
    .command("doctor")
    .description("Say which engines there are, what they can do, and why one cannot be used")
    .usage("[OPTIONS]")
    .addOption(new Option("--addr <address>", "look at this engine only"))
    .addOption(new Option("--builder <name>", "look at this builder of buildx only"))
    .addOption(debugOption())
    .helpOption("-h, --help", "show this help")
    .configureHelp(dockerStyle)
    .action((options: DoctorOptions) => recognised.doctor(options));
  for (const option of tlsOptions()) doctor.addOption(option);
}

function addConfig(program: Command, recognised: Recognised): void {
  const config = program
    .command("config")
    .description("Print the effective settings and where each came from")
    .usage("[OPTIONS] [PATH | DOCKERFILE]")
    .argument("[path]", "whose .bktui.json is read too")
    .addOption(new Option("--addr <address>", "as for a build"))
    .addOption(new Option("--builder <name>", "as for a build"))
    .addOption(new Option("--config <file>", "as for a build"))
    .addOption(debugOption())
    .helpOption("-h, --help", "show this help")
    .configureHelp(dockerStyle)
    .action((path: string | undefined, options: ConfigOptions) => recognised.config(path, options));
  for (const option of tlsOptions()) config.addOption(option);
}

/** What it takes besides bake's own options are those that are no single target's. */
function addBake(program: Command, recognised: Recognised): void {
  const rows = BUILD_ROWS.filter(({ flags }) => /^--(builder|metadata-file|progress) /.test(flags)).map(
    optionOf,
  );
  const others = otherOptions().filter(({ long }) => long !== "--help" && long !== "--version");
  const debug = [...debuggerOptions(), ...engineOptions(), ...rows, ...others];
  const command = bakeCommand(debug, (line) => recognised.bake(line));
  program.addCommand(command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle));
}

/** They take a build's own options: what a record does not hold, and what is to be other than it says. */
function addRecords(program: Command, recognised: Recognised, optionsOf: OptionsOf): void {
  const others = (): readonly Option[] =>
    otherOptions().filter(({ long }) => long !== "--help" && long !== "--version");
  const all = (): readonly Option[] => [
    ...BUILD_ROWS.map(optionOf),
    ...debuggerOptions(),
    ...engineOptions(),
    ...others(),
  ];
  const engine = [...namedEngineOptions("as for a build"), ...tlsOptions(), debugOption()];
  const act = (line: OpenLine): void => recognised.open(line);
  const commands = [
    openCommand(optionsOf("open", all), act),
    lastCommand(optionsOf("last", all), act),
    historyCommand<HistoryOptions>(engine, (options) => recognised.history(options)),
  ];
  for (const command of commands)
    program.addCommand(command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle));
}

/** Those that a frontend is asked with; nothing is made, so where to is not among them. */
function dumpOptions(): readonly Option[] {
  const made = /^(-o|-t|-q|--load|--push|--call|--check|--iidfile|--metadata-file|--annotation|--attest)\b/;
  const rows = [...BUILD_ROWS.filter(({ flags }) => !made.test(flags)), ...FRONTEND_ROWS, ...DEFINITION_ROWS];
  const others = otherOptions().filter(({ long }) => long !== "--help" && long !== "--version");
  return [...rows.map(optionOf), ...engineOptions(), ...others];
}

/** It takes a build's own options: they hold for what its clients launch. */
function addMcp(program: Command, recognised: Recognised, optionsOf: OptionsOf): void {
  const command = mcpCommand(optionsOf("mcp", buildOptions), (line) => recognised.mcp(line));
  program.addCommand(command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle));
}

/** For its help; its lines are told from others before they are parsed. */
function addDap(program: Command, optionsOf: OptionsOf): void {
  const command = dapCommand(optionsOf("dap", () => [listenOption(), ...buildOptions()]));
  program.addCommand(command.helpOption("-h, --help", "show this help").configureHelp(dockerStyle));
}

/** All of a build that is debugged: new ones, as commander keeps values in them. */
export function buildOptions(): readonly Option[] {
  const others = otherOptions().filter(({ long }) => long !== "--help" && long !== "--version");
  const rows = [...BUILD_ROWS, ...FRONTEND_ROWS, ...DEFINITION_ROWS].map(optionOf);
  return [...rows, ...debuggerOptions(), ...engineOptions(), ...others];
}

function namedEngineOptions(help: string): readonly Option[] {
  return [new Option("--addr <address>", help), new Option("--builder <name>", help)];
}

function addAttach(program: Command, recognised: Recognised): void {
  program
    .command("attach")
    .description("A screen of a build that runs elsewhere with --serve, or waits after --on-error=wait")
    .usage("[OPTIONS] [NAME]")
    .argument("[name]", "as the build said it, or the path of its socket; default: the only one, else a menu")
    .addOption(new Option("--list", "list what can be attached to"))
    .addOption(new Option("--read-only", "look around without changing anything"))
    .addOption(new Option("--shell", "the shell of the step that the build stands at, and nothing around it"))
    .addOption(
      oneOf("--side <state>", "which state --shell is in; shown: what is worth most", [...SHELL_SIDES]),
    )
    .addOption(debugOption())
    .helpOption("-h, --help", "show this help")
    .configureHelp(dockerStyle)
    .action((name: string | undefined, options: AttachOptions) => recognised.attach(name, options));
}

function addOptions(program: Command): void {
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    ["Build options, as for docker build:", BUILD_ROWS.map(optionOf)],
    ["Builds of any frontend, as for buildctl build:", FRONTEND_ROWS.map(optionOf)],
    ["Other sources:", DEFINITION_ROWS.map(optionOf)],
    ["Debugger options:", debuggerOptions()],
    ["Engine options:", engineOptions()],
    ["Other options:", otherOptions()],
  ];
  for (const [heading, options] of groups)
    for (const option of options) program.addOption(option.helpGroup(heading));
}

function debuggerOptions(): readonly Option[] {
  return [
    collecting(
      new Option(
        "-b, --break <place>",
        "LINE, STAGE:end, stage:STAGE, /PATTERN/, RUN, data:/PATH, miss, first-miss, first, none; behind it: if CONDITION, hits COUNT, text TEXT",
      ),
    ),
    new Option("--run", "run at once; without a terminal print plain progress"),
    oneOf("--ui <mode>", "full screen, or lines for screen readers and scripts", ["auto", "full", "plain"]),
    new Option("--json", "for programs: takes commands by lines, prints answers and events as lines of JSON"),
    oneOf("--theme <name>", "colours", ["terminal", "high-contrast", "mono"]),
    new Option("--on-error <action>", `what to do at a failing step (${ON_ERROR_OPTION_WORDS})`).argParser(
      parseOnErrorOption,
    ),
    new Option("--serve [name]", "--serve=NAME: terminals of the same user may attach, by bktui attach NAME"),
    new Option(
      "--dap [place]",
      "--dap=PLACE: editors may attach, by bktui dap attach; unix:NAME, tcp:127.0.0.1:0",
    ),
    ...exportOptions(),
    new Option(
      "--keep-going",
      "without a terminal: run what needs no failed step, then list every failure; with --script: go on after its errors",
    ),
    new Option(
      "--script <file>",
      "run the console's commands in a file, - = standard input; exit code 0 = all held",
    ),
    new Option("--script-timeout <time>", "how long a script may take, e.g. 10m (default: no limit)"),
    new Option("--shell <command>", "shell to try before the image's own"),
    new Option(
      "--debug-image <image>",
      "programs for looking into images without a shell (default: busybox)",
    ),
    new Option("--ascii", "draw with ASCII characters only"),
    new Option("--color", "use colours even when NO_COLOR is set"),
    new Option("--no-color", "use no colours"),
  ];
}

function engineOptions(): readonly Option[] {
  return [
    new Option("--addr <address>", "engine to use: unix://, tcp://, ssh://, docker-container:// …"),
    ...tlsOptions(),
    oneOf("--engine <policy>", "start a private engine when none is found", ["auto", "ask", "never"]),
    new Option(
      "--engine-patience <time>",
      "give a silent engine up after it where nobody attends (default: 5m; 0 = never)",
    ),
  ];
}

function otherOptions(): readonly Option[] {
  return [
    new Option(
      "--config <file>",
      "settings instead of $XDG_CONFIG_HOME/bktui/config.json; a directory: docker's own",
    ),
    new Option("--no-project-config", "do not read .bktui.json beside the Dockerfile"),
    debugOption(),
    new Option("-h, --help", "show this help"),
    new Option("-v, --version", "show the version"),
  ];
}

/** Usage as docker prints it; defaults of repeated options (an empty list) are left out. */
const dockerStyle: Partial<Help> = {
  subcommandTerm: (command) => command.name(),
  optionDescription: ({ description, defaultValue }) =>
    typeof defaultValue === "string" ? `${description} (default: ${defaultValue})` : description,
  optionTerm: (option) => (option.short === undefined ? `    ${option.flags}` : option.flags),
};

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** Commander must neither print nor exit: both are decided by the caller. */
function silence(command: Command): void {
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}
