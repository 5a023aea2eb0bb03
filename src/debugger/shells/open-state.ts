/** A state with shells in it, or with what they left: what of it can be seen from outside. Pure, but for the question what runs. */
import type { BktuiError } from "../../base/errors.ts";
import type { Container, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import { PROGRAM_LOOKUP_MS } from "./process-group.ts";
import type { OpenedShell, ShellTalk } from "./shared-container.ts";

/** `display`: what a front end shows the shell with. */
export type ShellPhase<Display> =
  | { readonly kind: "opening" }
  | { readonly kind: "alive"; readonly opened: OpenedShell; readonly display: Display }
  | {
      readonly kind: "ended";
      readonly display: Display;
      /** Undefined: the engine dropped it. */
      readonly code: number | undefined;
      /** The files are as it left them, for the next shell of the state. */
      readonly kept: boolean;
      /** Why it was ended by another front end; untrusted text. */
      readonly taken: string | undefined;
    }
  | { readonly kind: "failed"; readonly error: BktuiError };

export interface StateShell<Display = unknown> {
  readonly step: Step;
  readonly side: StateSide;
  /** Its programs are those of the debug root, not of the image. */
  readonly isDebugRoot: boolean;
  readonly phase: ShellPhase<Display>;
  /** Settles when it is not being opened any more, however that went; never rejects. */
  readonly settled: Promise<void>;
}

/** A state with shells in it, or with what they left. */
export interface OpenState<Display = unknown> {
  readonly step: Step;
  readonly side: StateSide;
  /** Its shells are those of the debug root. A state can be open in both ways, in a container each. */
  readonly isDebugRoot: boolean;
  readonly shells: readonly StateShell<Display>[];
  /** Has the files that a next shell finds; undefined: there are none but those of the step. */
  readonly container: Container | undefined;
  /** One of its shells got input, so its files may not be those of the step any more. */
  readonly used: boolean;
}

/** Which state, and how many steps there are, for the prompt. */
export interface ShellPlace {
  readonly step: Step;
  readonly side: StateSide;
  readonly steps: number;
}

/** Where a shell or a program is to run. */
export interface ShellTarget extends ShellPlace {
  /** With programs of the debug root, not of the image. */
  readonly debugRoot: boolean;
}

/** What is opened in a state, in place of a shell of the image. */
export interface ShellChoice {
  readonly program?: readonly string[] | undefined;
  /** Other than that of the front end's shells. */
  readonly talk?: ShellTalk | undefined;
  readonly debugRoot?: boolean | undefined;
}

/** It has a process, or is about to. */
export function isAlive({ phase }: Pick<StateShell, "phase">): boolean {
  return phase.kind === "alive" || phase.kind === "opening";
}

/** Those with a shell that is alive: what others left, their user has given up by `exit`. */
export function statesInUse<State extends Pick<OpenState, "shells">>(
  states: readonly State[],
): readonly State[] {
  return states.filter(({ shells }) => shells.some(isAlive));
}

/** Names of the programs that have the terminals of shells, without the shells themselves; untrusted. */
export async function programsIn(shells: readonly Pick<StateShell, "phase">[]): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(PROGRAM_LOOKUP_MS);
  const asked = shells.map(({ phase }) =>
    phase.kind === "alive" ? phase.opened.program({ signal }) : undefined,
  );
  return (await Promise.all(asked)).filter((program) => program !== undefined);
}
