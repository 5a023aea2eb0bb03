/** Keys that are offered, three to a row where they fit. */
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";
import { row, type Span, spansWidth } from "./row.ts";

const OFFER_CELLS = 24;

/** `  !  shell on FAILED      x  switch to BASE      r  rerun from here`; long ones have a row to themselves. */
export function offerRows(offers: readonly Hint[], columns: number, look: Look): readonly string[] {
  const third = Math.max(OFFER_CELLS, Math.floor((columns - 2) / 3));
  const isLong = (offer: Hint): boolean => spansWidth(offerSpans(offer), look) + 2 > third;
  return [
    ...offers.filter(isLong).map((offer) => row([{ text: "  " }, ...offerSpans(offer)], columns, look)),
    ...shortRows(
      offers.filter((offer) => !isLong(offer)),
      columns,
      look,
    ),
  ];
}

/** One below the other, in their order: they are choices of one question. */
export function choiceRows(offers: readonly Hint[], columns: number, look: Look): readonly string[] {
  return offers.map((offer) => row([{ text: "  " }, ...offerSpans(offer)], columns, look));
}

function shortRows(offers: readonly Hint[], columns: number, look: Look): readonly string[] {
  const widest = Math.max(OFFER_CELLS, ...offers.map((offer) => spansWidth(offerSpans(offer), look) + 2));
  const perRow = Math.max(1, Math.min(3, Math.floor((columns - 1) / widest)));
  const rows: string[] = [];
  for (let index = 0; index < offers.length; index += perRow) {
    const spans = offers.slice(index, index + perRow).flatMap((offer) => cell(offer, widest, look));
    rows.push(row([{ text: "  " }, ...spans], columns, look));
  }
  return rows;
}

function cell(offer: Hint, cells: number, look: Look): readonly Span[] {
  const spans = offerSpans(offer);
  return [...spans, { text: " ".repeat(Math.max(0, cells - spansWidth(spans, look))) }];
}

function offerSpans(offer: Hint): readonly Span[] {
  return [{ text: offer.keys, role: "key" }, { text: `  ${offer.label}` }];
}
