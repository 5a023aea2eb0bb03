/** The steps pane's rows. */
import { isInThePast } from "../../../debugger/state/live.ts";
import { isShared } from "../../../debugger/state/threads.ts";
import type { Program, StepId } from "../../../graph/program.ts";
import { type BadgeSources, badgeOf } from "../step-badge.ts";
import type { StepCounts, StepsRow } from "./steps-pane.ts";

export interface StepList {
  readonly rows: readonly StepsRow[];
  /** The step of each row; undefined for stage names. */
  readonly steps: readonly (StepId | undefined)[];
  readonly counts: StepCounts;
}

/** Every step under the name of its stage, in reading order. */
export function stepList(program: Program, badgeSources: BadgeSources): StepList {
  const rows: StepsRow[] = [];
  const steps: (StepId | undefined)[] = [];
  const counts = { done: 0, running: 0, failed: 0, left: 0 };
  const isPast = isInThePast(badgeSources.state.phase);
  let stage: string | undefined;
  for (const step of program.steps) {
    if (step.stage !== stage) {
      stage = step.stage;
      rows.push({ kind: "stage", name: stage });
      steps.push(undefined);
    }
    const { mark, right: word, current, live } = badgeOf(step, badgeSources);
    const place = live ? "live" : current && isPast ? "here" : undefined;
    const right = isShared(badgeSources.state, step) ? `${word} shared`.trimStart() : word;
    counts[mark === "done" || mark === "cached" ? "done" : mark === "waiting" ? "left" : mark] += 1;
    rows.push({ kind: "step", number: step.id + 1, mark, current, place, text: step.text, right });
    steps.push(step.id);
  }
  return { rows, steps, counts };
}

/** Rows the pane would take: steps and stage names. */
export function stepRowCount(program: Program | undefined): number {
  if (program === undefined) return 1;
  return program.steps.length + new Set(program.steps.map((step) => step.stage)).size;
}
