/** Commands of the screen that are commands of the debugger as they are, without anything behind them. Pure. */
import type { CommandId } from "../../console/command-table.ts";
import type { Command } from "../../debugger/debugger.ts";

type BareKind =
  | "next"
  | "into"
  | "finish"
  | "continue"
  | "back"
  | "reverse-continue"
  | "keep-going"
  | "cancel";

const BARE: ReadonlyMap<CommandId, Extract<Command["kind"], BareKind>> = new Map([
  ["next", "next"],
  ["into", "into"],
  ["finish", "finish"],
  ["continue", "continue"],
  ["step-back", "back"],
  ["reverse-continue", "reverse-continue"],
  ["keep-going", "keep-going"],
  ["cancel", "cancel"],
]);

/** Undefined for any other one. */
export function bareCommand(id: CommandId): Command | undefined {
  const kind = BARE.get(id);
  return kind === undefined ? undefined : { kind };
}
