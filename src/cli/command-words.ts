/** The words in front of docker's options, so that a command line for docker can be typed behind `bktui`. */
import { usageError } from "../debugger/build-options.ts";
import { COMMANDS, SWITCHES } from "./commands.ts";

/** docker's names of the command that builds. */
const BUILD: readonly (readonly string[])[] = [
  ["build"],
  ["buildx", "build"],
  ["buildx", "b"],
  ["builder", "build"],
  ["image", "build"],
  ["docker", "build"],
  ["docker", "buildx", "build"],
  ["docker", "buildx", "b"],
];
const OTHERS: readonly (readonly string[])[] = [
  ["bake"],
  ["buildx", "bake"],
  ["compose"],
  ["docker", "compose"],
];

/**
 * The first words when they mean "build" are left out: `bktui build .` is `bktui .`, as it is for docker also where a
 * directory or file has that name; `./build` names it.
 * @throws {BktuiError} "usage" for commands that build several images.
 */
export function withoutBuildWord(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => !SWITCHES.includes(word) && !/^--[^=]+=/.test(word));
  const words = argv.slice(Math.max(0, at));
  const starts = (command: readonly string[]): boolean =>
    command.every((word, index) => words[index] === word);
  const other = OTHERS.find((command) => starts(command) && words.length > command.length);
  if (other !== undefined)
    throw usageError(
      `${other.join(" ")}: bktui debugs one Dockerfile at a time`,
      "given a Compose or Bake file, it says what to type for each image",
    );
  const build = BUILD.find(starts);
  if (at < 0 || build === undefined) return argv;
  return [...argv.slice(0, at), ...asPaths(words.slice(build.length))];
}

/** Behind the command a directory may have the name of one of ours. */
function asPaths(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const before = words[index - 1];
    const isOperand = index === 0 || (index === words.length - 1 && before?.startsWith("-") !== true);
    return isOperand && COMMANDS.includes(word) ? `./${word}` : word;
  });
}
