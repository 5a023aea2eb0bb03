/** The warnings pane's rows: a list by line and rule, below it what the selected one asks for. */
import type { Size } from "../../cells/rect.ts";
import type { Look } from "../../drawing/look.ts";
import { fillRows, row, type Span, spansWidth } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";
import { wrapText } from "../../drawing/wrap.ts";

/** Texts are untrusted. */
export interface WarningRow {
  /** E.g. "12"; "" = about no line. */
  readonly line: string;
  /** E.g. "FromAsCasing"; "" = the engine names none. */
  readonly rule: string;
  readonly text: string;
}
export interface WarningsModel {
  readonly rows: readonly WarningRow[];
  readonly selected: number;
  /** First visible warning; the header row always stays. */
  readonly top: number;
  readonly focused: boolean;
  /** Search text; "" = none. */
  readonly search: string;
  /** What the rule of the selected one asks for, in sentences, and where that is explained. */
  readonly asked: readonly string[];
}

export const HEADER_ROWS = 1;
const RULE_ROWS = 1;
const LINE_CELLS = 5;
const GAP = 2;
/** Of the columns the names of the rules get no more than a third. */
const RULES_SHARE = 3;

/** How the rows of the pane are shared; `total`: rows that the list has. */
export function warningsSplit(
  rows: number,
  total: number,
): { readonly list: number; readonly asked: number } {
  const room = Math.max(0, rows - HEADER_ROWS - RULE_ROWS);
  const list = Math.max(1, Math.min(total, Math.ceil(room / 2)));
  return { list, asked: Math.max(0, room - list) };
}

/** `size.rows` rows, each exactly `size.columns` cells. */
export function warningsPane(model: WarningsModel, size: Size, look: Look): readonly string[] {
  const { rows, asked } = model;
  if (rows.length === 0)
    return fillRows([row([{ text: "  nothing is warned of", role: "dim" }], size.columns, look)], size);
  const split = warningsSplit(size.rows, rows.length);
  const widest = Math.max(...rows.map(({ rule }) => spansWidth([{ text: rule }], look)));
  const ruleCells = Math.min(widest, Math.floor(size.columns / RULES_SHARE));
  const listed = rows
    .slice(model.top, model.top + split.list)
    .map((entry, index) => warningRow(model, entry, model.top + index, ruleCells, size.columns, look));
  const header = `  line  ${ruleCells === 0 ? "" : "rule".padEnd(ruleCells + GAP)}what is warned of`;
  const sentences = [...cutText(rows[model.selected], ruleCells, size.columns, look), ...asked];
  const lines = sentences.flatMap((text) => wrapText(text, size.columns - 2 * GAP, look));
  const line = look.glyphs.horizontal.repeat(size.columns);
  return fillRows(
    [
      row([{ text: header, role: "dim" }], size.columns, look),
      ...listed,
      ...(lines.length === 0 ? [] : [row([{ text: line, role: "rule" }], size.columns, look)]),
      ...lines.slice(0, split.asked).map((text) => row([{ text: `  ${text}` }], size.columns, look)),
    ],
    size,
  );
}

function warningRow(
  model: WarningsModel,
  entry: WarningRow,
  index: number,
  ruleCells: number,
  columns: number,
  look: Look,
): string {
  const isSelected = index === model.selected;
  const spans: Span[] = [
    { text: isSelected ? look.glyphs.current : " ", role: "current" },
    { text: `${entry.line.padStart(LINE_CELLS)}${" ".repeat(GAP)}`, role: "dim" },
    ...(ruleCells === 0
      ? []
      : [{ text: row([{ text: entry.rule }], ruleCells + GAP, look), role: "warning" } as const]),
    { text: entry.text },
  ];
  const over = model.focused && isSelected ? "selected" : undefined;
  return row(withHits(spans, model.search), columns, look, { over });
}

/** The sentence again, below the list, where its row has no room for all of it. */
function cutText(
  entry: WarningRow | undefined,
  ruleCells: number,
  columns: number,
  look: Look,
): readonly string[] {
  if (entry === undefined) return [];
  const before = 1 + LINE_CELLS + GAP + (ruleCells === 0 ? 0 : ruleCells + GAP);
  return before + spansWidth([{ text: entry.text }], look) > columns ? [entry.text] : [];
}
