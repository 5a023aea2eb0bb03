/** Moving cursors and scrolling: a command and a view to the next state of the focused pane. Pure. */

import type { CommandId } from "../../console/command-table.ts";
import type { StepId } from "../../graph/program.ts";
import { PANES } from "../panes/all-panes.ts";
import { currentRow, type StepPlace, stepOfCursor } from "../panes/source/source-document.ts";
import type { View } from "../screen/view.ts";
import type { UiAction } from "../state/ui-state.ts";

type CursorMove = Extract<
  CommandId,
  "down" | "up" | "left" | "right" | "top" | "bottom" | "page-down" | "page-up" | "half-down" | "half-up"
>;

const CURSOR_MOVES: ReadonlySet<string> = new Set<CursorMove>([
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

export function isCursorMove(command: CommandId): command is CursorMove {
  return CURSOR_MOVES.has(command);
}

/** What a movement key does in the focused pane. */
export function cursorMoveActions(move: CursorMove, view: View): readonly UiAction[] {
  const pane = PANES[view.ui.focus];
  const scrolling = isPage(move) ? pane.scrolling?.(view) : undefined;
  if (scrolling !== undefined) return scrolling.by(distanceOf(move, scrolling.rows));
  if (move === "left") return pane.sideways(-SIDEWAYS_CELLS, view);
  if (move === "right") return pane.sideways(SIDEWAYS_CELLS, view);
  return pane.moved(distanceOf(move, pane.height(view)), view);
}

/** Rows that a movement goes; Infinity for the ends. */
export function distanceOf(move: CursorMove, rows: number): number {
  switch (move) {
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

function isPage(move: CursorMove): boolean {
  return move.startsWith("page-") || move.startsWith("half-");
}

/** `[ ]`, `{ }` and `H`: the place to go to; undefined when there is none in that direction. */
export function jumpPlace(
  command: "step-next" | "step-previous" | "stage-next" | "stage-previous" | "here",
  view: View,
): StepPlace | undefined {
  const { document, ui, badgeSources } = view;
  const { program } = document;
  if (program === undefined) return undefined;
  const from = ui.source.cursor;
  const here = badgeSources === undefined ? undefined : stepOfCursor(ui, document, badgeSources)?.id;
  const stages = (): readonly StepPlace[] =>
    program.stages.map(({ start }) => ({ row: document.layout.indexOfLine(start), step: undefined }));
  switch (command) {
    case "here": {
      const row = currentRow(document, badgeSources);
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
