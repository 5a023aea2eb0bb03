/** The command tree with its help: what can be typed. What it means is in arguments.ts. */
import { Command, type Help, Option } from "commander";
import { BktuiError, unreachable } from "../base/errors.ts";
import type { EnginePolicy } from "../console/connect.ts";
import type { OnError, ThemeName } from "../console/settings.ts";

/** Options of the debugger exactly as commander collects them; texts are unchecked. */
export interface TypedOptions {
  readonly file?: string;
  readonly context?: string;
  readonly target?: string;
  readonly buildArg: readonly string[];
  readonly secret: readonly string[];
  readonly ssh: readonly string[];
  /** Commander's reading of `--no-cache`: true unless it was given. */
  readonly cache: boolean;
  readonly pull?: true;
  readonly platform: readonly string[];
  readonly network?: string;
  readonly addHost: readonly string[];
  readonly ulimit: readonly string[];
  readonly shmSize?: string;
  readonly allow: readonly string[];
  readonly label: readonly string[];
  readonly tag: readonly string[];
  readonly load?: true;
  readonly break: readonly string[];
  readonly run?: true;
  readonly color?: boolean;
  readonly ascii?: true;
  readonly ui?: UiChoice;
  readonly theme?: ThemeName;
  readonly onError?: OnError;
  readonly shell?: string;
  readonly debugImage?: string;
  readonly config?: string;
  /** Commander's reading of `--no-project-config`: true unless it was given. */
  readonly projectConfig: boolean;
  readonly addr?: string;
  readonly engine?: EnginePolicy;
  readonly debug?: true;
  readonly help?: true;
  readonly version?: true;
}

export type UiChoice = "auto" | "full" | "plain";

/** Options of `engine`; only `start` has `kind` and `suite`. */
export interface EngineStartOptions {
  readonly kind: "auto" | "dockerd" | "buildkitd";
  readonly suite?: "sid" | "trixie" | "bookworm";
}

export type EngineAction = "start" | "stop" | "status" | "purge";

/** What commander recognised; exactly one call per parse. */
export interface Recognised {
  debug(path: string | undefined, options: TypedOptions): void;
  engine(action: EngineAction, options: EngineStartOptions): void;
  doctor(options: { readonly addr?: string }): void;
  config(path: string | undefined): void;
}

/** What stands in the place of a path and is none. */
export const COMMANDS: readonly string[] = ["engine", "doctor", "config"];

/** Flags of the debugger that take no value; docker also accepts them as `--flag=true`. */
export const SWITCHES: readonly string[] = [
  "--no-cache",
  "--pull",
  "--load",
  "--run",
  "--ascii",
  "--no-project-config",
  "--debug",
  "--color",
  "--no-color",
];

/** Several may stand in one word, and before an option with a value: `-Df FILE`. */
const SHORT_SWITCHES = /^-[Dhv]*/;

/** True when the next word is the value of this option; also for options that are not known. */
export function takesNextWord(option: string): boolean {
  if (option.startsWith("--"))
    return !option.includes("=") && ![...SWITCHES, "--", "--help", "--version"].includes(option);
  return option.replace(SHORT_SWITCHES, "").length === 1;
}

/** Builds the tree anew for each parse, because commander keeps values in it. */
export function commandTree(recognised: Recognised): Command {
  const program = new Command("bktui");
  program
    .description("Steps through the real build of a Dockerfile, with a shell in every stopped or failed step")
    .usage("[OPTIONS] [PATH | DOCKERFILE]\n        bktui COMMAND")
    .argument("[path]", "directory with a Dockerfile (the build context), or a Dockerfile")
    .enablePositionalOptions()
    .helpOption(false)
    .helpCommand(false)
    .configureHelp(dockerStyle)
    .commandsGroup("Commands:");
  addOptions(program);
  program.action((path: string | undefined, options: TypedOptions) => recognised.debug(path, options));
  addEngineCommands(program, recognised);
  program
    .command("doctor")
    .description("Say which engines there are, what they can do, and why one cannot be used")
    .usage("[OPTIONS]")
    .addOption(new Option("--addr <address>", "look at this engine only"))
    .addOption(debugOption())
    .helpOption("-h, --help", "show this help")
    .configureHelp(dockerStyle)
    .action((options: { addr?: string }) => recognised.doctor(options));
  program
    .command("config")
    .description("Print the effective settings and where each came from")
    .usage("[OPTIONS] [PATH | DOCKERFILE]")
    .argument("[path]", "whose .bktui.json is read too")
    .addOption(debugOption())
    .helpOption("-h, --help", "show this help")
    .configureHelp(dockerStyle)
    .action((path: string | undefined) => recognised.config(path));
  for (const command of allCommands(program)) silence(command);
  return program;
}

function addOptions(program: Command): void {
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    ["Build options, as for docker build:", buildOptions()],
    ["Debugger options:", debuggerOptions()],
    ["Engine options:", engineOptions()],
    ["Other options:", otherOptions()],
  ];
  for (const [heading, options] of groups)
    for (const option of options) program.addOption(option.helpGroup(heading));
}

function buildOptions(): readonly Option[] {
  return [
    repeated("--add-host <host:ip>", "add a line to /etc/hosts of the steps"),
    repeated("--allow <entitlement>", "allow network.host, security.insecure or device"),
    repeated("--build-arg <name=value>", "set a build argument; NAME alone takes it from the environment"),
    new Option("--context <directory>", "build context, when it is not the Dockerfile's directory"),
    new Option("-f, --file <file>", "Dockerfile (default: PATH/Dockerfile)"),
    repeated("--label <name=value>", "set a label of the image"),
    new Option("--load", "put the image into the dockerd's store at the end"),
    new Option("--network <mode>", "network of RUN steps: default, none or host"),
    new Option("--no-cache", "run every step again"),
    repeated("--platform <os/arch>", "build for this platform (one)"),
    new Option("--pull", "ask the registry for newer base images"),
    repeated("--secret <id=...>", "secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=NAME"),
    new Option("--shm-size <bytes>", "size of /dev/shm in RUN steps, e.g. 64m"),
    repeated("--ssh <id>", "agent for RUN --mount=type=ssh: default or ID=SOCKET"),
    repeated("-t, --tag <name>", "name of the image, NAME[:TAG]; a dockerd puts it into its store"),
    new Option("--target <stage>", "build up to this stage (default: the last one)"),
    repeated("--ulimit <name=soft[:hard]>", "limit of RUN steps, e.g. nofile=1024:2048"),
  ];
}

function debuggerOptions(): readonly Option[] {
  return [
    repeated("-b, --break <place>", "LINE, STAGE:end, stage:STAGE, /PATTERN/, miss, first, none"),
    new Option("--run", "run at once; without a terminal print plain progress"),
    oneOf("--ui <mode>", "full screen, or lines for screen readers and scripts", ["auto", "full", "plain"]),
    oneOf("--theme <name>", "colours", ["terminal", "high-contrast", "mono"]),
    oneOf("--on-error <action>", "what to do at a failing step", ["pause", "shell", "exit"]),
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
    new Option("--addr <address>", "engine to use: unix://PATH or tcp://HOST:PORT, dockerd or buildkitd"),
    oneOf("--engine <policy>", "start a private engine when none is found", ["auto", "ask", "never"]),
  ];
}

function otherOptions(): readonly Option[] {
  return [
    new Option("--config <file>", "settings instead of $XDG_CONFIG_HOME/bktui/config.json"),
    new Option("--no-project-config", "do not read .bktui.json beside the Dockerfile"),
    debugOption(),
    new Option("-h, --help", "show this help"),
    new Option("-v, --version", "show the version"),
  ];
}

function debugOption(): Option {
  return new Option("-D, --debug", "show causes and stacks of errors");
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([]);
}

/** Commander's own `choices` words its refusal unlike every other message here. */
function oneOf(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, `${description} (${choices.join(", ")})`).argParser((value: string) => {
    if (choices.includes(value)) return value;
    throw new BktuiError("usage", `${flags.replace(/ .*/, "")} ${value}: not one of ${choices.join(", ")}`);
  });
}

function addEngineCommands(program: Command, recognised: Recognised): void {
  const engine = program
    .command("engine")
    .description("Start, stop and look at bktui's own private engine")
    .usage("COMMAND")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp(dockerStyle);
  for (const action of ["start", "stop", "status", "purge"] as const) {
    const command = engine
      .command(action)
      .description(describe(action))
      .usage("[OPTIONS]")
      .addOption(debugOption())
      .helpOption("-h, --help", "show this help")
      .configureHelp(dockerStyle)
      .action((options: EngineStartOptions) => recognised.engine(action, options));
    if (action === "start")
      command
        .addOption(oneOf("--kind <kind>", "what to start", ["auto", "dockerd", "buildkitd"]).default("auto"))
        .addOption(
          oneOf("--suite <suite>", "Debian suite to take packages from", ["sid", "trixie", "bookworm"]),
        );
  }
}

function describe(action: EngineAction): string {
  switch (action) {
    case "start":
      return "Start it, or say where it runs";
    case "stop":
      return "Stop it; its build cache stays";
    case "status":
      return "Say whether it runs, where and which version";
    case "purge":
      return "Stop it and delete its build cache; downloaded packages stay";
    default:
      return unreachable(action);
  }
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
