/** The info pane: what is known about the selected step. */
import type { Size } from "../../cells/rect.ts";
import type { Look } from "../../drawing/look.ts";
import { fillRows, row, type Span } from "../../drawing/row.ts";
import { withHits } from "../../drawing/search-hits.ts";
import { wrapText } from "../../drawing/wrap.ts";

export interface InfoEntry {
  /** E.g. "cwd"; at most 8 characters are shown. */
  readonly label: string;
  /** One value per row when there is room; the narrow form joins them. */
  readonly values: readonly string[];
}
export interface InfoModel {
  readonly entries: readonly InfoEntry[];
  /** `narrow`: one row per entry, in the right column; `wide`: every value on rows of its own, long ones wrapped. */
  readonly form: "narrow" | "wide";
  readonly top: number;
  /** Search text; "" or absent = none. */
  readonly search?: string;
}

const LABEL_CELLS = 9;

/** `size.rows` rows, each exactly `size.columns` cells. */
export function infoPane(model: InfoModel, size: Size, look: Look): readonly string[] {
  const rows = allRows(model, size.columns, look).slice(model.top, model.top + size.rows);
  return fillRows(
    rows.map((spans) => row(withHits(spans, model.search ?? ""), size.columns, look)),
    size,
  );
}

/** Text of each row, for searching. */
export function infoRowTexts(
  model: Pick<InfoModel, "entries" | "form">,
  columns: number,
  look: Look,
): readonly string[] {
  return allRows(model, columns, look).map((spans) => spans.map(({ text }) => text).join(""));
}

/** Number of rows the pane would need, for scrolling. */
export function infoRowCount(
  model: Pick<InfoModel, "entries" | "form">,
  columns: number,
  look: Look,
): number {
  return allRows(model, columns, look).length;
}

function allRows(
  model: Pick<InfoModel, "entries" | "form">,
  columns: number,
  look: Look,
): readonly (readonly Span[])[] {
  return model.entries.flatMap((entry) => {
    const values =
      model.form === "narrow"
        ? [entry.values.join(" ")]
        : entry.values.flatMap((value) => wrapText(value, columns - LABEL_CELLS - 1, look));
    const label = entry.label.slice(0, LABEL_CELLS - 1);
    return values.map((value, index) => [
      { text: (index === 0 ? label : "").padEnd(LABEL_CELLS), role: "dim" as const },
      { text: value },
    ]);
  });
}
