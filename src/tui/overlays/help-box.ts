/** The help overlay: every key that means something here, with the reason where it cannot be used now. */
import type { Size } from "../cells/rect.ts";
import { BORDER_CELLS, type Box, box } from "../drawing/box.ts";
import type { Look, Role } from "../drawing/look.ts";
import { row, type Span } from "../drawing/row.ts";

export interface HelpEntry {
  readonly group: string;
  readonly key: string;
  readonly alias: string;
  readonly label: string;
  /** Why it cannot be used now; such entries are dimmed. */
  readonly whyNot: string | undefined;
}
export interface HelpModel {
  /** E.g. "PAUSED, Source pane". */
  readonly title: string;
  readonly filter: string;
  /** Already filtered, in order of groups. */
  readonly entries: readonly HelpEntry[];
  /** Index into `entries`. */
  readonly selected: number;
}

type Line =
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "entry"; readonly entry: HelpEntry; readonly index: number };
/** The columns of lines that are shown side by side. */
type Page = readonly (readonly Line[])[];

const TWO_COLUMNS_FROM = 76;
const WIDEST = 100;
const WIDEST_KEYS = 14;

/** Two columns on screens of 76 columns and more; pages when that is not enough: the one of the selected entry is shown. */
export function helpBox(model: HelpModel, screen: Size, look: Look): Box {
  const columns = Math.min(WIDEST, screen.columns - 2);
  const inner = Math.max(1, columns - BORDER_CELLS);
  const beside = screen.columns >= TWO_COLUMNS_FROM ? 2 : 1;
  const reason = reasonText(model);
  const height = Math.max(1, screen.rows - 4 - (reason === "" ? 0 : 1));
  const pages = pagesOf(linesOf(model.entries), beside, height);
  const found = pages.findIndex((page) =>
    page.some((column) => column.some((line) => isSelected(line, model))),
  );
  const shown = pages[Math.max(0, found)] ?? [];
  const rows = pageRows(shown, model, inner, beside, look);
  return box(
    {
      title: `Help: ${model.title}   (${filterText(model)})`,
      footer: footerText(Math.max(0, found), pages.length),
      columns,
      rows: reason === "" ? rows : [...rows, row([{ text: reason, role: "dim" }], inner, look)],
    },
    screen,
    look,
  );
}

function filterText(model: HelpModel): string {
  return model.filter === "" ? "type to filter" : `filter: ${model.filter}`;
}

function footerText(page: number, pages: number): string {
  const place = pages > 1 ? `page ${page + 1} of ${pages} · ` : "";
  return `${place}Enter run it · Esc close`;
}

/** Why the selected entry cannot be used, else which ones cannot. */
function reasonText(model: HelpModel): string {
  if (model.entries.length === 0) return "no command fits";
  const selected = model.entries[model.selected];
  if (selected?.whyNot !== undefined) return `${selected.key}: ${selected.whyNot}`;
  const greyed = model.entries.filter((entry) => entry.whyNot !== undefined);
  return greyed.length === 0
    ? ""
    : `Greyed out now: ${greyed.map((entry) => `${entry.key} (${entry.whyNot})`).join(", ")}`;
}

function linesOf(entries: readonly HelpEntry[]): readonly Line[] {
  const lines: Line[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entries[index - 1]?.group !== entry.group) lines.push({ kind: "group", name: entry.group });
    lines.push({ kind: "entry", entry, index });
  }
  return lines;
}

/** Columns as equal in height as the groups allow; a group's name never stands alone at the foot of one. */
function pagesOf(lines: readonly Line[], beside: number, height: number): readonly Page[] {
  const least = Math.ceil(lines.length / beside);
  for (let rows = Math.max(2, least); rows <= height; rows += 1) {
    const columns = columnsOf(lines, rows);
    if (columns.length <= beside) return [columns];
  }
  const columns = columnsOf(lines, Math.max(2, height));
  const pages: Page[] = [];
  for (let from = 0; from < columns.length; from += beside) pages.push(columns.slice(from, from + beside));
  return pages;
}

function columnsOf(lines: readonly Line[], rows: number): readonly (readonly Line[])[] {
  const columns: Line[][] = [];
  let current: Line[] = [];
  for (const line of lines) {
    if (current.length >= rows || (line.kind === "group" && current.length === rows - 1)) {
      columns.push(current);
      current = [];
    }
    current.push(line);
  }
  return current.length === 0 ? columns : [...columns, current];
}

function pageRows(
  page: Page,
  model: HelpModel,
  inner: number,
  beside: number,
  look: Look,
): readonly string[] {
  const columns = Array.from({ length: beside }, (_, at) => page[at] ?? []);
  const widths = columnWidths(columns, inner);
  const height = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, index) =>
    columns.map((column, at) => cellText(column, index, { model, width: widths[at] ?? 0, look })).join(""),
  );
}

/** As each column needs it; what is missing is taken from the wider one, what is left is shared. */
function columnWidths(columns: Page, inner: number): readonly number[] {
  const [first = 0, ...others] = columns.map(neededWidth);
  const [second] = others;
  if (second === undefined) return [inner];
  const spare = inner - first - second;
  if (spare >= 0) return [first + Math.floor(spare / 2), second + Math.ceil(spare / 2)];
  const half = Math.floor(inner / 2);
  if (first > half && second > half) return [half, inner - half];
  return first > second ? [inner - second, second] : [first, inner - first];
}

function neededWidth(column: readonly Line[]): number {
  const keys = keysWidth(column);
  const widths = column.map((line) =>
    line.kind === "group" ? line.name.length : 2 + keys + 1 + line.entry.label.length,
  );
  return Math.max(0, ...widths) + 1;
}

function keysWidth(column: readonly Line[]): number {
  const entries = column.flatMap((line) => (line.kind === "entry" ? [line.entry] : []));
  return Math.min(WIDEST_KEYS, Math.max(2, ...entries.map((entry) => keysText(entry).length)));
}

/** A second key stands where the longest first one of short keys ends. */
function keysText({ key, alias }: HelpEntry): string {
  return alias === "" ? key : `${key.padEnd(2)} ${alias}`;
}

function cellText(
  column: readonly Line[],
  index: number,
  { model, width, look }: { readonly model: HelpModel; readonly width: number; readonly look: Look },
): string {
  const line = column[index];
  if (line === undefined) return row([], width, look);
  if (line.kind === "group") return row([{ text: line.name, role: "bold" }], width, look);
  const over = isSelected(line, model) ? "selected" : undefined;
  return `${row(entrySpans(line.entry, keysWidth(column)), width - 1, look, { over })} `;
}

/** `  n  F10   next step in this stage` */
function entrySpans(entry: HelpEntry, keys: number): readonly Span[] {
  const greyed = entry.whyNot !== undefined;
  const keyRole: Role = greyed ? "dim" : "key";
  const alias = keysText(entry).slice(entry.key.length);
  return [
    { text: `  ${entry.key}`, role: keyRole },
    { text: `${alias}${" ".repeat(Math.max(0, keys - keysText(entry).length))} `, role: "dim" },
    { text: entry.label, role: greyed ? "dim" : undefined },
  ];
}

function isSelected(line: Line, model: HelpModel): boolean {
  return line.kind === "entry" && line.index === model.selected;
}
