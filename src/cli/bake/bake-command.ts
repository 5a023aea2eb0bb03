/** `bktui bake`: how it is spelled. What belongs to buildx's own bake is told from what belongs to the debugger. */
import { Command, Option } from "commander";
import { wordsGiven } from "../options/row-options.ts";

/** A line with `bake`. */
export interface BakeLine {
  /** `-f`, as typed; "-" = standard input. */
  readonly files: readonly string[];
  /** Options for `docker buildx bake --print`, `-f` among them. */
  readonly bakeWords: readonly string[];
  /** Options of the debugger and of the engine, for each build. */
  readonly buildWords: readonly string[];
  /** Entitlements that `--allow` names. */
  readonly allowed: readonly string[];
  /** Targets and groups; none = what bake takes then. */
  readonly targets: readonly string[];
  /** `--print` or `--list`: only that. */
  readonly only: "print" | "list" | undefined;
}

const OPTIONS: readonly (readonly [flags: string, help: string, repeated?: true])[] = [
  ["-f, --file <file>", "bake or compose file, - for standard input (default: as bake looks for them)", true],
  ["--set <target.key=value>", "override a value of targets, e.g. *.args.VERSION=2", true],
  ["--var <name=value>", "set a variable of the file", true],
  ["--allow <entitlement>", "allow what targets ask for: network.host, security.insecure", true],
  ["--no-cache", "run every step again"],
  ["--pull", "ask the registry for newer base images"],
  ["--load", "put the images into the dockerd's store at the end"],
  ["--push", "push the images at the end"],
  ["--provenance <attributes>", "attest how it was built: true, false or mode=max"],
  ["--sbom <attributes>", "attest what is in it: true, false or generator=IMAGE"],
  ["--call <method>", "build, check, outline or targets"],
  ["--check", "short for --call=check"],
  ["--policy <options>", "policy of docker buildx", true],
  ["--print", "print the targets as JSON, build nothing"],
  ["--list <type>", "list targets or variables, build nothing"],
];
/** They are bktui's, or for the builds themselves. */
const NOT_FOR_BAKE: readonly string[] = ["print", "list"];

/** @param debug options of the debugger and of the engine; new ones, as commander keeps values in them. */
export function bakeCommand(debug: readonly Option[], act: (line: BakeLine) => void): Command {
  const command = new Command("bake")
    .description("Debug a target of a bake or compose file, as docker buildx bake reads it")
    .usage("[OPTIONS] [URL] [TARGET...]")
    .argument(
      "[target...]",
      "targets or groups (default: default), behind the URL of a repository with the file",
    );
  for (const option of OPTIONS.map(optionOf))
    command.addOption(option.helpGroup("Options of docker buildx bake:"));
  for (const option of debug) command.addOption(option.helpGroup("Debugger and engine options:"));
  return command.action((targets: readonly string[]) => act(lineOf(command, targets)));
}

function optionOf([flags, help, repeated]: (typeof OPTIONS)[number]): Option {
  const option = new Option(flags, help);
  if (repeated !== true) return option;
  return option.argParser((value: string, before: readonly string[]) => [...before, value]).default([]);
}

function lineOf(command: Command, targets: readonly string[]): BakeLine {
  const isOfBake = ({ flags }: Option): boolean => OPTIONS.some(([known]) => known === flags);
  const values = (name: string): readonly string[] => [command.getOptionValue(name) ?? []].flat().map(String);
  return {
    files: values("file"),
    bakeWords: [
      ...wordsGiven(command, (option) => isOfBake(option) && !NOT_FOR_BAKE.includes(option.attributeName())),
      ...listWords(values("list")),
    ],
    buildWords: wordsGiven(command, (option) => !isOfBake(option)),
    allowed: values("allow"),
    targets,
    only: values("print").length > 0 ? "print" : values("list").length > 0 ? "list" : undefined,
  };
}

function listWords(types: readonly string[]): readonly string[] {
  return types.map((type) => `--list=${type}`);
}

/** docker's names of the command. */
const NAMES: readonly (readonly string[])[] = [
  ["bake"],
  ["buildx", "bake"],
  ["buildx", "f"],
  ["docker", "buildx", "bake"],
  ["docker", "buildx", "f"],
];

/**
 * The words behind `bake`, options in front of it included, when the line is one: `./bake` names a file of that name.
 * @param operands where the words stand that are neither options nor their values
 */
export function bakeWords(
  argv: readonly string[],
  operands: readonly number[],
): readonly string[] | undefined {
  const name = NAMES.find((words) => words.every((word, index) => argv[operands[index] ?? -1] === word));
  if (name === undefined) return undefined;
  const named = operands.slice(0, name.length);
  return argv.filter((_, index) => !named.includes(index));
}
