/** Everything the screen is drawn from, at one moment, and where its panes are. */
import type { Size } from "../cells/rect.ts";
import type { PaneView } from "../panes/pane-view.ts";
import type { SourceDocument } from "../panes/source/source-document.ts";
import { stepRowCount } from "../panes/steps/step-list.ts";
import {
  hasSideColumn,
  type Layout,
  type LayoutInput,
  layout,
  type Slot,
  sizeClassOf,
} from "../state/layout.ts";
import type { UiState } from "../state/ui-state.ts";
import type { StatusModel } from "./status-row.ts";

export interface View extends PaneView {
  readonly status: StatusModel;
}

/** The slot that a pane is in. */
export function slotOf(pane: UiState["focus"], ui: Pick<UiState, "lower">): Slot {
  if (ui.lower === pane) return "lower";
  return pane === "steps" ? "steps" : "source";
}

/** The steps are in the lower pane on screens without a right column, and only there. */
export function fittedTo(ui: UiState, size: Size): UiState {
  if (hasSideColumn(size)) return ui.lower === "steps" ? { ...ui, lower: "log" } : ui;
  return ui.focus === "steps" && ui.lower !== "steps" ? { ...ui, lower: "steps" } : ui;
}

export function layoutInput(ui: UiState, size: Size, program: SourceDocument["program"]): LayoutInput {
  const slot = slotOf(ui.focus, ui);
  return {
    size,
    lower:
      ui.lower === "shell" || ui.lower === "editor"
        ? { kind: "shell", hasKeyboard: ui.keyboard === ui.lower }
        : { kind: "other" },
    focus: slot,
    zoom: ui.zoomed ? slot : undefined,
    stepsRows: stepRowCount(program),
    splits: ui.splits[sizeClassOf(size)],
  };
}

export function layoutOf(ui: UiState, size: Size, program: SourceDocument["program"]): Layout {
  return layout(layoutInput(ui, size, program));
}
