/** Measures, cuts and pads text by terminal cells. */
import { cellsOfCluster, clustersOf } from "./cluster-width.ts";

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/**
 * Only characters that are one cell each and never join with others: ASCII, Latin, general punctuation, arrows,
 * control pictures, lines and blocks, braille, check marks. Measuring them by clusters takes a hundred times longer.
 */
const SINGLE_CELLS =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2400-\u2426\u2500-\u25fc\u2713\u2717\u2800-\u28ff]*$/;
/** The only escape sequence that finished rows hold. */
const SGR_PATTERN = "\\u001b\\[[0-9;:]*m";
const TOKENS = new RegExp(`${SGR_PATTERN}|[^\\u001b]+|\\u001b`, "g");
const SGR = new RegExp(SGR_PATTERN, "g");
const RESET = "\u001b[0m";

/** True when each character is one cell: printable ASCII without any escape sequence. */
export function isPlainAscii(text: string): boolean {
  return PRINTABLE_ASCII.test(text);
}

/** True when each character is one cell, SGR sequences aside. */
export function isAsciiRow(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || PRINTABLE_ASCII.test(text.replace(SGR, ""));
}

/** Cells of one grapheme cluster (0, 1 or 2; a few scripts more); ambiguous = 1. */
export function clusterWidth(cluster: string): number {
  if (cluster.length === 1) {
    const code = cluster.charCodeAt(0);
    if (code >= 0x20 && code < 0x7f) return 1;
  }
  return cellsOfCluster(cluster);
}

/** Of text without escape sequences. */
function bareWidth(text: string): number {
  let width = 0;
  for (const cluster of clustersOf(text)) width += clusterWidth(cluster);
  return width;
}

/** Cells of finished text; SGR sequences count 0. */
export function textWidth(text: string): number {
  if (SINGLE_CELLS.test(text)) return text.length;
  const bare = text.replace(SGR, "");
  return SINGLE_CELLS.test(bare) ? bare.length : bareWidth(bare);
}

/** A piece of finished text: an SGR sequence, or one cluster and its cells. */
export type Piece =
  | { readonly kind: "sgr"; readonly text: string }
  | { readonly kind: "cluster"; readonly text: string; readonly width: number };

/** Walks finished text lazily, so that a reader may stop at the visible cells of a very long line. */
export function* pieces(text: string): Generator<Piece> {
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "\u001b") continue;
    if (token.startsWith("\u001b")) {
      yield { kind: "sgr", text: token };
    } else if (SINGLE_CELLS.test(token)) {
      for (const character of token) yield { kind: "cluster", text: character, width: 1 };
    } else {
      for (const cluster of clustersOf(token)) {
        yield { kind: "cluster", text: cluster, width: clusterWidth(cluster) };
      }
    }
  }
}

/**
 * The text cut to at most `columns` cells. A cut shows `ellipsis` (default "…", give "" for none) in the last
 * cell, never splits a cluster, and closes any SGR that was open.
 */
export function clip(text: string, columns: number, ellipsis = "…"): string {
  if (columns <= 0) return "";
  if (text.length <= columns && SINGLE_CELLS.test(text)) return text;
  const near = bounded(text, columns);
  if (near !== text) return take(near, 0, columns - textWidth(ellipsis), ellipsis).text;
  if (shortWidth(text, columns) <= columns || textFits(text, columns)) return text;
  const mark = textWidth(ellipsis) <= columns ? ellipsis : "";
  return `${take(text, 0, columns - textWidth(mark), mark).text}`;
}

/** Code units that a cell may take on average before the rest of a line is not looked at. */
const UNITS_PER_CELL = 64;

/** The beginning of a very long line, enough for so many cells, so that the line costs what is seen of it. */
function bounded(text: string, cells: number): string {
  const limit = 1024 + cells * UNITS_PER_CELL;
  if (text.length <= limit) return text;
  const lead = text.charCodeAt(limit - 1);
  return text.slice(0, lead >= 0xd800 && lead < 0xdc00 ? limit - 1 : limit);
}

/** The width when the text is short enough to be measured as a whole, else infinite: not worth the time. */
function shortWidth(text: string, columns: number): number {
  const bare = text.replace(SGR, "");
  if (bare.length > 2 * columns) return Number.POSITIVE_INFINITY;
  return SINGLE_CELLS.test(bare) ? bare.length : bareWidth(bare);
}

/** Walks no further than the limit, so that a 1 MB line costs what its visible part costs. */
function textFits(text: string, columns: number): boolean {
  let width = 0;
  for (const piece of pieces(text)) {
    if (piece.kind === "sgr") continue;
    width += piece.width;
    if (width > columns) return false;
  }
  return true;
}

/**
 * Exactly `columns` cells, beginning at cell `from`: shorter text is padded, a wide cluster cut by an edge
 * becomes blanks. SGR that was opened before `from` still applies; all SGR is closed at the end.
 */
export function slice(text: string, from: number, columns: number): string {
  if (columns <= 0) return "";
  const near = bounded(text, from + columns);
  if (near !== text) return slice(near, from, columns);
  if (SINGLE_CELLS.test(text)) return text.slice(from, from + columns).padEnd(columns);
  const width = from === 0 ? shortWidth(text, columns) : Number.POSITIVE_INFINITY;
  if (width <= columns) return closed(text) + " ".repeat(columns - width);
  const taken = take(text, from, columns, "");
  return taken.text + " ".repeat(columns - taken.width);
}

function closed(text: string): string {
  const last = text.lastIndexOf("\u001b");
  if (last === -1 || text.startsWith(RESET, last) || text.startsWith("\u001b[m", last)) return text;
  return text + RESET;
}

/** `tail` is written before the SGR that is still open gets closed. */
function take(text: string, from: number, columns: number, tail: string): { text: string; width: number } {
  let at = 0;
  let out = "";
  let width = 0;
  let open = "";
  for (const piece of pieces(text)) {
    if (piece.kind === "sgr") {
      open = isReset(piece.text) ? "" : open + piece.text;
      if (at >= from) out += piece.text;
      continue;
    }
    const end = at + piece.width;
    if (end > from + columns || (at >= from + columns && piece.width > 0)) break;
    if (at < from && end > from) {
      // The left edge cuts a wide cluster: its visible half is blank.
      out += open + " ".repeat(end - from);
      width += end - from;
    } else if (at >= from) {
      if (at === from && width === 0 && !out.endsWith(open)) out += open;
      out += piece.text;
      width += piece.width;
    }
    at = end;
  }
  out += tail;
  return { text: open === "" ? out : out + RESET, width };
}

function isReset(sequence: string): boolean {
  return sequence === "\u001b[m" || sequence === RESET;
}

/** Blanks added on the right up to `columns` cells; longer text is returned as it is. */
export function pad(text: string, columns: number): string {
  const width = textWidth(text);
  return width >= columns ? text : text + " ".repeat(columns - width);
}

/** Exactly `columns` cells: clipped or padded on the right. */
export function fit(text: string, columns: number, ellipsis = "…"): string {
  return pad(clip(text, columns, ellipsis), columns);
}

/** Exactly `columns` cells, right-aligned: padded or clipped on the left, the end of the text is kept. */
export function fitRight(text: string, columns: number, ellipsis = "…"): string {
  if (columns <= 0) return "";
  const width = textWidth(text);
  if (width <= columns) return " ".repeat(columns - width) + text;
  const markWidth = textWidth(ellipsis);
  if (markWidth > columns) return slice(text, width - columns, columns);
  return ellipsis + slice(text, width - columns + markWidth, columns - markWidth);
}
