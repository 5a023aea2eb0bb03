/** The labels by which an exported state says what it is. Pure. */

/** In front of each of them. */
export const LABELS = "dev.bktui.";

type Labels = Readonly<Record<string, string>>;

const SAME_STEP = ["step", "stage", "source"];

export function stateLabel(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, LABELS + name) ? labels[LABELS + name] : undefined;
}

/** It is what the step began with that the other one is FAILED of. */
export function isBaseOf(base: Labels, failed: Labels): boolean {
  const isOfState = (labels: Labels, state: string): boolean => stateLabel(labels, "state") === state;
  const isSame = SAME_STEP.every((name) => stateLabel(base, name) === stateLabel(failed, name));
  return isOfState(base, "base") && isOfState(failed, "failed") && isSame;
}
