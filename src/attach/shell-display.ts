/** A shell as an attached terminal has it. */
import { RelayFilter } from "../base/relay-filter.ts";
import type { StateShell } from "../debugger/shells/open-state.ts";
import type { OpenedShell } from "../debugger/shells/shared-container.ts";

export interface ShellDisplay {
  readonly opened: OpenedShell;
  readonly filter: RelayFilter;
  /** What it printed while the terminal was elsewhere; its process waits then. */
  held: readonly Uint8Array[];
  isHeard: boolean;
}

export type AttachedShell = StateShell<ShellDisplay>;

export function displayedIn(opened: OpenedShell): ShellDisplay {
  return { opened, filter: new RelayFilter(), held: [], isHeard: false };
}
