/** Boxes over the panes: a border with a title above and words below. */
import type { Rect, Size } from "../cells/rect.ts";
import type { Look } from "./look.ts";
import { row, type Span, spansWidth } from "./row.ts";

/** Finished rows and where they belong on the screen; every row is `rect.columns` cells wide. */
export interface Box {
  readonly rect: Rect;
  readonly rows: readonly string[];
}
export interface BoxContent {
  readonly title: string;
  /** At the right end of the lower border; "" = nothing. */
  readonly footer: string;
  /** Painted rows, each exactly `columns - borderCells` cells wide. */
  readonly rows: readonly string[];
  /** Border included. */
  readonly columns: number;
}

/** Border and one blank on both sides. */
export const BORDER_CELLS = 4;

/** In the middle of the screen; nothing on a screen that has no room for a box. */
export function box(content: BoxContent, screen: Size, look: Look): Box {
  const { glyphs } = look;
  const columns = Math.min(content.columns, screen.columns);
  if (columns <= BORDER_CELLS) return { rect: { x: 0, y: 0, columns: 0, rows: 0 }, rows: [] };
  const side = look.paint("rule", glyphs.vertical);
  const inner = content.rows.slice(0, Math.max(0, screen.rows - 2));
  const rows = [
    border([glyphs.topLeft, glyphs.topRight], titleSpans(content.title), "left", columns, look),
    ...inner.map((text) => `${side} ${text} ${side}`),
    border([glyphs.bottomLeft, glyphs.bottomRight], footerSpans(content.footer), "right", columns, look),
  ];
  return {
    rect: {
      x: Math.floor((screen.columns - columns) / 2),
      y: Math.max(0, Math.floor((screen.rows - rows.length) / 2)),
      columns,
      rows: rows.length,
    },
    rows,
  };
}

function titleSpans(title: string): readonly Span[] {
  return title === "" ? [] : [{ text: ` ${title} `, role: "title" }];
}

function footerSpans(footer: string): readonly Span[] {
  return footer === "" ? [] : [{ text: ` ${footer} `, role: "dim" }];
}

function border(
  corners: readonly [string, string],
  words: readonly Span[],
  end: "left" | "right",
  columns: number,
  look: Look,
): string {
  const [first, last] = corners;
  const stroke = (count: number): Span => ({
    text: look.glyphs.horizontal.repeat(Math.max(0, count)),
    role: "rule",
  });
  const room = columns - 3;
  const width = spansWidth(words, look);
  const shown = width <= room ? words : [];
  const rest = stroke(room - (width <= room ? width : 0));
  const middle = end === "left" ? [stroke(1), ...shown, rest] : [rest, ...shown, stroke(1)];
  return row([{ text: first, role: "rule" }, ...middle, { text: last, role: "rule" }], columns, look);
}
