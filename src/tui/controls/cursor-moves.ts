/** Moving cursors and scrolling: a command and a view to the next state of the focused pane. Pure. */
import type { StepId } from "../../graph/program.ts";
import type { CommandId, PaneId } from "../commands/keymap.ts";
import { filesSplit, textRowCount } from "../panes/files/files-pane.ts";
import {
  currentRow,
  type SourceDocument,
  type StepPlace,
  stepOfCursor,
} from "../panes/source/source-document.ts";
import { stepRowCount } from "../panes/steps/step-list.ts";
import type { View } from "../screen/view.ts";
import { keepVisible, type ListPane, type ListView, type UiAction } from "../state/ui-state.ts";

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

interface Lengths {
  readonly info: number;
  readonly messages: number;
}

/** What a movement key does in the focused pane; `lengths`: rows of those panes. */
export function motionActions(motion: Motion, view: View, lengths: Lengths): readonly UiAction[] {
  const { focus } = view.ui;
  if (focus === "files" && isPage(motion)) {
    const text = textMoved(distanceOf(motion, filesHeights(view).text), view);
    if (text !== undefined) return text;
  }
  if (motion === "left" || motion === "right") return sideways(motion === "left" ? -1 : 1, view);
  return movedBy(focus, distanceOf(motion, heightOf(focus, view)), view, lengths);
}

/** A pane's cursor goes so many rows; panes without one are scrolled. */
export function movedBy(pane: PaneId, distance: number, view: View, lengths: Lengths): readonly UiAction[] {
  const { ui, document } = view;
  const rows = heightOf(pane, view);
  switch (pane) {
    case "source": {
      const moved = movedList(ui.source, distance, document.layout.rows, rows);
      return [list("source", skipMessages(document, moved, ui.source.cursor))];
    }
    case "steps":
      return [list("steps", movedList(ui.steps, distance, stepRowCount(document.program), rows))];
    case "files":
      return filesMoved(distance, view, rows);
    case "breaks": {
      const total = view.debug?.state.breakpoints.length ?? 0;
      return [list("breaks", movedList(ui.breaks, distance, total, rows))];
    }
    case "graph":
      return [list("graph", movedList(ui.graph, distance, view.graph?.outline.rows.length ?? 0, rows))];
    case "info":
      return [list("info", scrolled(ui.info, distance, lengths.info, rows))];
    case "messages":
      return [list("messagesView", scrolled(ui.messagesView, distance, lengths.messages, rows))];
    case "log":
      return logMoved(distance, view);
    case "shell":
    case "editor":
      return [];
  }
}

/** Rows that a pane shows of its content. */
function heightOf(pane: PaneId, view: View): number {
  const { ui, layout } = view;
  const lower = layout.lower?.rows ?? 1;
  switch (pane) {
    case "source":
      return layout.source?.rows ?? 1;
    case "steps":
      return ui.lower === "steps" ? lower : (layout.steps?.rows ?? 1);
    case "files":
      return filesHeights(view).list;
    case "breaks":
      return lower - 1;
    case "graph":
    case "info":
    case "messages":
    case "log":
    case "shell":
    case "editor":
      return lower;
  }
}

function sideways(sign: 1 | -1, { ui }: View): readonly UiAction[] {
  const from = (left: number): number => Math.max(0, left + sign * SIDEWAYS_CELLS);
  switch (ui.focus) {
    case "source":
      return [{ kind: "list", pane: "source", view: { left: from(ui.source.left) } }];
    case "log":
      return [{ kind: "log", view: { left: from(ui.log.left) } }];
    case "files": {
      const { text } = ui.filesPane;
      return [{ kind: "files", change: { text: { ...text, left: from(text.left) } } }];
    }
    case "steps":
    case "breaks":
    case "graph":
    case "info":
    case "messages":
    case "shell":
    case "editor":
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

function movedList(view: ListView, distance: number, total: number, rows: number): ListView {
  const cursor = Math.max(0, Math.min(total - 1, view.cursor + distance));
  return keepVisible({ ...view, cursor, centered: false }, total, rows);
}

/** A pane without a cursor: the top moves. */
function scrolled(view: ListView, distance: number, total: number, rows: number): ListView {
  const last = Math.max(0, total - rows);
  return { ...view, top: Math.max(0, Math.min(last, Math.min(last, view.top) + distance)) };
}

/** The cursor never rests on a message row. */
function skipMessages(document: SourceDocument, view: ListView, from: number): ListView {
  const step = view.cursor >= from ? 1 : -1;
  let cursor = view.cursor;
  while (document.layout.rowAt(cursor)?.kind === "message") cursor += step;
  return document.layout.rowAt(cursor) === undefined ? { ...view, cursor: from } : { ...view, cursor };
}

function isPage(motion: Motion): boolean {
  return motion.startsWith("page-") || motion.startsWith("half-");
}

export function filesHeights({ files, layout }: View): ReturnType<typeof filesSplit> {
  return filesSplit(layout.lower?.rows ?? 1, files?.rows.length ?? 0, files?.text !== undefined);
}

function filesMoved(distance: number, { ui, files }: View, rows: number): readonly UiAction[] {
  return [list("files", movedList(ui.files, distance, files?.rows.length ?? 0, rows))];
}

/** The text below the list scrolls; undefined when there is none. */
export function textMoved(distance: number, view: View): readonly UiAction[] | undefined {
  const shown = view.files?.text;
  if (shown === undefined) return undefined;
  const { text } = view.ui.filesPane;
  const last = Math.max(0, textRowCount(shown.text) - filesHeights(view).text);
  const top = Math.max(0, Math.min(last, (text.top ?? 0) + distance));
  return [{ kind: "files", change: { text: { ...text, top } } }];
}

function logMoved(distance: number, view: View): readonly UiAction[] {
  const { ui, logRows } = view;
  if (logRows === undefined) return [];
  const last = Math.max(logRows.first, logRows.end - heightOf("log", view));
  const top = Math.min(last, Math.max(logRows.first, (ui.log.top ?? last) + distance));
  return [{ kind: "log", view: { top: top >= last ? undefined : top, full: true } }];
}

/** `[ ]`, `{ }` and `H`: the place to go to; undefined when there is none in that direction. */
export function jumpPlace(
  command: "step-next" | "step-previous" | "stage-next" | "stage-previous" | "here",
  view: View,
): StepPlace | undefined {
  const { document, ui, standings } = view;
  const { program } = document;
  if (program === undefined) return undefined;
  const from = ui.source.cursor;
  const here = standings === undefined ? undefined : stepOfCursor(ui, document, standings)?.id;
  const stages = (): readonly StepPlace[] =>
    program.stages.map(({ start }) => ({ row: document.layout.indexOfLine(start), step: undefined }));
  switch (command) {
    case "here": {
      const row = currentRow(document, standings);
      return row === undefined ? undefined : { row, step: undefined };
    }
    case "step-next":
      return document.places.find((place) => isBehind(place, from, here));
    case "step-previous":
      return document.places.findLast((place) => isBefore(place, from, here));
    case "stage-next":
      return stages().find(({ row }) => row > from);
    case "stage-previous":
      return stages().findLast(({ row }) => row < from);
  }
}

/** Of the steps of one row those behind the selected one count too. */
function isBehind({ row, step }: StepPlace, from: number, here: StepId | undefined): boolean {
  if (row !== from) return row > from;
  return step !== undefined && (here === undefined || step > here);
}

/** A place without a step, as a stage's end is, is not before itself. */
function isBefore({ row, step }: StepPlace, from: number, here: StepId | undefined): boolean {
  if (row !== from) return row < from;
  return step !== undefined && here !== undefined && step < here;
}

/** The source pane with its cursor at `row`, shown in the middle. */
export function sourceAt(row: number): UiAction {
  return { kind: "list", pane: "source", view: { cursor: row, centered: true } };
}

/** The same, with one of the row's steps selected. */
export function sourceAtStep({ row, step }: StepPlace): readonly UiAction[] {
  return [sourceAt(row), ...(step === undefined ? [] : [{ kind: "choose-step", step } as const])];
}
