/** argv -> what is wanted, as typed data. Pure: looks at nothing but its parameters. */
import { resolve } from "node:path";
import { type Command, CommanderError } from "commander";
import type { BktuiError } from "../base/errors.ts";
import { nearest } from "../base/near.ts";
import {
  parseAllow,
  parseSecret,
  parseSsh,
  type Surroundings,
  usageError,
} from "../console/build-options.ts";
import type { EnginePolicy } from "../console/connect.ts";
import {
  parseAddHost,
  parseBreakpoints,
  parseBuildArgs,
  parseImage,
  parseLabels,
  parseNetwork,
  parsePlatform,
  parseShmSize,
  parseTag,
  parseUlimit,
} from "../console/option-values.ts";
import type { BuildRequest } from "../engine/engine.ts";
import { withoutBuildWord } from "./command-words.ts";
import {
  COMMANDS,
  commandTree,
  type EngineAction,
  type EngineStartOptions,
  SWITCHES,
  type TypedOptions,
  type UiChoice,
} from "./commands.ts";
import type { ConfigLayer } from "./config/read-config.ts";
import type { Config } from "./config/schema.ts";
import { insteadOfDockerOption } from "./docker-options.ts";
import { applyEnvironment, setterOf } from "./environment-options.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "debug"; readonly options: DebugOptions }
  | { readonly kind: "engine"; readonly action: EngineAction; readonly options: EngineStartOptions }
  | { readonly kind: "doctor"; readonly addr: string | undefined }
  /** `options` as for a run on `path`. */
  | { readonly kind: "config"; readonly options: DebugOptions };

/** A debugger run. Paths are absolute and unchecked: whether they exist is for inputs.ts to see. */
export interface DebugOptions {
  /** A directory (the context) or a Dockerfile. */
  readonly path: string;
  /** `-f`. */
  readonly file: string | undefined;
  /** `--context`. */
  readonly context: string | undefined;
  readonly build: Omit<BuildRequest, "context" | "dockerfile">;
  /** undefined = none is asked for, nor taken back. */
  readonly breakpoints: ReturnType<typeof parseBreakpoints> | undefined;
  /** Do not stop on entry. */
  readonly run: boolean;
  /** `--color` or `--no-color`; undefined = as NO_COLOR and the terminal say. */
  readonly color: boolean | undefined;
  readonly ascii: boolean;
  /** "auto" = the full screen where there can be one, else the line mode. */
  readonly ui: UiChoice;
  /** `--config`, absolute. */
  readonly configFile: string | undefined;
  /** Whether the file beside the Dockerfile is read. */
  readonly projectConfig: boolean;
  /** What options and environment say about settings: the strongest layer. */
  readonly given: ConfigLayer;
  readonly addr: string | undefined;
  /** Undefined = ask when there is somebody to ask, else auto. */
  readonly enginePolicy: EnginePolicy | undefined;
  /** Show causes and stacks of errors. */
  readonly debug: boolean;
  /** Things to say before the build, one line each. */
  readonly notes: readonly string[];
}

/**
 * @param argv without the program's name.
 * @throws {BktuiError} "usage" naming what is wrong and what is near.
 */
export function parseArguments(argv: readonly string[], surroundings: Surroundings): Invocation {
  let invocation: Invocation | undefined;
  const tree = commandTree({
    debug: (path, options) => {
      if (options.help === true) invocation = { kind: "help", text: tree.helpInformation() };
      else if (options.version === true) invocation = { kind: "version" };
      else invocation = { kind: "debug", options: read(path, options) };
    },
    engine: (action, options) => {
      invocation = { kind: "engine", action, options };
    },
    doctor: ({ addr }) => {
      invocation = { kind: "doctor", addr };
    },
    config: (path) => {
      invocation = { kind: "config", options: read(path, tree.opts<TypedOptions>()) };
    },
  });
  const read = (path: string | undefined, typed: TypedOptions): DebugOptions =>
    debugOptions(path, { ...typed, given: givenLayer(tree, typed) }, surroundings);
  // A subcommand has options of its own; those of the debugger hold for `config` too.
  tree.hook("preAction", () => applyEnvironment(tree, surroundings.env));
  try {
    tree.parse(normalise(withoutBuildWord(argv)), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed" || error.code === "commander.help")
      return helpOf(tree, argv);
    throw inOurWords(error, tree.args[0] ?? "");
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

/** What typed options and the environment set among the settings. */
function givenLayer(tree: Command, typed: TypedOptions): ConfigLayer {
  const setters: Readonly<Record<string, string>> = {
    "ui.theme": "theme",
    "ui.ascii": "ascii",
    "ui.start": "run",
    "build.on_error": "onError",
    "shell.command": "shell",
    "shell.debug_image": "debugImage",
    target: "target",
    break: "break",
    platform: "platform",
  };
  const [platform] = typed.platform;
  const config: Config = {
    ui: {
      theme: typed.theme,
      ascii: typed.ascii === true ? true : undefined,
      start: typed.run === true ? "run" : undefined,
    },
    build: { on_error: typed.onError },
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
  surroundings: Surroundings,
): DebugOptions {
  const { cwd } = surroundings;
  refuseRemote(path, typed);
  const { args, notes } = parseBuildArgs(typed.buildArg, surroundings);
  return {
    path: resolve(cwd, path ?? "."),
    file: typed.file === undefined ? undefined : resolve(cwd, typed.file),
    context: typed.context === undefined ? undefined : resolve(cwd, typed.context),
    build: {
      target: typed.target === "" ? undefined : typed.target,
      buildArgs: args,
      labels: parseLabels(typed.label),
      secrets: typed.secret.map((text) => parseSecret(text, surroundings)),
      ssh: typed.ssh.map((text) => parseSsh(text, surroundings)),
      noCache: !typed.cache,
      pull: typed.pull === true,
      platform: parsePlatform(typed.platform),
      network: parseNetwork(typed.network),
      addHosts: typed.addHost.flatMap(parseAddHost),
      ulimits: typed.ulimit.map(parseUlimit),
      shmSize: parseShmSize(typed.shmSize),
      allow: typed.allow.map(parseAllow),
      tags: typed.tag.map(parseTag),
      load: typed.load === true,
      debugImage: undefined,
    },
    breakpoints: typed.break.length === 0 ? undefined : parseBreakpoints(typed.break),
    run: typed.run === true,
    color: typed.color,
    ascii: typed.ascii === true,
    ui: typed.ui ?? "auto",
    configFile: typed.config === undefined ? undefined : resolve(cwd, typed.config),
    projectConfig: typed.projectConfig,
    given: typed.given,
    addr: typed.addr,
    enginePolicy: typed.engine,
    debug: typed.debug === true,
    notes,
  };
}

function refuseRemote(path: string | undefined, typed: TypedOptions): void {
  if (path === "-" || typed.file === "-")
    throw usageError(
      "a Dockerfile on standard input is not supported: it could not be edited and rerun",
      "save it to a file and give its path",
    );
  for (const text of [path, typed.context]) {
    if (text === undefined || !/^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(text)) continue;
    throw usageError(
      `${text}: remote build contexts are not supported`,
      "clone or download it and give the directory",
    );
  }
}

/** A path after `--` cannot be taken for a command or an option. @throws {BktuiError} "usage". */
function normalise(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  const before = end < 0 ? argv : argv.slice(0, end);
  const after = end < 0 ? [] : argv.slice(end + 1);
  return [...before.flatMap(splitFlag), ...after.map((path) => (path.startsWith("/") ? path : `./${path}`))];
}

/**
 * `--target=x` becomes two words, so that a mistyped flag is compared and shown without its value, which may be
 * a secret. `--pull=true` becomes `--pull` and `--pull=false` nothing, as docker has it.
 */
function splitFlag(word: string): readonly string[] {
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  if (flag === undefined || value === undefined) return [word];
  if (!SWITCHES.includes(flag)) return [flag, value];
  if (/^(true|t|1)$/i.test(value)) return [flag];
  if (/^(false|f|0)$/i.test(value)) return [];
  throw usageError(`${flag}=${value}: a switch is true or false`);
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

/** `operand`: the first word that is no option. */
function inOurWords(error: CommanderError, operand: string): BktuiError {
  const [first = "", near] = error.message.replace(/^error: /, "").split("\n");
  const flag = /^unknown option '([^'=]+)/.exec(first)?.[1];
  const instead = flag === undefined ? undefined : insteadOfDockerOption(flag);
  if (flag !== undefined && instead !== undefined)
    return usageError(`${flag}: docker has this option, bktui has not`, instead);
  const message =
    flag !== undefined
      ? `unknown option '${flag}'`
      : first.startsWith("too many arguments. ")
        ? "more than one path was given"
        : first;
  const command = flag === undefined ? nearCommand(operand) : undefined;
  if (command !== undefined) return usageError(message, `did you mean bktui ${command}?`);
  const suggestion = near === undefined ? undefined : /^\((.*)\)$/.exec(near)?.[1]?.replace(/^Did/, "did");
  return usageError(message, suggestion ?? "see bktui --help");
}
