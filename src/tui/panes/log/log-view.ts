/** What the log pane is drawn from: rows of the log, or a summary in its place. */
import type { PaneView } from "../pane-view.ts";
import { searchIn } from "../searched.ts";
import type { LogModel } from "./log-pane.ts";

/** Does the log pane show a summary (of a failure or of the end) instead of the log? */
export function showsSummary(view: Pick<PaneView, "ui" | "availability">): boolean {
  const { status } = view.availability;
  return (status === "failed" || status === "finished") && !view.ui.log.full;
}

export function logModel(view: PaneView): LogModel | undefined {
  const { ui, debug, logRows, labels } = view;
  if (debug === undefined || logRows === undefined) return undefined;
  return {
    rows: logRows,
    top: ui.log.top ?? "end",
    left: ui.log.left,
    wrap: ui.log.wrap || ui.log.raw,
    search: searchIn(view, "log"),
    cursor: ui.log.hit,
    label: (vertex, run) => labels.label(vertex, debug.progress, debug.state, run),
  };
}
