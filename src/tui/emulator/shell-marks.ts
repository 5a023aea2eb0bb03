/** What the debugger draws over a shell's rows: search hits and the selection. */

import { slice, textWidth } from "../cells/width.ts";
import { hitsIn } from "../drawing/search-hits.ts";
import { type CellRange, type Selection, selectedCells } from "./selection.ts";

export interface ShellMarks {
  /** Looked for without regard to case; "" = nothing. */
  readonly search: string;
  readonly selection: Selection | undefined;
}

export const noMarks: ShellMarks = { search: "", selection: undefined };

const INVERSE = "\u001b[7m";
const RESET = "\u001b[0m";
const ESC = "\u001b";
const SGR = new RegExp(`${ESC}\\[[0-9;:]*m`, "g");

/** The row with its marked cells inverse; `line` is its index, `text` what stands in it. */
export function markedRow(
  row: string,
  { line, text, columns }: { readonly line: number; readonly text: string; readonly columns: number },
  { search, selection }: ShellMarks,
): string {
  const selected = selection === undefined ? undefined : selectedCells(selection, line, columns);
  if (selected !== undefined) return withInverse(row, selected, columns);
  if (search === "") return row;
  return hitCells(text, search).reduce((marked, cells) => withInverse(marked, cells, columns), row);
}

function hitCells(text: string, search: string): readonly CellRange[] {
  return hitsIn(text, search).map((at) => {
    const from = textWidth(text.slice(0, at));
    return { from, to: from + textWidth(text.slice(at, at + search.length)) };
  });
}

function withInverse(row: string, { from, to }: CellRange, columns: number): string {
  const end = Math.min(to, columns);
  if (end <= from) return row;
  const middle = slice(row, from, end - from).replace(SGR, "");
  return `${slice(row, 0, from)}${INVERSE}${middle}${RESET}${slice(row, end, columns - end)}`;
}
