/** A shell as the screen has it: with the emulator that shows it. */
import type { OpenState, StateShell } from "../../debugger/shells/open-state.ts";
import type { Emulator } from "./emulator.ts";

export interface ShellScreen {
  readonly emulator: Emulator;
  /** "/src · root", as it was when the shell was opened. */
  readonly place: string;
}

export type Shell = StateShell<ShellScreen>;
export type ShellState = OpenState<ShellScreen>;
