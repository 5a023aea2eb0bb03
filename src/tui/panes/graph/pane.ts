/** The graph pane: stages, their steps, what feeds each of them. */

import type { CommandId } from "../../../console/command-table.ts";
import { rankOnLine } from "../../../debugger/state/line-steps.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import type { Hint } from "../../drawing/hint-row.ts";
import { type Availability, hasProgram } from "../../state/availability.ts";
import { listAt, movedList } from "../list-moves.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { listTexts, searchIn } from "../searched.ts";
import { stepAtSource } from "../selected-step.ts";
import {
  type GraphOutlineRow,
  graphRow,
  graphRowText,
  graphSummary,
  lineOfGraphRow,
} from "./graph-outline.ts";
import { graphPane } from "./graph-pane.ts";

export const GRAPH_PANE: Pane = {
  id: "graph",
  ...PANE_WORDS.graph,
  draw,
  summary: ({ graph }) => (graph === undefined ? "" : graphSummary(graph)),
  height: ({ layout }) => layout.lower?.rows ?? 1,
  moved: (distance, view) => {
    const total = view.graph?.outline.rows.length ?? 0;
    return [listAt("graph", movedList(view.ui.graph, distance, total, GRAPH_PANE.height(view)))];
  },
  sideways: () => [],
  texts: (view) => {
    const texts = (view.graph?.outline.rows ?? []).map(graphRowText);
    return listTexts("graph", texts, view, { hasCursor: true });
  },
  copied: (view) => {
    const row = rowAtCursor(view);
    return row?.kind === "step" ? row.node.step.vertex : row?.stage;
  },
  pressed: ({ y }, { graph, ui }) => {
    const cursor = ui.graph.top + y;
    if (graph?.outline.rows[cursor] === undefined) return NOTHING_PRESSED;
    return { actions: [listAt("graph", { cursor, centered: false })] };
  },
  hints: ({ status }, wide) =>
    hasProgram(status)
      ? [
          "down",
          "graph-input",
          "graph-go",
          "run-to",
          "break-line",
          ...(wide ? (["graph-op", "copy"] as const) : []),
        ]
      : undefined,
  spelled,
  leadsTo: (view) => {
    const row = rowAtCursor(view);
    if (row === undefined) return undefined;
    const line = lineOfGraphRow(row);
    const { program } = view.document;
    if (program === undefined || row.kind === "stage") return { line, nth: undefined };
    return { line, nth: rankOnLine(program, line, row.node.step)?.nth };
  },
  selected: (parts) => {
    const row = rowAtCursor(parts);
    return row?.kind === "step" ? row.node.step : stepAtSource(parts);
  },
  pointed: (view) => {
    const row = rowAtCursor(view);
    if (row === undefined) return undefined;
    return { line: lineOfGraphRow(row), step: row.kind === "step" ? row.node.step : undefined };
  },
};

function draw(view: PaneView, size: Size): readonly string[] {
  const { graph, badgeSources, ui, look } = view;
  if (graph === undefined || badgeSources === undefined) return [];
  const { cursor, top } = ui.graph;
  return graphPane(
    {
      rows: graph.outline.rows.slice(top, top + size.rows).map((row) => graphRow(row, graph, badgeSources)),
      widest: graph.outline.widest,
      selected: cursor - top,
      focused: ui.focus === "graph",
      search: searchIn(view, "graph"),
    },
    size,
    look,
  );
}

/** Keys that go two ways are named together; what stands under the cursor is a step, not a line. */
function spelled(command: CommandId, hint: Hint, { keys }: Availability, wide: boolean): Hint {
  const pair = (other: CommandId): string => `${hint.keys}/${keys.keyOf(other)}`;
  switch (command) {
    case "down":
      return { keys: pair("up"), label: "move" };
    case "graph-input":
      return { keys: pair("graph-consumer"), label: "parent/child" };
    case "run-to":
      return { ...hint, label: wide ? "run to here" : "run to" };
    case "copy":
      return { ...hint, label: "copy digest" };
    default:
      return hint;
  }
}

function rowAtCursor({ ui, graph }: Pick<PaneView, "ui" | "graph">): GraphOutlineRow | undefined {
  return graph?.outline.rows[ui.graph.cursor];
}
