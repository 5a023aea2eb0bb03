/** What is advised, as the screen says it: with the key in force, or the name to type where a command has none. */
import type { BktuiError } from "../../base/errors.ts";
import { rowOf } from "../../console/command-table.ts";
import {
  type Advised,
  type Refusal,
  type Remedy,
  remediesOf,
  withRemedies,
} from "../../debugger/remedies.ts";
import type { Keys } from "./key-bindings.ts";

/** "r", ":debug-shell", ":secret id=token,src=PATH". */
export function advisedKey(advised: Advised, keys: Keys): string {
  if (advised.argument !== undefined)
    return `:${rowOf(advised.command)?.name ?? advised.command} ${advised.argument}`;
  return keys.keyOf(advised.command);
}

/** "r runs it again". */
export function remedyWords(remedy: Remedy, keys: Keys): string {
  return `${advisedKey(remedy, keys)} ${remedy.does}`;
}

/** "step 3 failed; r runs it again". */
export function refusalWords({ why, remedy }: Refusal, keys: Keys): string {
  return withRemedies(why, remedy === undefined ? [] : [remedyWords(remedy, keys)]);
}

/** An error's message and the commands that help, in one line. */
export function errorWords(error: BktuiError, keys: Keys): string {
  return withRemedies(error.message, wordsOf(error, keys));
}

/** What helps: the hint and the commands, in one line; undefined when nothing is known to. */
export function helpfulWords(error: BktuiError, keys: Keys): string | undefined {
  const [first, ...more] = [...(error.hint === undefined ? [] : [error.hint]), ...wordsOf(error, keys)];
  return first === undefined ? undefined : withRemedies(first, more);
}

function wordsOf(error: BktuiError, keys: Keys): readonly string[] {
  return remediesOf(error).map((remedy) => remedyWords(remedy, keys));
}
