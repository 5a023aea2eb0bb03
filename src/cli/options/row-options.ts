/** The table's rows as options of commander, and what a command line says of them. */
import { type Command, Option } from "commander";
import type { Surroundings } from "../../console/build-options.ts";
import { type Chosen, type OptionRow, together } from "./option-row.ts";

/** A new one each time, because commander keeps values in it. */
export function optionOf({ flags, help, repeated }: OptionRow): Option {
  const option = new Option(flags, help);
  if (help === undefined) option.hideHelp();
  return repeated === true ? collecting(option) : option;
}

/** Makes it keep every occurrence, in order. */
export function collecting(option: Option): Option {
  return option.argParser((value: string, previous: readonly string[]) => [...previous, value]).default([]);
}

/** What the rows that were given say. @throws {BktuiError} "usage" or "bad-request". */
export function chosenOf(
  rows: readonly OptionRow[],
  command: Command,
  surroundings: Surroundings,
): Required<Chosen> {
  return together(
    rows.flatMap((row) => {
      const texts = textsOf(command, row);
      return texts === undefined ? [] : [row.choose(texts, surroundings)];
    }),
  );
}

/** Undefined = it was not given, or a switch is off. */
function textsOf(command: Command, row: OptionRow): readonly string[] | undefined {
  const option = command.options.find(({ flags }) => flags === row.flags);
  if (option === undefined) return undefined;
  const value: unknown = command.getOptionValue(option.attributeName());
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(String);
  if (option.required) return typeof value === "string" ? [value] : undefined;
  return value === !option.negate ? [] : undefined;
}

/** The options that were typed for a command, as words for a command line of that command. */
export function wordsGiven(command: Command, isMeant = (_: Option): boolean => true): readonly string[] {
  return command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli" && isMeant(option))
    .flatMap((option) => wordsOf(option, command.getOptionValue(option.attributeName())));
}

function wordsOf({ long, required, negate }: Option, value: unknown): readonly string[] {
  const flag = long ?? "";
  if (Array.isArray(value)) return value.map((each) => `${flag}=${String(each)}`);
  if (required) return [`${flag}=${String(value)}`];
  return (value === true) !== negate ? [flag] : [];
}
