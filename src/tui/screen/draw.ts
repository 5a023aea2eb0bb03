/** The panes of a view: models from the view, rows from the panes. */

import { unreachable } from "../../base/errors.ts";
import { clockTime } from "../../base/words.ts";
import { lackingWords } from "../../debugger/explain/causes/not-given.ts";
import { warningsAt, warningsOfStep } from "../../debugger/explain/warning-words.ts";
import type { Warning } from "../../debugger/progress/progress-store.ts";
import { debugRootWords } from "../../debugger/shells/debug-root-words.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { Step } from "../../graph/program.ts";
import type { Size } from "../cells/rect.ts";
import type { PaneId } from "../commands/keymap.ts";
import { textBlock } from "../drawing/text-block.ts";
import { breakRows } from "../panes/breaks/break-list.ts";
import { breaksPane } from "../panes/breaks/breaks-pane.ts";
import { filesPane } from "../panes/files/files-pane.ts";
import { graphRow } from "../panes/graph/graph-outline.ts";
import { graphPane } from "../panes/graph/graph-pane.ts";
import { infoEntries } from "../panes/info/info-entries.ts";
import { infoPane, infoRowCount, infoRowTexts } from "../panes/info/info-pane.ts";
import { type LogModel, logPane } from "../panes/log/log-pane.ts";
import { failureModel, finishedModel } from "../panes/log/log-summary.ts";
import { failureBlock, finishedBlock } from "../panes/log/result-block.ts";
import {
  type Message,
  messageRowTexts,
  messagesPane,
  messagesRowCount,
} from "../panes/messages/messages-pane.ts";
import { currentRows, rowInfo, stepOfCursor } from "../panes/source/source-document.ts";
import { sourcePane } from "../panes/source/source-pane.ts";
import { standingOf } from "../panes/step-badge.ts";
import { stepList } from "../panes/steps/step-list.ts";
import { stepsPane } from "../panes/steps/steps-pane.ts";
import type { LowerPane } from "../state/ui-state.ts";
import { type ShellView, showsSummary, type View } from "./view.ts";

export function drawSource(view: View, size: Size): readonly string[] {
  const { ui, document, standings, warnedLines } = view;
  const cursor = document.layout.rowAt(ui.source.cursor);
  const cursorLine = cursor?.kind === "line" ? cursor.line : undefined;
  return sourcePane(
    {
      text: document.text,
      layout: document.layout,
      current: currentRows(document, standings),
      cursor: ui.source.cursor,
      top: ui.source.top,
      left: ui.source.left,
      focused: ui.focus === "source" && ui.keyboard === "debugger",
      search: searchIn(view, "source"),
      info: (row) => {
        const isCursor = row.kind === "line" && row.line === cursorLine;
        const chosen =
          isCursor && standings !== undefined ? stepOfCursor(ui, document, standings)?.id : undefined;
        return rowInfo(document, row, { standings, warnedLines, chosen });
      },
    },
    size,
    view.look,
  );
}

export function drawSteps(view: View, size: Size): readonly string[] {
  const { ui, document, standings } = view;
  if (document.program === undefined || standings === undefined) return [];
  const list = stepList(document.program, standings);
  return stepsPane(
    {
      rows: list.rows,
      total: document.program.steps.length,
      selected: ui.focus === "steps" ? ui.steps.cursor : undefined,
      top: ui.steps.top,
      focused: ui.focus === "steps",
      search: searchIn(view, "steps"),
    },
    size,
    view.look,
  );
}

export function drawLower(view: View, size: Size): readonly string[] {
  const pane: LowerPane = view.ui.lower;
  switch (pane) {
    case "steps":
      return drawSteps(view, size);
    case "log":
      return drawLog(view, size);
    case "shell":
      return drawShell(view, size);
    case "editor":
      // Its screen is a layer of its own.
      return textBlock({ kind: "working", headline: "starting the editor", lines: [] }, size, view.look);
    case "files":
      return drawFiles(view, size);
    case "breaks":
      return drawBreaks(view, size);
    case "graph":
      return drawGraph(view, size);
    case "info":
      return drawInfo(view, size, "wide");
    case "messages":
      return drawMessages(view, size);
    default:
      return unreachable(pane);
  }
}

export function logModel(view: View): LogModel | undefined {
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

function drawLog(view: View, size: Size): readonly string[] {
  if (view.block !== undefined) return textBlock(view.block, size, view.look);
  if (showsSummary(view)) {
    const summary = drawSummary(view, size);
    if (summary !== undefined) return summary;
  }
  return drawLogTail(view, size);
}

/** The lowest pane of the right column: the log's end, or the breakpoints while the log is shown already. */
export function drawCorner(view: View, size: Size): readonly string[] {
  return view.ui.lower === "log" ? drawBreaks(view, size) : drawLogTail(view, size);
}

/** The log itself, without summaries. */
function drawLogTail(view: View, size: Size): readonly string[] {
  const model = logModel(view);
  return model === undefined ? [] : logPane(model, size, view.look);
}

function drawSummary(view: View, size: Size): readonly string[] | undefined {
  const { debug, look } = view;
  if (debug === undefined) return undefined;
  const failure = failureModel({
    state: debug.state,
    progress: debug.progress,
    explanation: view.explanation,
    sides: view.sides,
    shown: view.side,
    keys: view.situation.keys,
    inPane: view.ui.focus === "log",
  });
  if (failure !== undefined) return failureBlock(failure, size, look);
  const finished = finishedModel(debug.state, debug.progress, view.ranMs, view.situation.keys);
  return finished === undefined ? undefined : finishedBlock(finished, size, look);
}

function drawShell(view: View, size: Size): readonly string[] {
  const { shell } = view;
  if (shell === undefined) {
    return textBlock(
      {
        kind: "working",
        headline: "no shell is open",
        lines: ["! opens one in the state of the selected step"],
      },
      size,
      view.look,
    );
  }
  const word = sideWord(shell.side);
  switch (shell.phase.kind) {
    case "none":
      return textBlock(
        { kind: "working", headline: `no shell on ${word} yet`, lines: ["! opens one"] },
        size,
        view.look,
      );
    case "opening":
      return textBlock(
        { kind: "working", headline: `opening a shell on ${word}`, lines: [] },
        size,
        view.look,
      );
    case "failed":
    case "shell-less":
      return drawShellFailure(shell.phase, size, view);
    case "alive":
    case "ended":
      return shell.phase.surface.rows(size);
    default:
      return unreachable(shell.phase);
  }
}

function drawShellFailure(
  phase: Extract<ShellView["phase"], { message: string }>,
  size: Size,
  view: View,
): readonly string[] {
  const offers =
    phase.kind === "failed"
      ? []
      : [
          { keys: "1", label: "list the files" },
          { keys: "2", label: `shell of the ${debugShellWords(view)}` },
          { keys: "3", label: "run another program" },
        ];
  const model = {
    kind: "error",
    headline: phase.message,
    hint: phase.hint,
    lines: [],
    offers,
    choices: true,
  } as const;
  return textBlock(model, size, view.look);
}

/** A state that is made again has them beside it. */
function debugShellWords({ debug, shell }: View): string {
  if (debug === undefined) return "debug root";
  return debugRootWords(debug.state, { isReproduced: shell?.reproduced === true }).replace(" ·", ",");
}

function drawBreaks(view: View, size: Size): readonly string[] {
  const { ui, debug } = view;
  if (debug === undefined) return [];
  const focused = ui.focus === "breaks";
  const search = searchIn(view, "breaks");
  const { cursor: selected, top } = ui.breaks;
  const model = { rows: breakRows(debug.state), selected, top, focused, search };
  return breaksPane(model, size, view.look);
}

function drawFiles(view: View, size: Size): readonly string[] {
  const { files, ui, look } = view;
  if (files === undefined) {
    const headline = "nothing is loaded: there are no files yet";
    return textBlock({ kind: "working", headline, lines: [] }, size, look);
  }
  if (files.block !== undefined) return textBlock(files.block, size, look);
  const { titles, totals, bytes, rows, text } = files;
  const { top, left } = ui.filesPane.text;
  return filesPane(
    {
      titles,
      totals,
      bytes,
      rows,
      selected: ui.files.cursor,
      top: ui.files.top,
      focused: ui.focus === "files",
      search: searchIn(view, "files"),
      text: text === undefined ? undefined : { ...text, top: top ?? 0, left },
    },
    size,
    look,
  );
}

function drawGraph(view: View, size: Size): readonly string[] {
  const { graph, standings, ui, look } = view;
  if (graph === undefined || standings === undefined) return [];
  const { cursor, top } = ui.graph;
  return graphPane(
    {
      rows: graph.outline.rows.slice(top, top + size.rows).map((row) => graphRow(row, graph, standings)),
      widest: graph.outline.widest,
      selected: cursor - top,
      focused: ui.focus === "graph",
      search: searchIn(view, "graph"),
    },
    size,
    look,
  );
}

export function drawInfo(view: View, size: Size, form: "narrow" | "wide"): readonly string[] {
  const entries = infoOf(view, form);
  const top = form === "wide" ? view.ui.info.top : 0;
  const search = form === "wide" ? searchIn(view, "info") : "";
  return infoPane({ entries, form, top, search }, size, view.look);
}

export function infoOf(view: View, form: "narrow" | "wide"): ReturnType<typeof infoEntries> {
  const { debug, document, selected, standings } = view;
  if (debug === undefined || selected === undefined || standings === undefined) return [];
  if (document.program === undefined) return [];
  const standing = standingOf(selected, standings);
  return infoEntries({
    engine: debug.engine,
    program: document.program,
    step: selected,
    standing,
    side: view.side,
    environment: view.environment,
    differences: view.differences,
    why: standing.current && standing.mark === "failed" ? (view.explanation?.why ?? []) : [],
    lacking: lackingWords(document.program.graph.vertices.get(selected.vertex)?.exec, debug.state.request),
    warnings: warningsHere(view, selected),
    form,
  });
}

/** Of the line at the cursor, which may be part of no step, and of the step. */
function warningsHere({ debug, document, ui }: View, step: Step): readonly Warning[] {
  const all = debug?.progress.warnings ?? [];
  const row = ui.focus === "source" ? document.layout.rowAt(ui.source.cursor) : undefined;
  const atCursor = row?.kind === "line" ? warningsAt(row.line, all) : [];
  return [...new Set([...atCursor, ...warningsOfStep(step, all)])];
}

function drawMessages(view: View, size: Size): readonly string[] {
  const { top } = view.ui.messagesView;
  const search = searchIn(view, "messages");
  return messagesPane({ messages: messagesOf(view), top, search }, size, view.look);
}

function messagesOf(view: View): readonly Message[] {
  return view.ui.messages.map(({ text, level, atMs }) => ({
    time: clockTime(atMs),
    text,
    tone: level === "error" ? "failed" : "plain",
  }));
}

/** What is searched for in a pane; "" = nothing. */
function searchIn({ ui }: View, pane: PaneId): string {
  return ui.search?.pane === pane ? ui.search.text : "";
}

/** The texts of a pane's rows as they are drawn, for searching. */
export function infoTexts(view: View): readonly string[] {
  const columns = view.layout.lower?.columns ?? 0;
  return infoRowTexts({ entries: infoOf(view, "wide"), form: "wide" }, columns, view.look);
}

export function messageTexts(view: View): readonly string[] {
  return messageRowTexts(messagesOf(view), view.layout.lower?.columns ?? 0, view.look);
}

/** Rows of the wide info pane, for scrolling. */
export function infoRows(view: View): number {
  const columns = view.layout.lower?.columns ?? 0;
  return infoRowCount({ entries: infoOf(view, "wide"), form: "wide" }, columns, view.look);
}

export function messageRows(view: View): number {
  const columns = view.layout.lower?.columns ?? 0;
  return messagesRowCount(messagesOf(view), columns, view.look);
}
