/** `BKTUI_<OPTION>` in the environment sets an option that was not typed. */
import type { Command, Option } from "commander";
import { usageError } from "../console/bad-values.ts";
import type { Surroundings } from "../console/build-options.ts";

const NOT_FROM_ENVIRONMENT: readonly string[] = ["help", "version"];

/** E.g. "BKTUI_NO_CACHE" for `--no-cache`. */
export function variableOf(option: Option): string {
  return `BKTUI_${(option.long ?? "").replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;
}

/**
 * Gives a parsed command the options that only the environment sets. A repeatable option takes one value per line.
 * @throws {BktuiError} "usage" when a switch is neither true nor false, or a value is refused.
 */
export function applyEnvironment(command: Command, env: Surroundings["env"]): void {
  for (const option of command.options) {
    const attribute = option.attributeName();
    const text = env[variableOf(option)];
    if (text === undefined || text === "" || NOT_FROM_ENVIRONMENT.includes(attribute)) continue;
    if (command.getOptionValueSource(attribute) === "cli") continue;
    command.setOptionValueWithSource(attribute, chosenValue(option, text), "env");
  }
}

function chosenValue(option: Option, text: string): unknown {
  if (option.optional && !option.required) return text;
  if (!option.required) return option.negate ? !isOn(option, text) : isOn(option, text);
  const isRepeated = Array.isArray(option.defaultValue);
  if (isRepeated) return text.split("\n").filter((line) => line !== "");
  return option.parseArg === undefined ? text : option.parseArg(text, undefined);
}

function isOn(option: Option, text: string): boolean {
  if (/^(1|t|true|y|yes|on)$/i.test(text)) return true;
  if (/^(0|f|false|n|no|off)$/i.test(text)) return false;
  throw usageError(`${variableOf(option)}=${text}: a switch is true or false`);
}

/** Who set an option: "--theme" or "BKTUI_THEME"; undefined = nobody. */
export function setterOf(command: Command, attribute: string): string | undefined {
  const options = command.options.filter((option) => option.attributeName() === attribute);
  switch (command.getOptionValueSource(attribute)) {
    case "cli":
      return options[0]?.long ?? undefined;
    case "env":
      return options[0] === undefined ? undefined : variableOf(options[0]);
    default:
      return undefined;
  }
}
