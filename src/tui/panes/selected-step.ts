/** The step that is selected where a pane has no selection of its own. */
import type { Step } from "../../graph/program.ts";
import type { SelectionParts } from "./pane.ts";
import { stepOfCursor } from "./source/source-document.ts";
import { currentStep } from "./step-badge.ts";

/** The one at the source's cursor, else the one the build stands at. */
export function stepAtSource({ ui, document, badgeSources }: SelectionParts): Step | undefined {
  return stepOfCursor(ui, document, badgeSources) ?? currentStep(badgeSources.state);
}
