/** The words in front of docker's options, so that a command line for docker can be typed behind `bktui`. */
import { usageError } from "../console/bad-values.ts";
import { COMMANDS } from "./commands.ts";
import { operandsOf, type Spelled } from "./spellings.ts";

/** docker's and buildctl's names of the command that builds. */
const BUILD: readonly (readonly string[])[] = [
  ["build"],
  ["buildx", "build"],
  ["buildx", "b"],
  ["builder", "build"],
  ["image", "build"],
  ["docker", "build"],
  ["docker", "buildx", "build"],
  ["docker", "buildx", "b"],
  ["buildctl", "build"],
  ["buildctl", "b"],
];
/** It is given to a debugger that is there, not to a shell. */
const BUNDLE = "bundle";
const OTHERS: readonly (readonly string[])[] = [["compose"], ["docker", "compose"]];

/**
 * The first words when they mean "build" are left out: `bktui build .` is `bktui .`, as it is for docker also where a
 * directory or file has that name; `./build` names it.
 * @param argv in canonical spelling
 * @throws {BktuiError} "usage" for commands that build more than images, and for what is no command of the command line.
 */
export function withoutBuildWord(argv: readonly string[], options: readonly Spelled[]): readonly string[] {
  const places = operandsOf(argv, options);
  // Options may stand between the words: `docker --config DIR buildx --builder NAME build`.
  const starts = (command: readonly string[]): boolean =>
    command.every((word, index) => argv[places[index] ?? -1] === word);
  const endOf = (command: readonly string[]): number => (places[command.length - 1] ?? -1) + 1;
  const other = OTHERS.find((command) => starts(command) && argv.length > endOf(command));
  if (other !== undefined)
    throw usageError(
      `${other.join(" ")}: bktui builds images, it runs no services`,
      `debug the build of a service: bktui bake -f compose.yaml SERVICE${other.length === 1 ? `; for a directory of that name write ./${other[0]}` : ""}`,
    );
  if (starts([BUNDLE]) && argv.length > endOf([BUNDLE]))
    throw usageError(
      "bundle is given to a debugger: on the screen :bundle FILE, by lines and in scripts bundle FILE",
      "without a terminal: bktui --run --bundle FILE [PATH] writes it when the build fails; for a directory of that name write ./bundle",
    );
  const build = BUILD.find(starts);
  if (build === undefined) return argv;
  const words = places.slice(0, build.length);
  const before = argv.slice(0, endOf(build)).filter((_, index) => !words.includes(index));
  return [...before, ...asPaths(argv.slice(endOf(build)), options)];
}

/** Behind the command a directory may have the name of one of ours. */
function asPaths(words: readonly string[], options: readonly Spelled[]): readonly string[] {
  const operands = operandsOf(words, options);
  return words.map((word, index) =>
    operands.includes(index) && COMMANDS.includes(word) ? `./${word}` : word,
  );
}
