/** Where each pane lies on a screen of a given size. Pure. */
import type { Rect, Size } from "../cells/rect.ts";

/** The places a pane can be in; which pane sits in `lower` and `side` is the application's choice. */
export type Slot = "source" | "lower" | "steps" | "info" | "log";

export interface LayoutInput {
  readonly size: Size;
  /** What the lower pane holds; a shell that has the keyboard gets more rows. */
  readonly lower: { readonly kind: "shell"; readonly hasKeyboard: boolean } | { readonly kind: "other" };
  /** The pane that keeps its rows when source and lower pane do not both fit (fewer than 14 rows). */
  readonly focus: Slot;
  /** This pane gets everything but the status and hint rows (a shell also gets the status row). */
  readonly zoom?: Slot | undefined;
  /** Rows the steps pane would like (its stages and steps); what remains below goes to the info pane. */
  readonly stepsRows: number;
  /** What the user moved with + and -: rows of the lower pane and columns of the right column beyond the default. */
  readonly splits?: { readonly lowerRows: number; readonly sideColumns: number } | undefined;
}

/**
 * `source`, `lower`, `steps`, `info` and `log` are the one-row rules above those panes. `divider` is the
 * one-column line left of the right column; it starts on the source rule's row and crosses the lower rule's
 * row only when the right column has the full height.
 */
export interface Rule {
  readonly kind: Slot | "divider";
  readonly rect: Rect;
}

/** Absent panes are undefined; a status or hint rectangle that is not shown has 0 rows. Nothing overlaps. */
export interface Layout {
  readonly status: Rect;
  readonly hint: Rect;
  readonly source: Rect | undefined;
  readonly lower: Rect | undefined;
  readonly steps: Rect | undefined;
  readonly info: Rect | undefined;
  /** The third pane of the right column, beside the lower pane (170 columns and more). */
  readonly log: Rect | undefined;
  readonly rules: readonly Rule[];
  /** Below 40 columns or 8 rows: only the status row is shown, in one line. */
  readonly tiny: boolean;
}

/** Sizes whose splits are remembered together: without a right column, with a short one, with one of full height. */
export type SizeClass = "narrow" | "medium" | "wide";

export function sizeClassOf({ columns }: Size): SizeClass {
  if (columns < MEDIUM_COLUMNS) return "narrow";
  return columns < WIDE_COLUMNS ? "medium" : "wide";
}

/** Is there a right column, with the steps in it? */
export function hasSideColumn(size: Size): boolean {
  return sizeClassOf(size) !== "narrow";
}

/** Below these there is no room for panes. */
export const MINIMUM_COLUMNS = 40;
export const MINIMUM_ROWS = 8;

const MEDIUM_COLUMNS = 110;
const WIDE_COLUMNS = 170;
const SOURCE_MINIMUM = 4;
const LOWER_MINIMUM = 6;
const INFO_MINIMUM = 4;
/** Rows that are not pane content: status, two rules, hints. */
const CHROME_ROWS = 4;
const SIDE_MINIMUM = 24;
const LEFT_MINIMUM = 60;

interface Frame {
  readonly size: Size;
  readonly left: number;
  readonly side: number;
  readonly fullHeight: boolean;
  readonly sourceRows: number;
  readonly lowerRows: number;
}

/** Size and open panes to rectangles; pure and total, for every size down to 0x0. */
export function layout(input: LayoutInput): Layout {
  const { size, zoom } = input;
  const tiny = size.columns < MINIMUM_COLUMNS || size.rows < MINIMUM_ROWS;
  if (zoom !== undefined && (!tiny || isShell(input, zoom))) return zoomed(input, zoom, tiny);
  if (tiny) return tinyLayout(size);
  return panes(frameOf(input), input.stepsRows);
}

function isShell(input: LayoutInput, slot: Slot): boolean {
  return slot === "lower" && input.lower.kind === "shell";
}

function tinyLayout(size: Size): Layout {
  return {
    status: { x: 0, y: 0, columns: size.columns, rows: Math.min(1, size.rows) },
    hint: { x: 0, y: size.rows, columns: size.columns, rows: 0 },
    ...noPanes,
    rules: [],
    tiny: true,
  };
}

const noPanes = {
  source: undefined,
  lower: undefined,
  steps: undefined,
  info: undefined,
  log: undefined,
} as const;

function zoomed(input: LayoutInput, zoom: Slot, tiny: boolean): Layout {
  const { columns, rows } = input.size;
  const hintRows = rows > 1 ? 1 : 0;
  const statusRows = isShell(input, zoom) ? 0 : 1;
  const pane: Rect = { x: 0, y: statusRows, columns, rows: rows - hintRows - statusRows };
  return {
    status: { x: 0, y: 0, columns, rows: statusRows },
    hint: { x: 0, y: rows - hintRows, columns, rows: hintRows },
    ...noPanes,
    [zoom]: pane,
    rules: [],
    tiny,
  };
}

function frameOf(input: LayoutInput): Frame {
  const { size } = input;
  const side = sideColumns(size.columns, input.splits?.sideColumns ?? 0);
  const available = size.rows - CHROME_ROWS;
  const split = available >= SOURCE_MINIMUM + LOWER_MINIMUM;
  const lowerRows = split ? lowerRowsOf(input, available) : input.focus === "lower" ? available : 0;
  const sourceRows = available - lowerRows;
  const fullHeight = size.columns >= WIDE_COLUMNS && split;
  const shown = side > 0 && sourceRows > 0 ? side : 0;
  const left = shown > 0 ? size.columns - shown - 1 : size.columns;
  return { size, left, side: shown, fullHeight, sourceRows, lowerRows };
}

function lowerRowsOf(input: LayoutInput, available: number): number {
  const share = input.lower.kind === "shell" && input.lower.hasKeyboard ? 0.55 : 0.45;
  const wanted = Math.round(input.size.rows * share) + (input.splits?.lowerRows ?? 0);
  return clamp(wanted, LOWER_MINIMUM, available - SOURCE_MINIMUM);
}

function sideColumns(columns: number, moved: number): number {
  if (columns < MEDIUM_COLUMNS) return 0;
  return clamp((columns >= WIDE_COLUMNS ? 64 : 40) + moved, SIDE_MINIMUM, columns - LEFT_MINIMUM - 1);
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, value));
}

function panes(frame: Frame, stepsRows: number): Layout {
  const { size, left, side, fullHeight, sourceRows, lowerRows } = frame;
  const lowerRule = 2 + sourceRows;
  const rules: Rule[] = [
    { kind: "source", rect: { x: 0, y: 1, columns: left, rows: 1 } },
    { kind: "lower", rect: { x: 0, y: lowerRule, columns: fullHeight ? left : size.columns, rows: 1 } },
  ];
  let column: Pick<Layout, "steps" | "info"> = { steps: undefined, info: undefined };
  let log: Rect | undefined;
  if (side > 0) {
    const x = left + 1;
    const bottom = fullHeight ? size.rows - 1 : lowerRule;
    rules.push({ kind: "divider", rect: { x: left, y: 1, columns: 1, rows: bottom - 1 } });
    rules.push({ kind: "steps", rect: { x, y: 1, columns: side, rows: 1 } });
    column = stepsAndInfo({ x, y: 2, columns: side, rows: sourceRows }, stepsRows);
    if (column.info !== undefined) {
      rules.push({ kind: "info", rect: { ...column.info, y: column.info.y - 1, rows: 1 } });
    }
    if (fullHeight) {
      rules.push({ kind: "log", rect: { x, y: lowerRule, columns: side, rows: 1 } });
      log = { x, y: lowerRule + 1, columns: side, rows: lowerRows };
    }
  }
  return {
    status: { x: 0, y: 0, columns: size.columns, rows: 1 },
    hint: { x: 0, y: size.rows - 1, columns: size.columns, rows: 1 },
    source: sourceRows > 0 ? { x: 0, y: 2, columns: left, rows: sourceRows } : undefined,
    lower:
      lowerRows > 0 ? { x: 0, y: lowerRule + 1, columns: lowerColumns(frame), rows: lowerRows } : undefined,
    ...column,
    log,
    rules,
    tiny: false,
  };
}

/** Columns of the lower pane: the whole width unless the right column goes down beside it. */
function lowerColumns(frame: Frame): number {
  return frame.fullHeight ? frame.left : frame.size.columns;
}

function stepsAndInfo(area: Rect, stepsRows: number): Pick<Layout, "steps" | "info"> {
  const wanted = Math.max(1, stepsRows);
  const infoRows = area.rows - wanted - 1;
  if (infoRows < INFO_MINIMUM) return { steps: area, info: undefined };
  return {
    steps: { ...area, rows: wanted },
    info: { ...area, y: area.y + wanted + 1, rows: infoRows },
  };
}
