/** The row of the source that the run and breakpoint keys are about. */
import { lineOfGraphRow } from "./models/graph.ts";
import type { SourceRow } from "./panes/source-layout.ts";
import type { View } from "./view.ts";

/** In the graph pane that of the step under its cursor, else the source's own cursor. */
export function pointedRow({ ui, document, graph }: View): SourceRow | undefined {
  const row = ui.focus === "graph" ? graph?.outline.rows[ui.graph.cursor] : undefined;
  if (row === undefined) return document.layout.rowAt(ui.source.cursor);
  return document.layout.rowAt(document.layout.indexOfLine(lineOfGraphRow(row)));
}
