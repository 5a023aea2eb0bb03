/** Questions, in a box over the panes. */
import type { Size } from "../cells/rect.ts";
import { BORDER_CELLS, type Box, box } from "./box.ts";
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";
import { row, type Span, spansWidth } from "./row.ts";
import { wrapText } from "./wrap.ts";

export interface DialogModel {
  /** E.g. "Quit?". */
  readonly title: string;
  /** Paragraphs; wrapped to the box. "" = an empty row. */
  readonly text: readonly string[];
  /** E.g. `y` "quit, the running step is cancelled", `n` "stay". */
  readonly answers: readonly Hint[];
  /** At the right end of the lower border, e.g. "attempt 2"; "" = nothing. */
  readonly footer: string;
}

const WIDEST = 78;

/** The answers are always shown; text that does not fit above them is cut with `…`. */
export function dialogBox(model: DialogModel, screen: Size, look: Look): Box {
  const most = Math.max(1, Math.min(WIDEST, screen.columns - 2) - BORDER_CELLS);
  const answers = model.answers.map((answer) => answerSpans(answer, model.answers));
  const wanted = Math.max(
    36,
    ...[...model.text.map((text) => [{ text }]), ...answers].map((spans) => spansWidth(spans, look)),
  );
  const inner = Math.min(most, wanted);
  const paragraphs = model.text.flatMap((text) => wrapText(text, inner, look));
  const room = Math.max(1, screen.rows - 2 - answers.length - 3);
  const shown =
    paragraphs.length <= room ? paragraphs : [...paragraphs.slice(0, room - 1), look.glyphs.ellipsis];
  const gap = answers.length > 0 && shown.length > 0 ? [[]] : [];
  const rows = [...shown.map((text) => [{ text }]), ...gap, ...answers];
  return box(
    {
      title: model.title,
      footer: model.footer,
      columns: inner + BORDER_CELLS,
      rows: rows.map((spans) => row(spans, inner, look)),
    },
    screen,
    look,
  );
}

function answerSpans(answer: Hint, all: readonly Hint[]): readonly Span[] {
  const keys = Math.max(...all.map((other) => other.keys.length));
  return [{ text: "  " }, { text: answer.keys.padEnd(keys), role: "key" }, { text: `  ${answer.label}` }];
}
