/** Options whose value is one of a few words. */
import { Option } from "commander";
import { BktuiError } from "../../base/errors.ts";

/** Commander's own `choices` words its refusal unlike every other message here. */
export function oneOf(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, `${description} (${choices.join(", ")})`).argParser((value: string) => {
    if (choices.includes(value)) return value;
    throw new BktuiError("usage", `${flags.replace(/ .*/, "")} ${value}: not one of ${choices.join(", ")}`);
  });
}
