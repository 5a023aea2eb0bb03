/** What is advised, as it is said where commands are typed: with the word to type. Where it has none, nothing is advised. */
import type { BktuiError } from "../../base/errors.ts";
import {
  type Advised,
  type Refusal,
  type Remedy,
  remediesOf,
  withRemedies,
} from "../../debugger/remedies.ts";
import { rowOf } from "../command-table.ts";

/** "rerun runs it again"; undefined when there is no such word. */
export function remedyWords(remedy: Remedy): string | undefined {
  const word = typedWords(remedy);
  return word === undefined ? undefined : `${word} ${remedy.does}`;
}

/** "step 3 failed; rerun runs it again". */
export function refusalWords({ why, remedy }: Refusal): string {
  const words = remedy === undefined ? undefined : remedyWords(remedy);
  return withRemedies(why, words === undefined ? [] : [words]);
}

/** An error's message and the commands that help, in one line. */
export function errorWords(error: BktuiError): string {
  return withRemedies(error.message, remedyLines(error));
}

/** One line for each command that helps. */
export function remedyLines(error: BktuiError): readonly string[] {
  return remediesOf(error).flatMap((remedy) => remedyWords(remedy) ?? []);
}

/** What is typed; undefined for a command that the screen alone has. */
export function typedWords({ command, argument }: Advised): string | undefined {
  const row = rowOf(command);
  if (row?.where !== "both") return undefined;
  return argument === undefined ? row.name : `${row.name} ${argument}`;
}
