/** Everything bktui said, oldest first (`:messages`). */
import type { Size } from "../../cells/rect.ts";
import type { Look } from "../../drawing/look.ts";
import { fillRows, row, type Span } from "../../drawing/row.ts";
import { clampTop } from "../../drawing/row-window.ts";
import { withHits } from "../../drawing/search-hits.ts";
import { wrapText } from "../../drawing/wrap.ts";

export interface Message {
  /** E.g. "11:42:07". */
  readonly time: string;
  readonly text: string;
  readonly tone: "plain" | "failed";
}
export interface MessagesModel {
  readonly messages: readonly Message[];
  /** First visible row, or "end". Long messages wrap, so rows are not messages. */
  readonly top: number | "end";
  /** Search text; "" or absent = none. */
  readonly search?: string;
}

/** `size.rows` rows, each exactly `size.columns` cells. */
export function messagesPane(model: MessagesModel, size: Size, look: Look): readonly string[] {
  const rows = model.messages.flatMap((message) => messageRows(message, size.columns, look));
  if (rows.length === 0)
    return fillRows([row([{ text: " nothing was said yet", role: "dim" }], size.columns, look)], size);
  const wanted = model.top === "end" ? rows.length : model.top;
  const top = clampTop(wanted, size.rows, rows.length);
  return fillRows(
    rows
      .slice(top, top + size.rows)
      .map((spans) => row(withHits(spans, model.search ?? ""), size.columns, look)),
    size,
  );
}

/** Text of each row, for searching. */
export function messageRowTexts(
  messages: readonly Message[],
  columns: number,
  look: Look,
): readonly string[] {
  return messages.flatMap((message) =>
    messageRows(message, columns, look).map((spans) => spans.map(({ text }) => text).join("")),
  );
}

/** Number of rows the pane would need, for scrolling. */
export function messagesRowCount(messages: readonly Message[], columns: number, look: Look): number {
  return messages.reduce((sum, message) => sum + messageRows(message, columns, look).length, 0);
}

function messageRows(message: Message, columns: number, look: Look): readonly (readonly Span[])[] {
  const lead = message.time.length + 2;
  return wrapText(message.text, columns - lead - 1, look).map((text, index) => [
    { text: index === 0 ? ` ${message.time} ` : " ".repeat(lead), role: "dim" as const },
    { text, role: message.tone === "failed" ? ("failed" as const) : undefined },
  ]);
}
