/** What every cause is made of: where it would look, and what it says when it is so. Pure. */

import type { Mount } from "../../../graph/graph.ts";
import type { Reason } from "../../failures/reasons.ts";
import { type PathAsked, type Place, placeKey, type Seen } from "../../questions/seen.ts";
import { keepsFailedState } from "../../state/inspect.ts";
import type { NextStep } from "../explanation.ts";
import type { StepFacts } from "../facts.ts";

export interface CauseWords {
  /** In place of what stands behind `step 6/9 failed: `. */
  readonly what?: string;
  /** Sentences, most important first. */
  readonly why: readonly string[];
  readonly next?: readonly NextStep[];
  /** The reason's own sentences, which hold in general, are not needed then. */
  readonly isExact?: true;
}

/** A failed step, why it failed as far as the engine tells, and what has been seen so far. */
export interface FailedStep {
  readonly facts: StepFacts;
  readonly reason: Reason;
}

/** One cause of a failure. It is only said when it was seen to be so. */
export interface Cause {
  /** What must be looked at, given what has been seen; empty when nothing points to this cause, or nothing is left. */
  asks(failed: FailedStep): readonly PathAsked[];
  /** Undefined when it is not so, or not known yet. */
  words(failed: FailedStep): CauseWords | undefined;
}

/** The failed step's own container: what it left where the engine has it, else what it began with. */
export function ownPlace({ failure, step }: StepFacts): Place {
  return { vertex: failure.vertex ?? step.vertex, side: keepsFailedState(failure) ? "failed" : "base" };
}

export function seenAt({ sights }: StepFacts, place: Place): Seen | undefined {
  return sights.get(placeKey(place));
}

/** Said behind what was seen in BASE: the command may have changed it. */
export function placeWords({ side }: Place): string {
  return side === "base" ? " (seen in BASE)" : "";
}

export function execOf({ program, failure, step }: StepFacts): StepExec {
  const exec = program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec;
  const cwd = exec?.meta.cwd ?? "";
  return {
    cwd: cwd === "" ? "/" : cwd,
    command: exec?.meta.args.join(" ") ?? "",
    mounts: exec?.mounts ?? [],
  };
}

interface StepExec {
  readonly cwd: string;
  /** With its arguments; that of a shell form has the shell in front. */
  readonly command: string;
  readonly mounts: readonly Mount[];
}
