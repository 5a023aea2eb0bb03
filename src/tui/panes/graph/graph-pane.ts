/** The graph pane: stages, their steps indented by what they are built on, and what feeds each of them. */
import type { Size } from "../../cells/rect.ts";
import { type Look, markGlyph, rightRole, type StepMark } from "../../drawing/look.ts";
import { fillRows, row, type Span } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";

export type GraphNote =
  | { readonly kind: "feeds" | "words"; readonly text: string }
  | { readonly kind: "breakpoint"; readonly is: "on" | "off"; readonly text: string };

export interface GraphPaneRow {
  /** On the first row of a stage, else "". */
  readonly stage: string;
  readonly depth: number;
  /** Undefined: there is no step. */
  readonly mark: StepMark | undefined;
  /** The build stands before it. */
  readonly current: boolean;
  /** An earlier stop is stood at, and the build really is here. */
  readonly live?: boolean;
  readonly text: string;
  readonly notes: readonly GraphNote[];
  /** E.g. "12s", "exit 2"; "" = nothing. */
  readonly right: string;
}

/** Of all rows, also those that are not shown: columns stay where they are while the pane is scrolled. */
export interface GraphWidths {
  /** Cells of the longest name. */
  readonly stage: number;
  /** Cells of the longest text with its indentation, of 2 for each level. */
  readonly text: number;
  readonly depth: number;
}

export interface GraphModel {
  /** The visible ones. */
  readonly rows: readonly GraphPaneRow[];
  readonly widest: GraphWidths;
  /** Index into `rows`; what is outside is not visible. */
  readonly selected: number;
  readonly focused: boolean;
  /** Search text; "" or absent = none. */
  readonly search?: string;
}

/** Where the columns are, in cells. */
interface Columns {
  readonly stage: number;
  /** Room for indentation and text. */
  readonly text: number;
  readonly indent: number;
}

/** Behind a stage's name: two blanks, the second one the place of `>`. */
const GAP = 3;
const MARK = 2;
const NOTES_GAP = 2;
const FEED = "<── ";

/** `size.rows` rows, each exactly `size.columns` cells. */
export function graphPane(model: GraphModel, size: Size, look: Look): readonly string[] {
  const columns = columnsFor(model.widest, size.columns);
  const rows = model.rows
    .slice(0, size.rows)
    .map((entry, index) =>
      graphRow(entry, { model, columns, selected: index === model.selected }, size, look),
    );
  return fillRows(rows, size);
}

/** Names of stages get a fifth at most; what feeds a step keeps at least two fifths. */
function columnsFor({ stage, text, depth }: GraphWidths, columns: number): Columns {
  const name = Math.min(stage, Math.max(4, Math.floor(columns / 5)));
  const rest = columns - name - GAP - MARK - NOTES_GAP;
  const room = Math.max(0, Math.min(text, rest - Math.floor((columns * 2) / 5)));
  // However deep, an instruction keeps the greater part of its room.
  const indent = depth === 0 ? 0 : Math.min(2, Math.floor(room / 2 / depth));
  return { stage: name, text: room, indent };
}

function graphRow(
  entry: GraphPaneRow,
  {
    model,
    columns,
    selected,
  }: { readonly model: GraphModel; readonly columns: Columns; readonly selected: boolean },
  size: Size,
  look: Look,
): string {
  const indent = Math.min(entry.depth * columns.indent, Math.floor(columns.text / 2));
  const name = row([{ text: entry.stage }], columns.stage, look);
  const spans: Span[] = [
    { text: name, role: "bold" },
    { text: " ".repeat(GAP - 1 + indent) },
    {
      text: entry.current ? look.glyphs.current : entry.live === true ? look.glyphs.live : " ",
      role: "current",
    },
    ...stepSpans(entry, columns.text - indent, look),
    ...noteSpans(entry.notes, look),
  ];
  const right: Span[] = entry.right === "" ? [] : [{ text: entry.right, role: rightRole(entry.mark) }];
  const over = model.focused && selected ? "selected" : undefined;
  return row(withHits(spans, model.search ?? ""), size.columns, look, { right, over });
}

function stepSpans({ mark, text, current, notes }: GraphPaneRow, room: number, look: Look): readonly Span[] {
  // A row without a step says why in its place.
  if (mark === undefined) return [];
  // Nothing stands behind it: the text may be as long as the row.
  if (notes.length === 0)
    return [
      { text: `${markGlyph(look, mark)} `, role: mark },
      { text, role: current ? "bold" : undefined },
    ];
  return [
    { text: `${markGlyph(look, mark)} `, role: mark },
    { text: row([{ text }], room, look), role: current ? "bold" : undefined },
    { text: " ".repeat(NOTES_GAP) },
  ];
}

function noteSpans(notes: readonly GraphNote[], look: Look): readonly Span[] {
  return notes.flatMap((note, index) => [{ text: index === 0 ? "" : "  " }, ...spansOf(note, look)]);
}

function spansOf(note: GraphNote, look: Look): readonly Span[] {
  switch (note.kind) {
    case "feeds":
      return [{ text: `${FEED}${note.text}`, role: "dim" }];
    case "words":
      return [{ text: note.text, role: "dim" }];
    case "breakpoint": {
      const { breakpointOn, breakpointOff } = look.glyphs;
      return [
        { text: `${note.is === "on" ? breakpointOn : breakpointOff} `, role: "breakpoint" },
        { text: note.is === "on" ? note.text : `${note.text} (off)`, role: "dim" },
      ];
    }
  }
}
