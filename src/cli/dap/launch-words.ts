/** A command line and a launch body as one command line: the body goes before the line. Pure. */
import { canonical, operandsOf, type Spelled } from "../spellings.ts";
import type { DapLine } from "./dap-command.ts";
import type { LaunchBody } from "./launch-body.ts";

/**
 * Words of `bktui build …` that say what both say.
 * @param options those of a build
 */
export function launchWords(
  { words }: Pick<DapLine, "words">,
  body: Pick<LaunchBody, "args" | "breakpoints" | "contextPath" | "dockerfile" | "optionWords">,
  options: readonly Spelled[],
): readonly string[] {
  const { contextPath, dockerfile } = body;
  const line = splitWords(words, options);
  // Editors that start `docker buildx dap build ARGS` send them in the body once more.
  const args = endsWith(words, body.args) ? { options: [], paths: [] } : splitWords(body.args, options);
  const own = args.paths.length > 0 ? args.paths : line.paths;
  const paths = contextPath === undefined ? own : [contextPath];
  const typed = [...line.options, ...args.options];
  return [
    "build",
    ...(contextPath === undefined ? typed : without("--context", typed)),
    ...body.optionWords,
    ...(dockerfile === undefined ? [] : [`--file=${dockerfile}`]),
    ...body.breakpoints.map((place) => `--break=${place}`),
    ...paths.map((path) => (path.startsWith("-") && path !== "-" ? `./${path}` : path)),
  ];
}

/** The paths of a line, which stand before or behind its options. */
function splitWords(
  words: readonly string[],
  options: readonly Spelled[],
): { readonly options: readonly string[]; readonly paths: readonly string[] } {
  const spelled = canonical(words, options);
  const operands = operandsOf(spelled, options);
  return {
    options: spelled.filter((_, at) => !operands.includes(at)),
    paths: operands.map((at) => spelled[at] ?? "").filter((path) => path !== ""),
  };
}

/** Of words in one spelling. */
function without(flag: string, words: readonly string[]): readonly string[] {
  return words.filter((word, at) => word !== flag && words[at - 1] !== flag);
}

function endsWith(words: readonly string[], args: readonly string[]): boolean {
  const given = args.filter((word) => word !== "");
  const line = words.filter((word) => word !== "");
  const end = line.slice(line.length - given.length);
  return given.length <= line.length && given.every((word, index) => end[index] === word);
}
