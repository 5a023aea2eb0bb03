/** The steps pane: every step, grouped by stage. */
import type { Size } from "../../cells/rect.ts";
import { type Look, markGlyph, type Role, rightRole, type StepMark } from "../../drawing/look.ts";
import { fillRows, row, type Span } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";

export type StepsRow =
  | { readonly kind: "stage"; readonly name: string }
  | {
      readonly kind: "step";
      /** Counts from 1. */
      readonly number: number;
      readonly mark: StepMark;
      /** The build stands before it. */
      readonly current: boolean;
      /** While an earlier stop is stood at: this is it ("here"), or the build really is here ("live"). */
      readonly place?: "here" | "live" | undefined;
      readonly text: string;
      /** E.g. "31.2s", "cached", "exit 2", "next"; "" = nothing. */
      readonly right: string;
    };
export interface StepsModel {
  readonly rows: readonly StepsRow[];
  /** Number of steps, for "3/9". */
  readonly total: number;
  /** Index into `rows`. */
  readonly selected: number | undefined;
  readonly top: number;
  readonly focused: boolean;
  /** Search text; "" or absent = none. */
  readonly search?: string;
}
export interface StepCounts {
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly left: number;
}

/** `size.rows` rows, each exactly `size.columns` cells. */
export function stepsPane(model: StepsModel, size: Size, look: Look): readonly string[] {
  const digits = String(model.total).length;
  const rows = model.rows.slice(model.top, model.top + size.rows).map((entry, index) => {
    const over = model.focused && model.selected === model.top + index ? "selected" : undefined;
    if (entry.kind === "stage")
      return row([{ text: ` ${entry.name}`, role: "bold" }], size.columns, look, { over });
    const mark = entry.current && entry.mark === "waiting";
    const role: Role = mark ? "current" : entry.mark;
    const spans: Span[] = [
      { text: ` ${placeGlyph(entry.place, look)}`, role: "current" },
      { text: `${mark ? look.glyphs.current : markGlyph(look, entry.mark)} `, role },
      { text: `${String(entry.number).padStart(digits)}/${model.total} `, role: "dim" },
      { text: entry.text, role: mark ? "bold" : undefined },
    ];
    const right: Span[] = entry.right === "" ? [] : [{ text: entry.right, role: rightRole(entry.mark) }];
    return row(withHits(spans, model.search ?? ""), size.columns, look, { right, over });
  });
  return fillRows(rows, size);
}

function placeGlyph(place: "here" | "live" | undefined, look: Look): string {
  if (place === undefined) return " ";
  return place === "here" ? look.glyphs.current : look.glyphs.live;
}

/** For the rule above the pane: "5 done  1 running  3 left". */
export function stepsSummary(counts: StepCounts): string {
  const words = [
    [counts.done, "done"],
    [counts.running, "running"],
    [counts.failed, "failed"],
    [counts.left, "left"],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join("  ");
}
