/** `bktui open`, `bktui last` and `bktui history`: how they are spelled. */
import { Command, Option } from "commander";
import { quote } from "../../base/quote.ts";
import { wordsGiven } from "../options/row-options.ts";

const REBUILD = "--rebuild";
const STATE = "--state";

/** A line with `open` or `last`. */
export interface OpenLine {
  /** As typed, e.g. "^1"; `last` is "^0". */
  readonly what: string;
  /** To type again, e.g. "bktui last". */
  readonly command: string;
  /** Of a file: its build is made again at once. */
  readonly rebuild: boolean;
  /** Of a bundle: the state in it is opened. */
  readonly state: boolean;
  /** Options of the build, the debugger and the engine, in one spelling. */
  readonly words: readonly string[];
}

/** @param options of a build, of the debugger and of the engine; new ones, as commander keeps values in them. */
export function openCommand(options: readonly Option[], act: (line: OpenLine) => void): Command {
  const command = withOptions(new Command("open"), options)
    .description(
      "Debug a build that is over, from its record: docker keeps one of each build, CI uploads them as files",
    )
    .usage("[OPTIONS] REF | ^N | FILE | IMAGE")
    .argument(
      "<what>",
      "a record of the engine (its ref or the beginning of it, ^0 = the last one, ^1 = the one before), a file .dockerbuild, or an image (a tar, or its name)",
    )
    .addOption(
      new Option("--rebuild", "of a file: make the build again at once, instead of showing its record"),
    )
    .addOption(new Option("--state", "of a bundle: open the state in it, instead of showing its record"));
  return command.action((what: string) => {
    const words = wordsGiven(command, ({ long }) => long !== REBUILD && long !== STATE);
    const rebuild = command.getOptionValue("rebuild") === true;
    const state = command.getOptionValue("state") === true;
    act({ what, command: `bktui open ${quote(what)}`, rebuild, state, words });
  });
}

/** @param options as for `openCommand`. */
export function lastCommand(options: readonly Option[], act: (line: OpenLine) => void): Command {
  const command = withOptions(new Command("last"), options)
    .description("Debug the build that was just over, stopped where it failed")
    .usage("[OPTIONS]");
  return command.action(() =>
    act({ what: "^0", command: "bktui last", rebuild: false, state: false, words: wordsGiven(command) }),
  );
}

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options)
    command.addOption(option.helpGroup("Options, as for a build; they go before what the record says:"));
  return command;
}

/** @param options of the engine. */
export function historyCommand<Options>(
  options: readonly Option[],
  act: (options: Options & { readonly json?: true }) => void,
): Command {
  const command = new Command("history")
    .description("List the builds that an engine keeps records of")
    .usage("[OPTIONS]")
    .addOption(new Option("--json", "one JSON object a line"));
  for (const option of options) command.addOption(option);
  return command.action((given: Options & { readonly json?: true }) => act(given));
}
