/** Which lines wait until the build has come to rest, and which an empty one repeats. Pure. */
import { type LineCommand, readLine } from "../../console/read-command.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import { isBusy } from "../../debugger/state/at-rest.ts";

/** Of a script all wait but those that act on what runs; of somebody who types those that need what is being loaded. */
export function mustWait(
  text: string | undefined,
  state: DebugState,
  { interactive }: { readonly interactive: boolean },
): boolean {
  if (!isBusy(state)) return false;
  if (text === undefined) return !interactive;
  const reading = readLine(text);
  const id = reading.kind === "command" ? reading.command.id : undefined;
  if (id === "pause" || id === "cancel" || id === "reconnect") return false;
  if (!interactive) return true;
  const canWait = reading.kind === "nothing" || (reading.kind === "command" && reading.when === "at-rest");
  return canWait && state.phase.kind === "opening";
}

/** An empty line after them means the same again, as in gdb. */
export const REPEATED: ReadonlySet<LineCommand["id"]> = new Set<LineCommand["id"]>([
  "next",
  "into",
  "continue",
  "step-back",
  "reverse-continue",
]);
