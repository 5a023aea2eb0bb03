/** `-D`, which every command has. */
import { Option } from "commander";

export function debugOption(): Option {
  return new Option("-D, --debug", "show causes and stacks of errors");
}
