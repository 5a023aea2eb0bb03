/** `bktui llb dump`: how it is spelled. */
import { Command, type Option, Option as OwnOption } from "commander";
import { wordsGiven } from "../options/row-options.ts";
import type { DumpChoice } from "./dump-choice.ts";

export interface DumpLine {
  readonly path: string | undefined;
  readonly choice: DumpChoice;
  /** Options of the build and the engine, in one spelling. */
  readonly words: readonly string[];
}

const FORMATS = ["json", "dot", "mermaid"] as const;
const OWN: readonly string[] = [...FORMATS.map((format) => `--${format}`), "--output"];

/** @param options of a build and of the engine; new ones, as commander keeps values in them. */
export function llbCommand(
  options: readonly Option[],
  act: (line: DumpLine) => void,
  styled: (command: Command) => Command,
): Command {
  const dump = styled(new Command("dump"))
    .description("Write the definition (LLB) of a build; nothing of it is run")
    .usage("[OPTIONS] [PATH | DOCKERFILE | URL | -]")
    .argument("[path]", "as for a build; or --llb, or --frontend")
    .addOption(new OwnOption("-o, --output <file>", "write it there instead of to standard output"))
    .addOption(
      new OwnOption("--json", "for reading: one object a vertex, a line each").conflicts(["dot", "mermaid"]),
    )
    .addOption(new OwnOption("--dot", "for drawing with Graphviz").conflicts(["json", "mermaid"]))
    .addOption(new OwnOption("--mermaid", "for drawing with Mermaid").conflicts(["json", "dot"]));
  for (const option of options) dump.addOption(option.helpGroup("Options, as for a build:"));
  dump.action((path: string | undefined) => {
    const words = wordsGiven(dump, ({ long }) => !OWN.includes(long ?? ""));
    const format = FORMATS.find((each) => dump.getOptionValue(each) === true) ?? "llb";
    const output: unknown = dump.getOptionValue("output");
    act({ path, choice: { format, output: typeof output === "string" ? output : undefined }, words });
  });
  return styled(new Command("llb"))
    .description("Write the definition of a build, for other programs and for reading")
    .usage("COMMAND")
    .helpCommand(false)
    .addCommand(dump);
}
