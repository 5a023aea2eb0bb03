/** `bktui dap`: how it is spelled, which is also how docker's editors spell `docker buildx dap build`. Pure. */
import { Command, Option } from "commander";
import { usageError } from "../../console/bad-values.ts";
import { operandsOf, type Spelled, takesNextWord } from "../spellings.ts";

/** A line with `dap`. */
export interface DapLine {
  /**
   * Options and path of a build as they were typed. Unread: an editor is told what is wrong with them when it launches, and
   * may say something else then.
   */
  readonly words: readonly string[];
  /** Where clients are waited for; undefined = the client is on standard input and output. */
  readonly listen?: string;
  /** A server that is there already, by its place or name; undefined in it = the only one. */
  readonly attach?: { readonly where: string | undefined };
}

const DAP = "dap";
const LISTEN = "--listen";
/** A directory of that name is `./attach`. */
const ATTACH = "attach";
/** What may stand in front of it: buildx is docker's plugin, and a program of its own. */
const FRONTS: readonly (readonly string[])[] = [[], ["buildx"], ["docker", "buildx"]];
const HELP: readonly string[] = ["-h", "--help"];

/** The command for the help; its lines are read by `dapLineOf`. */
export function dapCommand(options: readonly Option[]): Command {
  const command = new Command(DAP)
    .description(
      "Serve the debugger to an editor, over the Debug Adapter Protocol on standard input and output",
    )
    .usage(
      "[build] [OPTIONS] [PATH | DOCKERFILE]\n        bktui dap attach [NAME | /PATH | tcp:127.0.0.1:PORT]",
    )
    .argument("[path]", "what is built, unless the editor's launch configuration says it");
  for (const option of options) command.addOption(option.helpGroup("Options, as for a build:"));
  return command;
}

/**
 * `[[docker] buildx] [OPTIONS] dap [build] [OPTIONS] [PATH]`, as buildx has it; undefined for any other line, and for one that
 * asks for help.
 * @param options those of a build
 */
export function dapLineOf(argv: readonly string[], options: readonly Spelled[]): DapLine | undefined {
  const front = frontOf(argv, options);
  if (front === undefined || asksForHelp(argv, options)) return undefined;
  const words = withoutCommand(argv, options, front);
  return attachOf(words, options) ?? withoutListen(words, options);
}

/** Whether a line is one of `dap` that asks for help. */
export function isDapHelp(argv: readonly string[], options: readonly Spelled[]): boolean {
  return frontOf(argv, options) !== undefined && asksForHelp(argv, options);
}

/** How many of the operands are the command. */
function frontOf(argv: readonly string[], options: readonly Spelled[]): number | undefined {
  const end = argv.indexOf("--");
  const before = end < 0 ? argv : argv.slice(0, end);
  const words = operandsOf(before, options).map((at) => before[at]);
  const front = FRONTS.find((each) => [...each, DAP].every((word, index) => words[index] === word));
  if (front === undefined) return undefined;
  const next = words[front.length + 1];
  const isBuild = next === "build" || (next === "b" && front.length > 0);
  return front.length + (isBuild ? 2 : 1);
}

/** Without the words of the command, and without empty paths, which some editors send for "none". */
function withoutCommand(
  argv: readonly string[],
  options: readonly Spelled[],
  front: number,
): readonly string[] {
  const operands = operandsOf(argv, options);
  const left = new Set(operands.filter((at, index) => index < front || argv[at] === ""));
  return argv.filter((_, at) => !left.has(at));
}

/** `dap attach [PLACE]`. @throws {BktuiError} "usage" for what else stands there. */
function attachOf(words: readonly string[], options: readonly Spelled[]): DapLine | undefined {
  const [first, second] = operandsOf(words, options);
  if (first !== 0 || words[0] !== ATTACH) return undefined;
  const others = words.filter(
    (word, at) => at !== first && at !== second && word !== "-D" && word !== "--debug",
  );
  if (others.length > 0)
    throw usageError(
      `dap attach takes one place, and no ${others[0]}`,
      "bktui dap attach [NAME | /PATH | tcp:127.0.0.1:PORT]",
    );
  return { words: [], attach: { where: second === undefined ? undefined : words[second] } };
}

function asksForHelp(argv: readonly string[], options: readonly Spelled[]): boolean {
  return optionsAt(argv, options).some((at) => HELP.includes(argv[at] ?? ""));
}

/** Where options stand, up to `--`. */
function optionsAt(words: readonly string[], options: readonly Spelled[]): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < words.length && words[at] !== "--"; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "-") continue;
    found.push(at);
    if (takesNextWord(word, options)) at += 1;
  }
  return found;
}

/** It is no option of a build. @throws {BktuiError} "usage" when it has no value. */
function withoutListen(words: readonly string[], options: readonly Spelled[]): DapLine {
  const places = optionsAt(words, options).filter((at) => /^--listen(=|$)/.test(words[at] ?? ""));
  const [at] = places;
  if (at === undefined) return { words };
  const isSplit = words[at] === LISTEN;
  const value = isSplit ? words[at + 1] : words[at]?.slice(LISTEN.length + 1);
  if (value === undefined || value === "" || places.length > 1)
    throw usageError(
      `${LISTEN} is given once, with a place`,
      `write for example ${LISTEN}=unix:NAME or ${LISTEN}=tcp:127.0.0.1:0`,
    );
  return { words: words.filter((_, index) => index !== at && !(isSplit && index === at + 1)), listen: value };
}

export function listenOption(): Option {
  return new Option(
    `${LISTEN} <place>`,
    "wait for clients at unix:NAME, unix:/PATH or tcp:127.0.0.1:PORT; port 0 = a free one",
  );
}
