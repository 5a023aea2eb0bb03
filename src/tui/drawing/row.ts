/** One row of a pane, put together from pieces of text: made harmless, measured, cut with `…`, filled with blanks. */

import type { Size } from "../cells/rect.ts";
import { sanitizeLine } from "../cells/sanitize.ts";
import { clip, slice, textWidth } from "../cells/width.ts";
import type { Look, Role } from "./look.ts";

/** Text as it came; it is made harmless here and nowhere else. */
export interface Span {
  readonly text: string;
  readonly role?: Role | undefined;
  /** Colours in the text are shown, unless the theme has none (log lines only). */
  readonly ownColors?: boolean;
  /** A name in an image: sequences in it are shown, not left out. */
  readonly isName?: boolean;
}

export interface RowOptions {
  /** Stands at the right end, one blank before the border. */
  readonly right?: readonly Span[];
  /** Cells of `spans` scrolled out to the left. */
  readonly skip?: number;
  /** Spans in front that do not scroll. */
  readonly fixed?: readonly Span[];
  /** One role over the row, blanks included, instead of the spans' own (the selected row); `fixed` keeps its roles. */
  readonly over?: Role | undefined;
}

const TAB_STOP = 8;

/** Painted text and its width in cells. */
interface Painted {
  readonly text: string;
  readonly width: number;
}

/** Exactly `columns` cells wide. */
export function row(spans: readonly Span[], columns: number, look: Look, options: RowOptions = {}): string {
  if (columns <= 0) return "";
  const mono = options.over !== undefined;
  const right = cut(painted(options.right ?? [], look, mono, columns), columns, look);
  // In a row that is too narrow the margin before the border goes first.
  const margin = right.width > 0 && right.width < columns ? 1 : 0;
  const edge = columns - right.width - margin;
  const room = right.width > 0 ? edge - 1 : edge;
  const fixed = cut(painted(options.fixed ?? [], look, false, room), room, look);
  const skip = options.skip ?? 0;
  const left = Math.max(0, room - fixed.width);
  const content = scrolled(painted(spans, look, mono, skip + left), skip, left, look);
  const blanks = " ".repeat(edge - fixed.width - content.width);
  const text = content.text + blanks + right.text + " ".repeat(margin);
  return fixed.text + (options.over === undefined ? text : look.paint(options.over, text));
}

function cut(whole: Painted, room: number, look: Look): Painted {
  if (whole.width <= room) return whole;
  const text = clip(whole.text, room, look.glyphs.ellipsis);
  return { text, width: textWidth(text) };
}

function scrolled(whole: Painted, skip: number, room: number, look: Look): Painted {
  if (skip <= 0) return cut(whole, room, look);
  const behind = whole.width - skip;
  if (behind <= 0 || room <= 0) return { text: "", width: 0 };
  if (behind <= room) return { text: slice(whole.text, skip, behind), width: behind };
  return { text: slice(whole.text, skip, room - 1) + look.glyphs.ellipsis, width: room };
}

/** Harmless text with SGR, not cut; `mono`: without any SGR. */
export function paintSpans(spans: readonly Span[], look: Look, mono = false): string {
  return painted(spans, look, mono, Number.POSITIVE_INFINITY).text;
}

/** Width in cells of all the text once it is harmless. */
export function spansWidth(spans: readonly Span[], look: Look): number {
  return painted(spans, look, true, Number.POSITIVE_INFINITY).width;
}

/** Spans that begin behind cell `limit` are left out; the width is then more than `limit`. */
function painted(spans: readonly Span[], look: Look, mono: boolean, limit: number): Painted {
  let text = "";
  let width = 0;
  for (const span of spans) {
    if (width > limit) break;
    const shown = harmless(span, width, look, mono);
    width += textWidth(shown);
    text += span.role === undefined || mono ? shown : look.paint(span.role, shown);
  }
  return { text, width };
}

function harmless(span: Span, column: number, look: Look, mono: boolean): string {
  const sgr = sgrOf(span, look, mono);
  const text = look.ascii ? transliterate(span.text) : span.text;
  if (!text.includes("\t")) return sanitizeLine(text, { sgr, ascii: look.ascii });
  // Tab stops count from the start of the row, not of the span.
  const lead = column % TAB_STOP;
  return sanitizeLine(" ".repeat(lead) + text, { sgr, ascii: look.ascii }).slice(lead);
}

function sgrOf({ ownColors, isName }: Span, look: Look, mono: boolean): "keep" | "strip" | "show" {
  if (isName === true) return "show";
  return ownColors === true && !mono && look.color ? "keep" : "strip";
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
