/** The help of the line mode: a line for each command of the table. */
import { type CommandRow, commandNamed, commandsOf } from "../../console/command-table.ts";
import { unknownCommand, usageOf } from "../../console/read-command.ts";

/** @param about a command, or "" for all */
export function helpLines(about: string): readonly string[] {
  const commands = commandsOf("lines");
  if (about !== "") {
    const known = commandNamed(about, commands);
    return [known === undefined ? unknownCommand(about, "lines") : helpLine(known)];
  }
  return [
    ...commands.map(helpLine),
    "an empty line repeats next, into or continue",
    "Ctrl-C pauses a running build; again: cancels the running step; three times: leaves",
  ];
}

function helpLine(command: CommandRow): string {
  return `${usageOf(command).padEnd(26)} ${command.aliases.join(", ").padEnd(14)} ${command.about}`;
}
