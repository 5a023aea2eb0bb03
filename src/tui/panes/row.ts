/** One row of a pane, put together from pieces of text: made harmless, measured, cut with `…`, filled with blanks. */
import { sanitizeLine } from "../sanitize.ts";
import type { Size } from "../surface.ts";
import { clip, pad, slice, textWidth } from "../width.ts";
import { hasColors, type Look, type Role } from "./look.ts";

/** Text as it came; it is made harmless here and nowhere else. */
export interface Span {
  readonly text: string;
  readonly role?: Role | undefined;
  /** Colours in the text are shown, unless the theme has none (log lines only). */
  readonly ownColors?: boolean;
}
export interface RowOptions {
  /** Stands at the right end, one blank before the border. */
  readonly right?: readonly Span[];
  /** Cells of `spans` scrolled out to the left. */
  readonly skip?: number;
  /** Spans in front that do not scroll. */
  readonly fixed?: readonly Span[];
  /** One role over the whole row, blanks included, instead of the spans' own (the selected row). */
  readonly over?: Role | undefined;
}

const tabStop = 8;
const emptyGap = 1;

/** Exactly `columns` cells wide. */
export function row(spans: readonly Span[], columns: number, look: Look, options: RowOptions = {}): string {
  if (columns <= 0) return "";
  const mono = options.over !== undefined;
  const ellipsis = look.glyphs.ellipsis;
  const right = clip(paintSpans(options.right ?? [], look, mono), columns, ellipsis);
  const rightWidth = textWidth(right);
  // In a row that is too narrow the margin before the border goes first.
  const margin = rightWidth > 0 && rightWidth < columns ? 1 : 0;
  const room = columns - rightWidth - margin - (rightWidth > 0 ? emptyGap : 0);
  const fixed = clip(paintSpans(options.fixed ?? [], look, mono), room, ellipsis);
  const content = scrolled(
    paintSpans(spans, look, mono),
    options.skip ?? 0,
    room - textWidth(fixed),
    ellipsis,
  );
  const text = pad(fixed + content, columns - rightWidth - margin) + right + " ".repeat(margin);
  return options.over === undefined ? text : look.paint(options.over, text);
}

function scrolled(text: string, skip: number, room: number, ellipsis: string): string {
  if (skip <= 0) return clip(text, room, ellipsis);
  const behind = textWidth(text) - skip;
  if (behind <= 0 || room <= 0) return "";
  return behind <= room ? slice(text, skip, behind) : slice(text, skip, room - 1) + ellipsis;
}

/** Harmless text with SGR, not cut; `mono`: without any SGR. */
export function paintSpans(spans: readonly Span[], look: Look, mono = false): string {
  let painted = "";
  let column = 0;
  for (const span of spans) {
    const text = harmless(span, column, look, mono);
    column += textWidth(text);
    painted += span.role === undefined || mono ? text : look.paint(span.role, text);
  }
  return painted;
}

/** Width in cells of all the text once it is harmless. */
export function spansWidth(spans: readonly Span[], look: Look): number {
  return textWidth(paintSpans(spans, look, true));
}

function harmless(span: Span, column: number, look: Look, mono: boolean): string {
  const sgr = span.ownColors === true && !mono && hasColors(look) ? "keep" : "strip";
  const text = look.ascii ? transliterate(span.text) : span.text;
  if (!text.includes("\t")) return sanitizeLine(text, { sgr, ascii: look.ascii });
  // Tab stops count from the start of the row, not of the span.
  const lead = column % tabStop;
  return sanitizeLine(" ".repeat(lead) + text, { sgr, ascii: look.ascii }).slice(lead);
}

const asciiForms: Readonly<Record<string, string>> = {
  "·": "-",
  "…": "~",
  "→": ">",
  "─": "-",
  "│": "|",
  "✓": "+",
  "✗": "x",
  "●": "*",
  "○": "o",
};

/** The signs that bktui's own sentences use, cell for cell; other signs are replaced later. */
function transliterate(text: string): string {
  return text.replace(/[·…→─│✓✗●○]/g, (sign) => asciiForms[sign] ?? sign);
}

/** Exactly `size.rows` rows: blank rows are added, rows too many dropped. */
export function fillRows(rows: readonly string[], size: Size): readonly string[] {
  const shown = rows.slice(0, Math.max(0, size.rows));
  while (shown.length < size.rows) shown.push(" ".repeat(size.columns));
  return shown;
}
