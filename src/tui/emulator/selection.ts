/** A selection in a shell's lines: where it is and what it covers. Pure. */

/** `line` as `Emulator.lineText` counts, `column` in cells; both from 0. */
export interface Point {
  readonly line: number;
  readonly column: number;
}

/** The cells from one end to the other, both included; whole lines, or characters. */
export interface Selection {
  readonly unit: "lines" | "characters";
  /** The end that stays while the other one moves. */
  readonly anchor: Point;
  readonly head: Point;
}

/** Cells of one line: from the first up to `to`, not included. */
export interface CellRange {
  readonly from: number;
  readonly to: number;
}

export function selectLine(line: number): Selection {
  const point = { line, column: 0 };
  return { unit: "lines", anchor: point, head: point };
}

/** `v` again: lines, then characters, then nothing. */
export function nextUnit(selection: Selection): Selection | undefined {
  return selection.unit === "lines" ? { ...selection, unit: "characters" } : undefined;
}

/** Exchanges the end that moves with the one that stays. */
export function swapEnds({ unit, anchor, head }: Selection): Selection {
  return { unit, anchor: head, head: anchor };
}

/** The head goes elsewhere within the lines and columns that there are. Sideways means characters. */
export function moveHead(
  selection: Selection,
  by: { readonly lines: number; readonly columns: number },
  size: { readonly lines: number; readonly columns: number },
): Selection {
  const { head } = selection;
  return {
    ...selection,
    unit: by.columns === 0 ? selection.unit : "characters",
    head: {
      line: clamp(head.line + by.lines, size.lines - 1),
      column: clamp(head.column + by.columns, size.columns - 1),
    },
  };
}

/** The part of a line that is selected; undefined = nothing of it. */
export function selectedCells(selection: Selection, line: number, columns: number): CellRange | undefined {
  const [first, last] = ends(selection);
  if (line < first.line || line > last.line) return undefined;
  if (selection.unit === "lines") return { from: 0, to: columns };
  const from = line === first.line ? first.column : 0;
  const to = line === last.line ? last.column + 1 : columns;
  return { from, to };
}

/** First and last line of the selection. */
export function selectedLines(selection: Selection): readonly [number, number] {
  const [first, last] = ends(selection);
  return [first.line, last.line];
}

/** The ends in reading order. */
function ends({ anchor, head }: Selection): readonly [Point, Point] {
  const isForward = anchor.line < head.line || (anchor.line === head.line && anchor.column <= head.column);
  return isForward ? [anchor, head] : [head, anchor];
}

function clamp(value: number, last: number): number {
  return Math.max(0, Math.min(Math.max(0, last), value));
}
