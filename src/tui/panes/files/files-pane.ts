/** The Files pane: a list of files, and below it the text of the selected one. */
import type { FileText, TextRow } from "../../../debugger/files/file-text.ts";
import type { Size } from "../../cells/rect.ts";
import { sanitizeLine } from "../../cells/sanitize.ts";
import { slice, textWidth } from "../../cells/width.ts";
import type { Look, Role } from "../../drawing/look.ts";
import { fillRows, row, type Span, spansWidth } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";
import type { FilesRow } from "./files-tree.ts";

export interface FilesModel {
  /** What is listed, the longest form first, e.g. "FILES changed by step 6/9 (BASE → FAILED)". */
  readonly titles: readonly string[];
  /** E.g. "+214  ~3  -1"; "" = nothing. */
  readonly totals: string;
  /** E.g. "1.9 MB". */
  readonly bytes: string;
  readonly rows: readonly FilesRow[];
  readonly selected: number;
  /** First visible row of the list; the header row always stays. */
  readonly top: number;
  readonly focused: boolean;
  /** "" = none. */
  readonly search: string;
  /** undefined = only the list. */
  readonly text: TextModel | undefined;
}

export interface TextModel {
  /** E.g. "diff src/x", "file etc/passwd"; untrusted. */
  readonly title: string;
  /** E.g. "BASE → FAILED". */
  readonly states: string;
  readonly text: FileText;
  /** First visible row, and cells scrolled out to the left. */
  readonly top: number;
  readonly left: number;
}

const HEADER_ROWS = 1;
const RULE_ROWS = 1;
/** With a text below it the list gets no more than this, and at most half of the pane. */
const LIST_ROWS = 8;
const FACTS_SHARE = 0.34;
const FACTS_CELLS = 27;
const SIGN_CELLS = 4;
const LEAST_NAMES = 53;
const INDENT = 2;

/** How the rows of the pane are shared; `total`: rows that the list has. */
export function filesSplit(
  rows: number,
  total: number,
  hasText: boolean,
): { readonly list: number; readonly text: number } {
  const room = Math.max(0, rows - HEADER_ROWS);
  if (!hasText) return { list: room, text: 0 };
  const both = Math.max(0, room - RULE_ROWS);
  const list = Math.min(Math.max(1, total), LIST_ROWS, Math.ceil(both / 2));
  return { list, text: both - list };
}

/** Rows of the text, for scrolling. */
export function textRowCount({ facts, rows }: FileText): number {
  return facts.length + rows.length;
}

/** First row that is shown of a text that was just opened: its first difference is in the upper part of `rows` rows. */
export function openingRow({ facts, rows: lines }: FileText, rows: number): number {
  const first = lines.findIndex(({ kind }) => kind === "added" || kind === "removed");
  return Math.max(0, facts.length + first - Math.floor(rows / 3));
}

/** `size.rows` rows, each exactly `size.columns` cells. */
export function filesPane(model: FilesModel, size: Size, look: Look): readonly string[] {
  const split = filesSplit(size.rows, model.rows.length, model.text !== undefined);
  const factsAt = factsColumn(model.rows, size.columns);
  const listed = model.rows
    .slice(model.top, model.top + split.list)
    .map((entry, index) =>
      listRow(model, entry, model.top + index, { factsAt, columns: size.columns, look }),
    );
  const list = fillRows([headerRow(model, factsAt, size.columns, look), ...listed], {
    columns: size.columns,
    rows: HEADER_ROWS + split.list,
  });
  if (model.text === undefined) return fillRows(list, size);
  const text = textRows(model.text, split.text, size.columns, look);
  return fillRows([...list, textRule(model.text, split.text, size.columns, look), ...text], size);
}

/** Sizes stand in one column, as far left as the longest names allow. */
function factsColumn(rows: readonly FilesRow[], columns: number): number {
  const most = columns - Math.min(FACTS_CELLS, Math.floor(columns * FACTS_SHARE));
  const widest = rows.reduce((cells, entry) => Math.max(cells, nameStart(entry) + entry.label.length), 0);
  return Math.min(most, Math.max(LEAST_NAMES, widest + 2));
}

function nameStart({ lead, depth }: FilesRow): number {
  return SIGN_CELLS + (lead === "" ? 0 : lead.length + 1) + depth * INDENT;
}

function headerRow(
  { titles, totals, bytes }: FilesModel,
  factsAt: number,
  columns: number,
  look: Look,
): string {
  const title = (text: string): Span => ({ text, role: "bold" });
  const wide = `${totals.padEnd(15)}  ${bytes}`;
  const tight = totals === "" ? bytes : `${totals}  ${bytes}`;
  const forms = titles.flatMap((text): readonly Span[][] => [
    [title(text.padEnd(factsAt - 4)), { text: ` ${wide}` }],
    [title(text), { text: `  ${tight}` }],
  ]);
  const fitting = forms.find((spans) => spansWidth(spans, look) <= columns);
  return row(fitting ?? forms.at(-1) ?? [], columns, look);
}

interface Place {
  readonly factsAt: number;
  readonly columns: number;
  readonly look: Look;
}

function listRow(
  model: FilesModel,
  entry: FilesRow,
  index: number,
  { factsAt, columns, look }: Place,
): string {
  const isSelected = index === model.selected;
  const start = nameStart(entry);
  // A row without facts has their room too.
  const room = (entry.facts === "" ? columns : factsAt) - start - 1;
  const label = entry.path === undefined ? entry.label : tailOf(entry.label, room, look);
  const blanks = " ".repeat(Math.max(1, factsAt - start - spansWidth([{ text: label }], look)));
  const spans: Span[] = [
    { text: isSelected ? look.glyphs.current : " ", role: "current" },
    { text: ` ${entry.sign.padEnd(1)} `, role: signRole(entry.sign) },
    ...(entry.lead === "" ? [] : [{ text: `${entry.lead} `, role: "dim" } as const]),
    { text: " ".repeat(entry.depth * INDENT) },
    { text: label, role: nameRole(entry) },
    ...(entry.facts === "" ? [] : [{ text: `${blanks}${entry.facts}`, role: "dim", isName: true } as const]),
  ];
  const over = model.focused && isSelected ? "selected" : undefined;
  return row(withHits(spans, model.search), columns, look, { over });
}

function nameRole({ tone, fold }: FilesRow): Role {
  if (tone !== "plain") return tone;
  return fold === "folded" ? "bold" : "plain";
}

function signRole(sign: string): Role {
  switch (sign) {
    case "+":
      return "done";
    case "-":
      return "failed";
    case "~":
      return "warning";
    default:
      return "plain";
  }
}

/** Of a path that is too long the end is worth more than the beginning. */
function tailOf(text: string, cells: number, look: Look): string {
  const shown = sanitizeLine(text, { sgr: "show", ascii: look.ascii });
  const width = textWidth(shown);
  if (width <= cells) return shown;
  const room = Math.max(0, cells - 1);
  return `${look.glyphs.ellipsis}${slice(shown, width - room, room)}`;
}

function textRule(
  { title, states, text, top }: TextModel,
  rows: number,
  columns: number,
  look: Look,
): string {
  const line = look.glyphs.horizontal;
  const total = textRowCount(text);
  const place = total > rows ? ` · ${Math.min(top + 1, total)}-${Math.min(top + rows, total)}/${total}` : "";
  const right = ` ${states}${place} ${line}${line}`;
  const [what = "", ...name] = title.split(" ");
  const room = columns - spansWidth([{ text: right }], look) - what.length - 6;
  const left = `${line}${line} ${what} ${tailOf(name.join(" "), Math.max(1, room), look)} `;
  const strokes = columns - spansWidth([{ text: left + right }], look);
  return row([{ text: left + line.repeat(Math.max(0, strokes)) + right, role: "rule" }], columns, look);
}

function textRows(model: TextModel, count: number, columns: number, look: Look): readonly string[] {
  const { facts, rows } = model.text;
  const numbers = numberColumns(rows);
  const shown: string[] = [];
  for (let index = model.top; index < Math.min(model.top + count, facts.length + rows.length); index += 1) {
    const fact = facts[index];
    const line = rows[index - facts.length];
    if (fact !== undefined) shown.push(row([{ text: `  ${fact}`, role: "bold" }], columns, look));
    else if (line !== undefined) shown.push(textRow(line, numbers, model.left, columns, look));
  }
  return shown;
}

interface NumberColumns {
  readonly before: number;
  readonly after: number;
}

/** Cells of the line numbers of both files; 0 where there is only one file. */
function numberColumns(rows: readonly TextRow[]): NumberColumns {
  const widest = (side: "before" | "after"): number =>
    String(rows.findLast((line) => line[side] !== undefined)?.[side] ?? "").length;
  return { before: widest("before"), after: widest("after") };
}

function textRow(line: TextRow, numbers: NumberColumns, left: number, columns: number, look: Look): string {
  if (line.kind === "gap" || line.kind === "note") {
    const text = `  ${look.glyphs.endMark} ${line.text}${line.kind === "gap" ? ` ${look.glyphs.endMark}` : ""}`;
    return row([{ text, role: "dim" }], columns, look);
  }
  const sign = { same: " ", removed: "-", added: "+" }[line.kind];
  const role = signRole(sign);
  const fixed: Span[] = [
    { text: sign, role },
    { text: `${numbered(line.before, numbers.before)}${numbered(line.after, numbers.after)}  `, role: "dim" },
  ];
  return row([{ text: line.text, role }], columns, look, { fixed, skip: left });
}

function numbered(number: number | undefined, cells: number): string {
  return cells === 0 ? "" : ` ${String(number ?? "").padStart(cells)}`;
}
