/** Putting the source's cursor on a row. */
import type { UiAction } from "../../state/ui-state.ts";
import type { StepPlace } from "./source-document.ts";

/** The source pane with its cursor at `row`, shown in the middle. */
export function sourceAt(row: number): UiAction {
  return { kind: "list", pane: "source", view: { cursor: row, centered: true } };
}

/** The same, with one of the row's steps selected. */
export function sourceAtStep({ row, step }: StepPlace): readonly UiAction[] {
  return [sourceAt(row), ...(step === undefined ? [] : [{ kind: "choose-step", step } as const])];
}
