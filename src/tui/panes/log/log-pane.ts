/** The log pane: all steps' output in order of arrival, or one step's. */
import { unreachable } from "../../../base/errors.ts";
import type { VertexProgress } from "../../../debugger/progress/progress-store.ts";
import type { Digest } from "../../../graph/graph.ts";
import type { Size } from "../../cells/rect.ts";
import { textWidth } from "../../cells/width.ts";
import type { Look } from "../../drawing/look.ts";
import { fillRows, paintSpans, row, type Span } from "../../drawing/row.ts";
import { clampTop } from "../../drawing/row-window.ts";
import { withHits } from "../../drawing/search-hits.ts";
import { chunks } from "../../drawing/wrap.ts";
import type { LogRow, LogRows } from "./log-rows.ts";

export interface LogModel {
  readonly rows: LogRows;
  /** First visible row index, or "end" to follow. */
  readonly top: number | "end";
  readonly left: number;
  readonly wrap: boolean;
  readonly search: string;
  /** Row under the cursor (a search hit); undefined = none. */
  readonly cursor: number | undefined;
  /** How a vertex is called and how it ended; `run`: one of several runs, as it ended. */
  label(vertex: Digest, run?: VertexProgress): LogLabel;
}
export interface LogLabel {
  /** E.g. "#4"; "" for vertices that belong to no step. */
  readonly number: string;
  /** E.g. "[deps 4/4] RUN npm ci". */
  readonly name: string;
  /** E.g. "done 31.2s", "cached", "ERROR: exit code 2"; "" while it runs. */
  readonly ended: string;
  readonly failed: boolean;
}

/** `  0.412 ` */
const TIME_CELLS = 8;

/** `size.rows` rows, each exactly `size.columns` cells. */
export function logPane(model: LogModel, size: Size, look: Look): readonly string[] {
  if (wraps(model, size.columns)) return wrappedPane(model, size, look);
  const top = firstRow(model, size.rows);
  const shown: string[] = [];
  for (let index = top; index < Math.min(model.rows.end, top + size.rows); index += 1) {
    shown.push(...rowsAt(model, index, size.columns, look));
  }
  return fillRows(shown, size);
}

/** For the rule above the pane: "following", "214 new lines below", "". */
export function logSummary(model: Pick<LogModel, "rows" | "top">, size: Size): string {
  if (model.top === "end") return "following";
  const below = model.rows.end - firstRow(model, size.rows) - size.rows;
  if (below <= 0) return "";
  return below === 1 ? "1 new line below" : `${below} new lines below`;
}

/** `  0.412 `: seconds since the start of the step, in eight cells. */
export function timeSpan(sinceStartMs: number): Span {
  const seconds = sinceStartMs / 1000;
  const digits = seconds < 100 ? 3 : seconds < 1000 ? 2 : seconds < 10_000 ? 1 : 0;
  return { text: `${seconds.toFixed(digits).padStart(TIME_CELLS - 1)} `, role: "dim" };
}

function firstRow(model: Pick<LogModel, "rows" | "top">, rows: number): number {
  const { first, end } = model.rows;
  if (model.top === "end") return first + clampTop(end - first - rows, rows, end - first);
  return first + clampTop(model.top - first, rows, end - first);
}

/** Behind the time there must be room for some text. */
function wraps(model: LogModel, columns: number): boolean {
  return model.wrap && columns > 2 * TIME_CELLS;
}

/** Rows are as high as their text needs; following shows the end of the last one. */
function wrappedPane(model: LogModel, size: Size, look: Look): readonly string[] {
  const { first, end } = model.rows;
  const shown: string[] = [];
  if (model.top !== "end") {
    for (let index = Math.max(first, model.top); index < end && shown.length < size.rows; index += 1) {
      shown.push(...rowsAt(model, index, size.columns, look));
    }
    return fillRows(shown, size);
  }
  for (let index = end - 1; index >= first && shown.length < size.rows; index -= 1) {
    shown.unshift(...rowsAt(model, index, size.columns, look));
  }
  return fillRows(shown.slice(Math.max(0, shown.length - size.rows)), size);
}

function rowsAt(model: LogModel, index: number, columns: number, look: Look): readonly string[] {
  const entry = model.rows.row(index);
  if (entry === undefined) return [];
  const over = model.cursor === index ? "selected" : undefined;
  const { fixed, spans } = parts(model, entry, look);
  if (!wraps(model, columns)) return [row(spans, columns, look, { fixed, skip: model.left, over })];
  const lead = fixed.length === 0 ? 0 : TIME_CELLS;
  const room = Math.max(1, columns - lead);
  const text = paintSpans(spans, look, over !== undefined);
  return chunks(text, room).map((chunk, part) => {
    const front = part === 0 ? paintSpans(fixed, look) : " ".repeat(lead);
    const whole = chunk + " ".repeat(Math.max(0, room - textWidth(chunk)));
    return front + (over === undefined ? whole : look.paint(over, whole));
  });
}

function parts(
  model: LogModel,
  entry: LogRow,
  look: Look,
): { fixed: readonly Span[]; spans: readonly Span[] } {
  switch (entry.kind) {
    case "header": {
      const label = model.label(entry.vertex);
      return { fixed: [], spans: withHits(headerSpans(label), model.search) };
    }
    case "end":
      return { fixed: [], spans: withHits(endSpans(model.label(entry.vertex, entry.run)), model.search) };
    case "line": {
      const clip = CLIPPED.exec(entry.text);
      const spans =
        clip === null ? lineSpans(model, entry.text) : clippedSpans(entry.text.slice(0, clip.index), clip[1]);
      return { fixed: [timeSpan(entry.sinceStartMs)], spans: [...spans, ...rewrittenMark(entry.raw)] };
    }
    case "gap":
      return { fixed: [], spans: [{ text: gapText(entry.lines, look), role: "dim" }] };
    case "note":
      return {
        fixed: [],
        spans: [{ text: `${look.glyphs.horizontal.repeat(2)} ${entry.text}`, role: "current" }],
      };
    default:
      return unreachable(entry);
  }
}

/** What BuildKit (0.8 to 0.32) writes in place of output that it drops. */
const CLIPPED = /\[output clipped, log limit ([^\]]{1,40}) reached\]$/;

function clippedSpans(before: string, limit = ""): readonly Span[] {
  return [
    ...(before === "" ? [] : [{ text: `${before} `, ownColors: true }]),
    { text: `clipped by the engine: it keeps ${limit} of output`, role: "warning" },
  ];
}

/** Behind a line that wrote over itself. */
export function rewrittenMark(raw: string | undefined): readonly Span[] {
  return raw === undefined ? [] : [{ text: "  (rewritten)", role: "dim" }];
}

/** A line with hits is shown without its own colours: the hits would be lost between them. */
function lineSpans(model: LogModel, text: string): readonly Span[] {
  const marked = withHits([{ text }], model.search);
  return marked.length > 1 || marked[0]?.role === "hit" ? marked : [{ text, ownColors: true }];
}

function headerSpans(label: LogLabel): readonly Span[] {
  const name: Span = { text: label.name, role: "bold" };
  return label.number === "" ? [name] : [{ text: `${label.number} `, role: "dim" }, name];
}

function endSpans(label: LogLabel): readonly Span[] {
  const role = label.failed ? "failed" : "dim";
  return [
    { text: label.number === "" ? label.name : label.number, role: "dim" },
    { text: ` ${label.ended}`, role },
  ];
}

function gapText(lines: number, look: Look): string {
  const mark = look.glyphs.endMark;
  return `${mark} ${lines === 1 ? "1 older line was" : `${lines} older lines were`} dropped ${mark}`;
}
