/** The log pane: what the steps print; after a failure or the end a summary, until the whole log is asked for. */
import { count } from "../../../base/words.ts";
import type { Size } from "../../cells/rect.ts";
import { PANE_WORDS } from "../../commands/pane-words.ts";
import { textBlock } from "../../drawing/text-block.ts";
import type { Slot } from "../../state/layout.ts";
import type { UiAction } from "../../state/ui-state.ts";
import { NOTHING_PRESSED, type Pane } from "../pane.ts";
import type { PaneView } from "../pane-view.ts";
import { logPane, logSummary } from "./log-pane.ts";
import { failureModel, finishedModel } from "./log-summary.ts";
import { newestTexts } from "./log-texts.ts";
import { logModel, showsSummary } from "./log-view.ts";
import { failureBlock, finishedBlock } from "./result-block.ts";

export const LOG_PANE: Pane = {
  id: "log",
  ...PANE_WORDS.log,
  draw,
  summary: (view, slot) => (slot === "lower" ? lowerSummary(view) : "tail"),
  height,
  moved,
  sideways: (cells, { ui }) => [{ kind: "log", view: { left: Math.max(0, ui.log.left + cells) } }],
  texts: newestTexts,
  copied,
  pressed: () => NOTHING_PRESSED,
  hints: ({ status, failures }, wide) =>
    status === "failed" && failures > 1
      ? [
          "failure-next",
          "shell",
          "swap",
          "changes",
          "edit",
          "rerun",
          ...(wide ? (["palette"] as const) : []),
          "quit",
        ]
      : undefined,
};

/** In the right column only the end of the log is shown, without summaries. */
function draw(view: PaneView, size: Size, slot: Slot): readonly string[] {
  if (slot !== "lower") return drawLog(view, size);
  if (view.block !== undefined) return textBlock(view.block, size, view.look);
  const summary = showsSummary(view) ? drawSummary(view, size) : undefined;
  return summary ?? drawLog(view, size);
}

function drawLog(view: PaneView, size: Size): readonly string[] {
  const model = logModel(view);
  return model === undefined ? [] : logPane(model, size, view.look);
}

function drawSummary(view: PaneView, size: Size): readonly string[] | undefined {
  const { debug, look } = view;
  if (debug === undefined) return undefined;
  const failure = failureModel({
    state: debug.state,
    progress: debug.progress,
    explanation: view.explanation,
    states: view.states,
    shown: view.side,
    keys: view.availability.keys,
    inPane: view.ui.focus === "log",
  });
  if (failure !== undefined) return failureBlock(failure, size, look);
  const finished = finishedModel(debug.state, debug.progress, view.ranMs, view.availability.keys);
  return finished === undefined ? undefined : finishedBlock(finished, size, look);
}

function lowerSummary(view: PaneView): string {
  const rect = view.layout.lower;
  const model = logModel(view);
  if (rect === undefined || model === undefined || view.block !== undefined) return "";
  if (showsSummary(view)) {
    const lines = Math.max(0, model.rows.end - model.rows.first);
    return lines === 0
      ? ""
      : `${count(lines, "line")} · ${view.availability.keys.keyOf("log-full")} full log`;
  }
  const running = view.availability.status === "running";
  const summary = logSummary(model, rect);
  return summary === "following" && !running ? "" : summary;
}

function height({ layout }: PaneView): number {
  return layout.lower?.rows ?? 1;
}

function moved(distance: number, view: PaneView): readonly UiAction[] {
  const { ui, logRows } = view;
  if (logRows === undefined) return [];
  const last = Math.max(logRows.first, logRows.end - height(view));
  const top = Math.min(last, Math.max(logRows.first, (ui.log.top ?? last) + distance));
  return [{ kind: "log", view: { top: top >= last ? undefined : top, full: true } }];
}

/** The lines on the screen. */
function copied({ ui, layout, logRows }: PaneView): string | undefined {
  if (logRows === undefined) return undefined;
  const rows = layout.lower?.rows ?? 0;
  const top = ui.log.hit ?? ui.log.top ?? Math.max(logRows.first, logRows.end - rows);
  const count = ui.log.hit === undefined ? rows : 1;
  const lines: string[] = [];
  for (let index = top; index < Math.min(top + count, logRows.end); index += 1) {
    const row = logRows.row(index);
    if (row?.kind === "line" || row?.kind === "note") lines.push(row.text);
  }
  return lines.length === 0 ? undefined : lines.join("\n");
}
