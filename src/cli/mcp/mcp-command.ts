/** `bktui mcp`: how it is spelled. */
import { Command, Option } from "commander";
import { wordsGiven } from "../options/row-options.ts";

const READ_ONLY = "--read-only";

/** A line with `mcp`. */
export interface McpLine {
  /** As typed; undefined = the current directory, if there is something to build in it. */
  readonly path: string | undefined;
  /** Nothing is changed: no edits, no exports. */
  readonly isReadOnly: boolean;
  /** Options of the build, the debugger and the engine, in one spelling. */
  readonly words: readonly string[];
}

/** @param options of a build, of the debugger and of the engine; new ones, as commander keeps values in them. */
export function mcpCommand(options: readonly Option[], act: (line: McpLine) => void): Command {
  const command = new Command("mcp")
    .description(
      "Serve the debugger to an agent, over the Model Context Protocol on standard input and output",
    )
    .usage("[OPTIONS] [PATH | DOCKERFILE]")
    .argument("[path]", "what launch builds; files outside of its directories are neither read nor changed")
    .addOption(new Option(READ_ONLY, "no edits of files, no exports of states"));
  for (const option of options) command.addOption(option.helpGroup("Options, as for a build:"));
  return command.action((path: string | undefined) =>
    act({
      path,
      isReadOnly: command.getOptionValue("readOnly") === true,
      words: wordsGiven(command, ({ long }) => long !== READ_ONLY),
    }),
  );
}
