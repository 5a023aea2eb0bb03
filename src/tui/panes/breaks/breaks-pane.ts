/** The breakpoints pane. */
import type { Size } from "../../cells/rect.ts";
import type { Keys } from "../../commands/key-bindings.ts";
import type { Look } from "../../drawing/look.ts";
import { fillRows, row, type Span, spansWidth } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";

export interface BreakRow {
  readonly enabled: boolean;
  /** E.g. "Dockerfile:11", "end of stage app", "any error", "Dockerfile:17 -> end of stage app". */
  readonly place: string;
  /** The instruction there, e.g. "RUN npm run build"; "" = none. */
  readonly text: string;
  /** E.g. "before", "moved", "lost", "pending", "on error", "-" when off. */
  readonly when: string;
  readonly hits: number;
  /** E.g. "<- here", "(off)", "(always)", "EXPOSE runs nothing". */
  readonly note: string;
}
export interface BreaksModel {
  readonly rows: readonly BreakRow[];
  readonly selected: number;
  /** First visible breakpoint; the header row always stays. */
  readonly top: number;
  readonly focused: boolean;
  /** Search text; "" or absent = none. */
  readonly search?: string;
}

interface Columns {
  readonly where: number;
  /** Undefined: no room for it. */
  readonly when: number | undefined;
}

const GUTTER_CELLS = 10;
const WHEN_CELLS = 16;
const HITS_CELLS = 3;

/** `size.rows` rows, the first one with the names of the columns; each exactly `size.columns` cells. */
export function breaksPane(model: BreaksModel, size: Size, look: Look, keys: Keys): readonly string[] {
  if (model.rows.length === 0) {
    const text = `  ${noBreakpointWords(keys)}`;
    return fillRows([row([{ text, role: "dim" }], size.columns, look)], size);
  }
  const columns = columnsFor(model.rows, size.columns, look);
  const shown = model.rows
    .slice(model.top, model.top + Math.max(0, size.rows - 1))
    .map((entry, index) => breakRow(model, entry, model.top + index, columns, size.columns, look));
  return fillRows([headerRow(columns, size.columns, look), ...shown], size);
}

/** For the rule above the pane: "6 breakpoints, 1 moved". */
export function breaksSummary(rows: readonly BreakRow[]): string {
  const special = ["moved", "lost"].flatMap((when) => {
    const count = rows.filter((entry) => entry.when === when).length;
    return count === 0 ? [] : [`${count} ${when}`];
  });
  return [rows.length === 1 ? "1 breakpoint" : `${rows.length} breakpoints`, ...special].join(", ");
}

/** In place of a list of them, and said to a key that is for one. */
export function noBreakpointWords(keys: Keys): string {
  const [set, add] = [keys.keyOf("break-line"), keys.keyOf("break-add")];
  return `no breakpoints: ${set} on a line of the source sets one, ${add} adds one by name`;
}

/** As wide as the widest place; on narrow screens the column "when" goes first, then places are cut. */
function columnsFor(rows: readonly BreakRow[], columns: number, look: Look): Columns {
  const widest = Math.max(33, ...rows.map((entry) => spansWidth(whereSpans(entry), look))) + 2;
  const room = columns - GUTTER_CELLS - HITS_CELLS;
  if (widest + WHEN_CELLS <= room) return { where: widest, when: WHEN_CELLS };
  const least = 24;
  return room - WHEN_CELLS >= least
    ? { where: room - WHEN_CELLS, when: WHEN_CELLS }
    : { where: Math.max(4, room), when: undefined };
}

function headerRow(columns: Columns, width: number, look: Look): string {
  const text = `   #  on  ${"where".padEnd(columns.where)}${columns.when === undefined ? "" : "when".padEnd(columns.when)}hits`;
  return row([{ text, role: "dim" }], width, look);
}

function breakRow(
  model: BreaksModel,
  entry: BreakRow,
  index: number,
  columns: Columns,
  width: number,
  look: Look,
): string {
  const isSelected = index === model.selected;
  const over = model.focused && isSelected ? "selected" : undefined;
  const where = row(whereSpans(entry), columns.where - 1, look);
  const spans: Span[] = [
    { text: isSelected ? look.glyphs.current : " ", role: "current" },
    { text: `${String(index + 1).padStart(3)}  `, role: "dim" },
    { text: entry.enabled ? look.glyphs.breakpointOn : look.glyphs.breakpointOff, role: "breakpoint" },
    { text: `   ${where} ` },
    ...whenSpans(entry, columns),
    { text: `${String(entry.hits).padEnd(HITS_CELLS)}` },
    ...(entry.note === "" ? [] : [{ text: entry.note, role: "dim" } as const]),
  ];
  return row(withHits(spans, model.search ?? ""), width, look, { over });
}

function whereSpans(entry: BreakRow): readonly Span[] {
  return entry.text === "" ? [{ text: entry.place }] : [{ text: `${entry.place}  ${entry.text}` }];
}

function whenSpans(entry: BreakRow, columns: Columns): readonly Span[] {
  if (columns.when === undefined) return [];
  const special = entry.when === "moved" || entry.when === "lost";
  return [
    {
      text: `${entry.when} `.padEnd(columns.when).slice(0, columns.when),
      role: special ? "warning" : undefined,
    },
  ];
}
