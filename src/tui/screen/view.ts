/** Everything the screen is drawn from, at one moment. */
import type { Debugger } from "../../debugger/debugger.ts";
import type { Explanation } from "../../debugger/explain/explanation.ts";
import type { BuildRequest, StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Size, Surface } from "../cells/rect.ts";
import type { Look } from "../drawing/look.ts";
import type { TextBlockModel } from "../drawing/text-block.ts";
import type { FilesView } from "../panes/files/files-view.ts";
import type { GraphView } from "../panes/graph/graph-outline.ts";
import type { LogRows } from "../panes/log/log-rows.ts";
import type { LogLabels } from "../panes/log/log-summary.ts";
import type { SourceDocument } from "../panes/source/source-document.ts";
import type { Standings } from "../panes/step-badge.ts";
import { stepRowCount } from "../panes/steps/step-list.ts";
import type { Situation } from "../state/availability.ts";
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

/** The shell that the shell pane shows. */
export interface ShellView {
  readonly step: Step;
  readonly side: StateSide;
  /** The other state that "swap" would show. */
  readonly other: StateSide | undefined;
  /** The engine kept no FAILED: the command ran again in the shell's container. */
  readonly reproduced: boolean;
  /** Which of the state's shells it is, counted from 1, and how many there are. */
  readonly number: number;
  readonly count: number;
  readonly phase:
    | { readonly kind: "none" }
    | { readonly kind: "opening" }
    | {
        readonly kind: "alive" | "ended";
        readonly surface: Surface;
        readonly place: string;
        readonly note: string;
      }
    /** "shell-less": no shell is in the image, other ways to look are offered. */
    | {
        readonly kind: "failed" | "shell-less";
        readonly message: string;
        readonly hint: string | undefined;
      };
}

export interface View {
  readonly ui: UiState;
  readonly size: Size;
  readonly layout: Layout;
  readonly look: Look;
  readonly request: BuildRequest;
  readonly debug: Debugger | undefined;
  readonly situation: Situation;
  readonly status: StatusModel;
  readonly document: SourceDocument;
  readonly standings: Standings | undefined;
  /** Made only while the graph pane is shown. */
  readonly graph: GraphView | undefined;
  readonly warnedLines: ReadonlySet<number>;
  /** Step under the cursor of the focused pane, else the one the build stands at. */
  readonly selected: Step | undefined;
  /** State of the selected step that is shown. */
  readonly side: StateSide | undefined;
  readonly sides: readonly StateSide[];
  readonly environment: StepEnvironment | undefined;
  /** What the open shell of the shown state has otherwise than the step, in words. */
  readonly differences: readonly string[];
  /** What went wrong where the build stands; undefined when nothing did. */
  readonly explanation: Explanation | undefined;
  readonly logRows: LogRows | undefined;
  readonly labels: LogLabels;
  readonly shell: ShellView | undefined;
  /** undefined while the Files pane is not on the screen. */
  readonly files: FilesView | undefined;
  /** Screen of the editor in the pane; undefined = none is open. */
  readonly editor: Surface | undefined;
  /** In place of the log while there is nothing to debug. */
  readonly block: TextBlockModel | undefined;
  readonly ranMs: number;
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

/** Does the log pane show a summary (of a failure or of the end) instead of the log? */
export function showsSummary(view: Pick<View, "ui" | "situation">): boolean {
  const { moment } = view.situation;
  return (moment === "failed" || moment === "finished") && !view.ui.log.full;
}
