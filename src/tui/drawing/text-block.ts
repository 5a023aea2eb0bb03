/** Blocks of words in place of a pane: connecting, no engine, a private engine being started, a refused file. */
import type { Size } from "../cells/rect.ts";
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";
import { choiceRows, offerRows } from "./offers.ts";
import { fillRows, row, type Span } from "./row.ts";
import { wrapText } from "./wrap.ts";

export type TextBlockModel =
  | {
      readonly kind: "working";
      /** E.g. "connecting to unix:///var/run/docker.sock". */
      readonly headline: string;
      /** The latest lines of the engine's start or of the loading, oldest first. */
      readonly lines: readonly string[];
    }
  | {
      /** "note": nothing has failed. */
      readonly kind: "error" | "note";
      /** What failed, on what, why. */
      readonly headline: string;
      /** What to do next; undefined = nothing to say. */
      readonly hint: string | undefined;
      readonly lines: readonly string[];
      readonly offers: readonly Hint[];
      /** They are choices: one below the other. */
      readonly choices?: true;
    };

/** `size.rows` rows. Of the lines the last ones are shown that fit. */
export function textBlock(model: TextBlockModel, size: Size, look: Look): readonly string[] {
  const painted = (texts: readonly string[], role?: Span["role"]): readonly string[] =>
    texts.map((text) => row([{ text, role }], size.columns, look));
  const wrapped = (text: string): readonly string[] => wrapText(text, size.columns - 1, look);
  if (model.kind === "working") {
    const head = painted(wrapped(model.headline), "bold");
    return fillRows(
      [...head, ...lastOf(painted(model.lines.flatMap(wrapped), "dim"), size.rows - head.length)],
      size,
    );
  }
  const head = [
    ...(model.kind === "error"
      ? painted(wrapped(`${look.glyphs.failed} ${model.headline}`), "failed")
      : painted(wrapped(model.headline), "bold")),
    ...(model.hint === undefined ? [] : painted(wrapped(model.hint))),
  ];
  const rowsOf = model.choices === true ? choiceRows : offerRows;
  const offers =
    model.offers.length === 0 ? [] : ["".padEnd(size.columns), ...rowsOf(model.offers, size.columns, look)];
  const lines = painted(model.lines.flatMap(wrapped), "dim");
  return fillRows([...head, ...lastOf(lines, size.rows - head.length - offers.length), ...offers], size);
}

function lastOf(rows: readonly string[], count: number): readonly string[] {
  return count <= 0 ? [] : rows.slice(-count);
}
