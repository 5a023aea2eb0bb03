/** The source pane: gutter, text in colours, what each step took. Only the visible rows are computed. */
import { unreachable } from "../../../base/errors.ts";
import type { Size } from "../../cells/rect.ts";
import { type Look, markGlyph, rightRole, type StepMark } from "../../drawing/look.ts";
import { fillRows, row, type Span, spansWidth } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";
import type { SourceLayout, SourceRow } from "./source-layout.ts";
import type { SourceText } from "./syntax.ts";

export interface SourceRowInfo {
  readonly breakpoint: "none" | "on" | "off";
  /** undefined: the row runs nothing. */
  readonly mark: StepMark | undefined;
  /** E.g. "31.2s", "cached", "exit 2", "next", "38 MB / 112 MB"; "" = nothing. */
  readonly right: string;
  readonly warning: boolean;
}
export interface SourceModel {
  readonly text: SourceText;
  readonly layout: SourceLayout;
  /** Row indexes of the position of the build (`>`): several where a step stands at several lines. */
  readonly current: readonly number[];
  /** The same of where the build really is (`@`), while an earlier stop is stood at. */
  readonly live: readonly number[];
  /** Row index of the cursor. */
  readonly cursor: number;
  /** First visible row index. */
  readonly top: number;
  /** Cells scrolled to the right. */
  readonly left: number;
  readonly focused: boolean;
  /** Search text, matched without regard to case; "" = none. */
  readonly search: string;
  /** Asked for visible rows only. */
  info(row: SourceRow): SourceRowInfo | undefined;
}

type MessageRow = Extract<SourceRow, { readonly kind: "message" }>;

const nothing: SourceRowInfo = { breakpoint: "none", mark: undefined, right: "", warning: false };

/** `size.rows` rows, each exactly `size.columns` cells. */
export function sourcePane(model: SourceModel, size: Size, look: Look): readonly string[] {
  const shown: string[] = [];
  for (let index = model.top; index < model.top + size.rows; index += 1) {
    const entry = model.layout.rowAt(index);
    if (entry === undefined) break;
    shown.push(sourceRow(model, entry, index, size.columns, look));
  }
  return fillRows(shown, size);
}

function sourceRow(model: SourceModel, entry: SourceRow, index: number, columns: number, look: Look): string {
  const info = model.info(entry) ?? nothing;
  const isCursor = model.focused && index === model.cursor;
  return row(content(model, entry, look), columns, look, {
    fixed: gutter(model, entry, info, index, look),
    right: info.right === "" ? [] : [{ text: info.right, role: rightRole(info.mark) }],
    skip: model.left,
    over: isCursor ? "selected" : undefined,
  });
}

/** `●>  11 ✓ `: breakpoint, position (`@`: the build), line number, step. */
function gutter(
  model: SourceModel,
  entry: SourceRow,
  info: SourceRowInfo,
  index: number,
  look: Look,
): readonly Span[] {
  const current = model.current.includes(index);
  const live = model.live.includes(index) ? look.glyphs.live : " ";
  const digits = Math.max(4, String(model.layout.lines).length + 1);
  const breakpoint = breakpointGlyph(info, look);
  const number = entry.kind === "line" ? String(entry.line) : "";
  const mark = info.mark === undefined ? " " : markGlyph(look, info.mark);
  return [
    { text: breakpoint, role: info.breakpoint === "none" && info.warning ? "warning" : "breakpoint" },
    { text: current ? look.glyphs.current : live, role: "current" },
    { text: `${number.padStart(digits)} `, role: current ? "bold" : "dim" },
    { text: `${mark} `, role: info.mark },
  ];
}

function breakpointGlyph(info: SourceRowInfo, look: Look): string {
  switch (info.breakpoint) {
    case "on":
      return look.glyphs.breakpointOn;
    case "off":
      return look.glyphs.breakpointOff;
    case "none":
      return info.warning ? "!" : " ";
    default:
      return unreachable(info.breakpoint);
  }
}

function content(model: SourceModel, entry: SourceRow, look: Look): readonly Span[] {
  switch (entry.kind) {
    case "line":
      return withHits(model.text.spans(entry.line), model.search);
    case "end": {
      const mark = look.glyphs.endMark;
      return [{ text: `${mark} end of stage ${entry.stage} ${mark}`, role: "dim" }];
    }
    case "message":
      return messageSpans(model, entry, look);
    default:
      return unreachable(entry);
  }
}

/** The `^` stands under the character that it is about, the words behind it. */
function messageSpans(model: SourceModel, entry: MessageRow, look: Look): readonly Span[] {
  if (entry.column === undefined) return [{ text: `  ${entry.text}`, role: "failed" }];
  const line = model.text.lines[entry.line - 1] ?? "";
  const before = entry.column > 0 ? line.slice(0, entry.column) : (/^\s*/.exec(line)?.[0] ?? "");
  return [
    { text: " ".repeat(spansWidth([{ text: before }], look)) },
    { text: `^ ${entry.text}`, role: "failed" },
  ];
}
