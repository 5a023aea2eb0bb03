/** Moving cursors and scrolling: a command and a view to the next state of the focused pane. Pure. */
import type { CommandId } from "./keymap.ts";
import { currentRow, rowOfStop, type SourceDocument } from "./models/source.ts";
import { stepRowCount } from "./models/steps.ts";
import { keepVisible, type ListPane, type ListView, type UiAction } from "./ui-state.ts";
import type { View } from "./view.ts";

type Motion = Extract<
  CommandId,
  "down" | "up" | "left" | "right" | "top" | "bottom" | "page-down" | "page-up" | "half-down" | "half-up"
>;

const MOTIONS: ReadonlySet<string> = new Set<Motion>([
  "down",
  "up",
  "left",
  "right",
  "top",
  "bottom",
  "page-down",
  "page-up",
  "half-down",
  "half-up",
]);
const SIDEWAYS_CELLS = 8;

export function isMotion(command: CommandId): command is Motion {
  return MOTIONS.has(command);
}

/** What a movement key does in the focused pane; `infoRows` and `messageRows` are the lengths of those panes. */
export function motionActions(
  motion: Motion,
  view: View,
  lengths: { readonly info: number; readonly messages: number },
): readonly UiAction[] {
  const { ui, layout, document } = view;
  switch (ui.focus) {
    case "source": {
      const moved = movedList(ui.source, motion, document.layout.rows, layout.source?.rows ?? 1);
      return [{ kind: "list", pane: "source", view: skipMessages(document, moved, ui.source.cursor) }];
    }
    case "steps": {
      const rows = (ui.lower === "steps" ? layout.lower : layout.steps)?.rows ?? 1;
      return [list("steps", movedList(ui.steps, motion, stepRowCount(document.program), rows))];
    }
    case "breaks": {
      const total = view.debug?.state.breakpoints.length ?? 0;
      return [list("breaks", movedList(ui.breaks, motion, total, (layout.lower?.rows ?? 2) - 1))];
    }
    case "info":
      return [list("info", scrolled(ui.info, motion, lengths.info, layout.lower?.rows ?? 1))];
    case "messages":
      return [
        list("messagesView", scrolled(ui.messagesView, motion, lengths.messages, layout.lower?.rows ?? 1)),
      ];
    case "log":
      return logMotion(motion, view);
    case "shell":
      return [];
  }
}

function list(pane: ListPane, view: ListView): UiAction {
  return { kind: "list", pane, view };
}

/** Rows that a movement goes; Infinity for the ends. */
export function distanceOf(motion: Motion, rows: number): number {
  switch (motion) {
    case "down":
      return 1;
    case "up":
      return -1;
    case "top":
      return Number.NEGATIVE_INFINITY;
    case "bottom":
      return Number.POSITIVE_INFINITY;
    case "page-down":
      return Math.max(1, rows - 1);
    case "page-up":
      return -Math.max(1, rows - 1);
    case "half-down":
      return Math.max(1, Math.floor(rows / 2));
    case "half-up":
      return -Math.max(1, Math.floor(rows / 2));
    case "left":
    case "right":
      return 0;
  }
}

function movedList(view: ListView, motion: Motion, total: number, rows: number): ListView {
  if (motion === "left") return { ...view, left: Math.max(0, view.left - SIDEWAYS_CELLS) };
  if (motion === "right") return { ...view, left: view.left + SIDEWAYS_CELLS };
  const cursor = Math.max(0, Math.min(total - 1, view.cursor + distanceOf(motion, rows)));
  return keepVisible({ ...view, cursor, centered: false }, total, rows);
}

/** A pane without a cursor: the top moves. */
function scrolled(view: ListView, motion: Motion, total: number, rows: number): ListView {
  if (motion === "left" || motion === "right") return view;
  const last = Math.max(0, total - rows);
  const from = Math.min(last, view.top);
  return { ...view, top: Math.max(0, Math.min(last, from + distanceOf(motion, rows))) };
}

/** The cursor never rests on a message row. */
function skipMessages(document: SourceDocument, view: ListView, from: number): ListView {
  const step = view.cursor >= from ? 1 : -1;
  let cursor = view.cursor;
  while (document.layout.rowAt(cursor)?.kind === "message") cursor += step;
  return document.layout.rowAt(cursor) === undefined ? { ...view, cursor: from } : { ...view, cursor };
}

function logMotion(motion: Motion, view: View): readonly UiAction[] {
  const { ui, logRows, layout } = view;
  if (logRows === undefined) return [];
  if (motion === "left") return [{ kind: "log", view: { left: Math.max(0, ui.log.left - SIDEWAYS_CELLS) } }];
  if (motion === "right") return [{ kind: "log", view: { left: ui.log.left + SIDEWAYS_CELLS } }];
  const rows = layout.lower?.rows ?? 1;
  const last = Math.max(logRows.first, logRows.end - rows);
  const top = Math.min(last, Math.max(logRows.first, (ui.log.top ?? last) + distanceOf(motion, rows)));
  return [{ kind: "log", view: { top: top >= last ? undefined : top, full: true } }];
}

/** `[ ]`, `{ }` and `H`: the row to go to; undefined when there is none in that direction. */
export function jumpRow(
  command: "step-next" | "step-previous" | "stage-next" | "stage-previous" | "here",
  view: View,
): number | undefined {
  const { document, ui, standings } = view;
  const { program } = document;
  if (program === undefined) return undefined;
  const from = ui.source.cursor;
  switch (command) {
    case "here":
      return currentRow(document, standings);
    case "step-next":
      return program.stops.map((stop) => rowOfStop(document, stop)).find((row) => row > from);
    case "step-previous":
      return program.stops.map((stop) => rowOfStop(document, stop)).findLast((row) => row < from);
    case "stage-next":
      return program.stages.map(({ start }) => document.layout.indexOfLine(start)).find((row) => row > from);
    case "stage-previous":
      return program.stages
        .map(({ start }) => document.layout.indexOfLine(start))
        .findLast((row) => row < from);
  }
}

/** The source pane with its cursor at `row`, shown in the middle. */
export function sourceAt(row: number): UiAction {
  return { kind: "list", pane: "source", view: { cursor: row, centered: true } };
}
