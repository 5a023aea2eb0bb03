/** The row of the source that the run and breakpoint keys are about, and which of its steps. */
import { rankToType } from "../../debugger/state/line-steps.ts";
import type { Step } from "../../graph/program.ts";
import { PANES } from "../panes/all-panes.ts";
import { stepOfCursor } from "../panes/source/source-document.ts";
import type { SourceRow } from "../panes/source/source-layout.ts";
import type { View } from "../screen/view.ts";

export interface Pointed {
  readonly row: SourceRow;
  /** Undefined where nothing runs. */
  readonly step: Step | undefined;
  /** That very step was chosen, or is stood before; else the line as such is meant. */
  readonly isExact: boolean;
}

/** In the steps and graph panes that of the step under their cursor, else the source's own cursor. */
export function pointed(view: View): Pointed | undefined {
  const { ui, document, badgeSources } = view;
  const { layout } = document;
  const other = pointedElsewhere(view);
  if (other !== undefined) return other;
  const row = layout.rowAt(ui.source.cursor);
  if (row === undefined) return undefined;
  const step = badgeSources === undefined ? undefined : stepOfCursor(ui, document, badgeSources);
  const phase = badgeSources?.state.phase;
  const stop = phase?.kind === "paused" ? document.program?.stops[phase.at] : undefined;
  const isHere = step !== undefined && stop?.kind === "before" && stop.step === step.id && isHome(step, row);
  return { row, step, isExact: isHere || ui.chosenStep !== undefined };
}

function pointedElsewhere(view: View): Pointed | undefined {
  const pointedLine = PANES[view.ui.focus].pointed?.(view);
  if (pointedLine === undefined) return undefined;
  const { layout } = view.document;
  const row = layout.rowAt(layout.indexOfLine(pointedLine.line));
  return row === undefined ? undefined : { row, step: pointedLine.step, isExact: true };
}

/** Which of the line's steps is to be named in a breakpoint, from 1; undefined where the line as such says it. */
export function pointedRank({ row, step, isExact }: Pointed, { document }: View): number | undefined {
  if (!isExact || row.kind !== "line" || step === undefined || document.program === undefined)
    return undefined;
  return rankToType(document.program, row.line, step);
}

function isHome({ start }: Step, row: SourceRow): boolean {
  return row.kind === "line" && row.line === start;
}
