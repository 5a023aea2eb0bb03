/** What the panes are drawn from, at one moment: the model that every pane's functions read. */
import type { Debugger } from "../../debugger/debugger.ts";
import type { Explanation } from "../../debugger/explain/explanation.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import type { StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { RowSource, Size } from "../cells/rect.ts";
import type { Look } from "../drawing/look.ts";
import type { TextBlockModel } from "../drawing/text-block.ts";
import type { Availability } from "../state/availability.ts";
import type { Layout } from "../state/layout.ts";
import type { UiState } from "../state/ui-state.ts";
import type { FilesView } from "./files/files-view.ts";
import type { GraphView } from "./graph/graph-outline.ts";
import type { LogRows } from "./log/log-rows.ts";
import type { LogLabels } from "./log/log-summary.ts";
import type { ShellView } from "./shell/shell-view.ts";
import type { SourceDocument } from "./source/source-document.ts";
import type { BadgeSources } from "./step-badge.ts";

export interface PaneView {
  readonly ui: UiState;
  readonly size: Size;
  readonly layout: Layout;
  readonly look: Look;
  readonly request: BuildRequest;
  readonly debug: Debugger | undefined;
  readonly availability: Availability;
  readonly document: SourceDocument;
  readonly badgeSources: BadgeSources | undefined;
  /** Made only while the graph pane is shown. */
  readonly graph: GraphView | undefined;
  readonly warnedLines: ReadonlySet<number>;
  /** Step under the cursor of the focused pane, else the one the build stands at. */
  readonly selected: Step | undefined;
  /** State of the selected step that is shown. */
  readonly side: StateSide | undefined;
  readonly states: readonly StateSide[];
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
  readonly editor: RowSource | undefined;
  /** In place of the log while there is nothing to debug. */
  readonly block: TextBlockModel | undefined;
  readonly ranMs: number;
}
