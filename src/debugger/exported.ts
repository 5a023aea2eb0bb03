/** What a front end asks for when it exports a state, and what it gets. Types only. */
import type { ExportSource, OpenedState, Progress, StateSide } from "../engine/engine.ts";
import type { OutputSpec, StateMade } from "../engine/outputs.ts";
import type { StepId } from "../graph/program.ts";

export interface ExportOptions {
  /** At least one; images without a name get one that nobody gives to an image that is wanted. */
  readonly outputs: readonly OutputSpec[];
  /** Of images whose output names none. */
  readonly name?: string | undefined;
  /** Files and images that are there may be replaced. */
  readonly force?: boolean | undefined;
  /** FAILED of another run of the command in place of the one that is looked at. */
  readonly rebuild?: boolean | undefined;
  /** Also when the value of a secret is found in it. */
  readonly withSecrets?: boolean | undefined;
  /** The container of the state's shells, when they have changed something or reproduced it: FAILED is as it is there. */
  readonly open?: OpenedState | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export interface ExportedState extends StateMade {
  readonly step: StepId;
  readonly side: StateSide;
  readonly way: ExportSource["way"];
  /** What was done in shells is in it. */
  readonly isChanged: boolean;
}
