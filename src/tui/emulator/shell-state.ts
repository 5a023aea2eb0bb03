/** What is known of the shells of a state. */
import type { BktuiError } from "../../base/errors.ts";
import type { OpenedShell } from "../../debugger/shells/shared-container.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { ShellSurface } from "./emulator.ts";

export type ShellPhase =
  | { readonly kind: "opening" }
  | { readonly kind: "alive"; readonly surface: ShellSurface; readonly opened: OpenedShell }
  | {
      readonly kind: "ended";
      readonly surface: ShellSurface;
      readonly code: number | undefined;
      /** The files are as it left them, for the next shell of the state. */
      readonly kept: boolean;
    }
  | { readonly kind: "failed"; readonly error: BktuiError };

export interface Shell {
  readonly step: Step;
  readonly side: StateSide;
  readonly phase: ShellPhase;
  /** Something was typed into it. */
  readonly used: boolean;
  /** "/src · root", as it was when the shell was opened. */
  readonly place: string;
  /** Its programs are those of the debug root, not of the image. */
  readonly isDebugRoot: boolean;
}

/** What is opened in a state, in place of a shell of the image. */
export interface ShellChoice {
  readonly program?: readonly string[] | undefined;
  readonly debugRoot?: boolean | undefined;
}

/** A state with shells in it, or with what they left. */
export interface ShellState {
  readonly step: Step;
  readonly side: StateSide;
  readonly shells: readonly Shell[];
  /** Something was typed into one of its shells. */
  readonly used: boolean;
  /** Its shells are those of the debug root. */
  readonly isDebugRoot: boolean;
}

/** Which state, and how many steps there are, for the prompt. */
export interface ShellPlace {
  readonly step: Step;
  readonly side: StateSide;
  readonly steps: number;
}
