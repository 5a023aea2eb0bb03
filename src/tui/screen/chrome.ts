/** The rows between the panes: status, rules, hints. One string per screen row; panes are laid over them. */

import { basename } from "node:path";
import { count } from "../../base/words.ts";
import { warningsAt } from "../../debugger/explain/warning-words.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { stopOf } from "../../debugger/state/inspect.ts";
import { rankOnLine } from "../../debugger/state/line-steps.ts";
import { hintRow } from "../drawing/hint-row.ts";
import { type Joint, jointCell, type RuleModel, ruleRow, type Tab, type Toast } from "../drawing/rule.ts";
import { breakRows } from "../panes/breaks/break-list.ts";
import { breaksSummary } from "../panes/breaks/breaks-pane.ts";
import { graphSummary } from "../panes/graph/graph-outline.ts";
import { infoSummary } from "../panes/info/info-entries.ts";
import { logSummary } from "../panes/log/log-pane.ts";
import { stepOfCursor } from "../panes/source/source-document.ts";
import type { SourceRow } from "../panes/source/source-layout.ts";
import { stepList } from "../panes/steps/step-list.ts";
import { stepsSummary } from "../panes/steps/steps-pane.ts";
import type { LowerPane, UiState } from "../state/ui-state.ts";
import { logModel } from "./draw.ts";
import { hintModel } from "./hints.ts";
import { statusRow } from "./status-row.ts";
import { showsSummary, type View } from "./view.ts";

interface Piece {
  readonly x: number;
  readonly columns: number;
  readonly text: string;
}

const LOWER_TABS: readonly { readonly pane: LowerPane; readonly key: string; readonly name: string }[] = [
  { pane: "log", key: "3", name: "Log" },
  { pane: "shell", key: "4", name: "Shell" },
  { pane: "files", key: "5", name: "Files" },
  { pane: "breaks", key: "6", name: "Breaks" },
  { pane: "graph", key: "7", name: "Graph" },
  { pane: "info", key: "8", name: "Info" },
];

/** Panes that have a tab only while they are shown. */
const GUEST_TABS: typeof LOWER_TABS = [
  { pane: "steps", key: "2", name: "Steps" },
  { pane: "editor", key: "e", name: "Editor" },
  { pane: "messages", key: ":", name: "Messages" },
];

/** As many strings as the screen has rows; rows without chrome are "". */
export function chromeRows(view: View): readonly string[] {
  const { size, layout, look } = view;
  const pieces: Piece[][] = Array.from({ length: size.rows }, () => []);
  const put = (y: number, piece: Piece): void => {
    pieces[y]?.push(piece);
  };
  const { status, hint } = layout;
  if (status.rows > 0)
    put(status.y, { x: 0, columns: status.columns, text: statusRow(view.status, status.columns, look) });
  if (hint.rows > 0) {
    const model = hintModel(view.situation, size.columns);
    put(hint.y, { x: 0, columns: hint.columns, text: hintRow(model, hint.columns, look) });
  }
  for (const { kind, rect } of layout.rules) {
    if (kind === "divider") {
      for (let y = rect.y; y < rect.y + rect.rows; y += 1) {
        put(y, { x: rect.x, columns: 1, text: jointCell(jointAt(view, y, rect.y), look) });
      }
    } else {
      put(rect.y, {
        x: rect.x,
        columns: rect.columns,
        text: ruleRow(ruleModel(view, kind), rect.columns, look),
      });
    }
  }
  return pieces.map(joined);
}

/** Pieces of one row from the left, with blanks between them. */
function joined(pieces: readonly Piece[]): string {
  let text = "";
  let x = 0;
  for (const piece of [...pieces].sort((a, b) => a.x - b.x)) {
    text += " ".repeat(Math.max(0, piece.x - x)) + piece.text;
    x = piece.x + piece.columns;
  }
  return text;
}

function jointAt(view: View, y: number, top: number): Joint {
  if (y === top) return "down";
  const crossing = view.layout.rules.some(({ kind, rect }) => kind === "lower" && rect.y === y);
  return crossing ? "left" : "none";
}

function ruleModel(view: View, kind: "source" | "lower" | "steps" | "info" | "log"): RuleModel {
  const { ui } = view;
  switch (kind) {
    case "source":
      return rule(
        [tab("1", "Source", ui.focus === "source" && ui.keyboard === "debugger")],
        sourceWords(view),
      );
    case "steps":
      return rule([tab("2", "Steps", ui.focus === "steps")], stepsWords(view));
    case "info":
      return rule([tab("8", "Info", false)], "");
    case "log":
      return ui.lower === "log"
        ? rule(
            [tab("6", "Breaks", false)],
            view.debug === undefined ? "" : breaksSummary(breakRows(view.debug.state)),
          )
        : rule([tab("3", "Log", false)], "tail");
    case "lower":
      return { ...rule(lowerTabs(ui), lowerWords(view)), toast: toastOf(ui) };
  }
}

function rule(tabs: readonly Tab[], right: string): RuleModel {
  return { tabs, right, toast: undefined };
}

function tab(key: string, name: string, focused: boolean): Tab {
  return { key, name, state: focused ? "focused" : "other" };
}

function lowerTabs(ui: UiState): readonly Tab[] {
  const tabs = LOWER_TABS.map(({ pane, key, name }): Tab => {
    if (pane !== ui.lower) return { key, name, state: "other" };
    return { key, name, state: ui.focus === pane ? "focused" : "shown" };
  });
  const guest = GUEST_TABS.find(({ pane }) => pane === ui.lower);
  if (guest === undefined) return tabs;
  const { pane, key, name } = guest;
  const shown: Tab = { key, name, state: ui.focus === pane ? "focused" : "shown" };
  // In the order of the keys.
  return pane === "steps" ? [shown, ...tabs] : [...tabs, shown];
}

function toastOf(ui: UiState): Toast | undefined {
  if (ui.toast === undefined) return undefined;
  return { text: ui.toast.text, tone: ui.toast.level === "error" ? "failed" : "plain" };
}

function sourceWords(view: View): string {
  const { document, ui, situation, standings } = view;
  const row = document.layout.rowAt(ui.source.cursor);
  if (row === undefined) return "";
  if (row.kind === "end") return `${row.stage} · end of stage`;
  const line = `line ${row.line}/${document.layout.lines}`;
  const stage = document.program?.stages.find(({ start, end }) => start <= row.line && row.line <= end)?.name;
  const { program } = document;
  const step = standings === undefined ? undefined : stepOfCursor(ui, document, standings);
  const rank = program === undefined || step === undefined ? undefined : rankOnLine(program, row.line, step);
  const several = rank === undefined ? "" : ` · step ${rank.nth} of ${rank.of} here`;
  const place = stage === undefined || situation.moment === "loaded" ? line : `${stage} · ${line}`;
  return `${place}${several}${warnedWords(view, row)}`;
}

/** What is warned of at the cursor; a message below the line says it already where a file was refused for it. */
function warnedWords({ debug, situation }: View, row: SourceRow): string {
  if (row.kind !== "line" || situation.moment === "broken") return "";
  const warned = warningsAt(row.line, debug?.progress.warnings ?? []);
  return warned.map(({ text }) => ` · ! ${text}`).join("");
}

function stepsWords({ document, standings }: View): string {
  if (document.program === undefined || standings === undefined) return "";
  return stepsSummary(stepList(document.program, standings).counts);
}

function lowerWords(view: View): string {
  const { ui, debug } = view;
  switch (ui.lower) {
    case "steps":
      return stepsWords(view);
    case "log":
      return logWords(view);
    case "shell":
      return shellWords(view);
    case "editor":
      return basename(view.request.dockerfile);
    case "files":
      return view.files?.words ?? "";
    case "breaks":
      return debug === undefined ? "" : breaksSummary(breakRows(debug.state));
    case "graph":
      return view.graph === undefined ? "" : graphSummary(view.graph);
    case "info":
      return infoSummary(view.selected, view.document.program);
    case "messages":
      return count(ui.messages.length, "message");
  }
}

function logWords(view: View): string {
  const rect = view.layout.lower;
  const model = logModel(view);
  if (rect === undefined || model === undefined || view.block !== undefined) return "";
  if (showsSummary(view)) {
    const lines = Math.max(0, model.rows.end - model.rows.first);
    return lines === 0 ? "" : `${count(lines, "line")} · Enter full log`;
  }
  const running = view.situation.moment === "running";
  const summary = logSummary(model, rect);
  return summary === "following" && !running ? "" : summary;
}

function shellWords({ shell, ui, debug }: View): string {
  if (shell === undefined) return "";
  const parts = [shell.reproduced ? "FAILED (reproduced)" : `${sideWord(shell.side)} state`];
  if (shell.count > 1) parts.unshift(`shell ${shell.number}/${shell.count}`);
  if (shell.other !== undefined) parts.push(`x=${sideWord(shell.other)}`);
  const stop = debug === undefined ? undefined : stopOf(debug.state);
  // It would be taken for one in the step where the build stands.
  if (ui.shell !== undefined && ui.shell.step !== stop?.step) parts.unshift(`step ${ui.shell.step + 1}`);
  if (shell.phase.kind === "alive" || shell.phase.kind === "ended") {
    if (shell.phase.note !== "") parts.unshift(shell.phase.note);
    if (shell.phase.place !== "") parts.push(shell.phase.place);
  }
  return parts.join(" · ");
}
