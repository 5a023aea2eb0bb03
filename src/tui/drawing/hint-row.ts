/** The last row: the keys that matter now. */
import type { Look } from "./look.ts";
import { row, type Span, spansWidth } from "./row.ts";

export interface Hint {
  readonly keys: string;
  readonly label: string;
}
export interface HintModel {
  /** Words before the hints, e.g. "SHELL: every key goes to the shell". */
  readonly lead: string | undefined;
  /** Most important first: whole hints are dropped from the right. */
  readonly hints: readonly Hint[];
  /** Stays when others are dropped, e.g. `? help`. */
  readonly last: Hint | undefined;
}

const gap: Span = { text: "  " };

/** One row, exactly `columns` cells; a hint is shown whole or not at all. */
export function hintRow(model: HintModel, columns: number, look: Look): string {
  const lead: readonly Span[][] = model.lead === undefined ? [] : [[{ text: model.lead, role: "bold" }]];
  const last = model.last === undefined ? [] : [hintSpans(model.last)];
  let shown: readonly (readonly Span[])[] = [...lead, ...last];
  for (let count = 1; count <= model.hints.length; count += 1) {
    const more = [...lead, ...model.hints.slice(0, count).map(hintSpans), ...last];
    if (spansWidth(joined(more), look) > columns) break;
    shown = more;
  }
  const spans = joined(shown);
  if (spansWidth(spans, look) > columns && lead.length > 0)
    return hintRow({ ...model, lead: undefined }, columns, look);
  return row(spans, columns, look);
}

export function hintSpans(hint: Hint): Span[] {
  return [{ text: hint.keys, role: "key" }, { text: ` ${hint.label}` }];
}

function joined(parts: readonly (readonly Span[])[]): readonly Span[] {
  return parts.flatMap((part, index) => [index === 0 ? { text: " " } : gap, ...part]);
}
