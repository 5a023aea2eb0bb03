/** What the log pane says when a step failed or the build ended: headline, last lines, what can be done. */
import type { LogView } from "../../../debugger/progress/progress-store.ts";
import type { Size } from "../../cells/rect.ts";
import type { Hint } from "../../drawing/hint-row.ts";
import type { Look } from "../../drawing/look.ts";
import { offerRows } from "../../drawing/offers.ts";
import { fillRows, row } from "../../drawing/row.ts";
import { wrapText } from "../../drawing/wrap.ts";
import { rewrittenMark, timeSpan } from "./log-pane.ts";

export interface FailureModel {
  /** E.g. "step 6/9 failed: exit code 2 after 14.9s". */
  readonly headline: string;
  /** E.g. "RUN npm run build". */
  readonly command: string;
  /** The failed step's own lines; the last ones are shown. */
  readonly log: LogView;
  /** Epoch milliseconds; the lines' times count from here. */
  readonly startedMs: number | undefined;
  /** Reasons in sentences, most important first. */
  readonly why: readonly string[];
  /** Which states there are to look at, in one sentence; "" = nothing to say. */
  readonly kept: string;
  /** Steps that failed in parallel, one line each. */
  readonly also: readonly string[];
  /** Which steps were only cancelled, in one sentence; "" = none. */
  readonly cancelled: string;
  /** Offered keys, in rows of three, e.g. `!` "shell on FAILED". */
  readonly offers: readonly Hint[];
}

/** `size.rows` rows: as many of the last lines as fit, above what can be done. */
export function failureBlock(model: FailureModel, size: Size, look: Look): readonly string[] {
  const { columns } = size;
  const wrapped = (text: string): readonly string[] =>
    wrapText(text, columns, look).map((line) => row([{ text: line }], columns, look));
  const why = model.why.flatMap(wrapped).slice(0, Math.max(1, Math.floor(size.rows / MOST_WHY)));
  const head = [...headlineRows(model, columns, look), ...why];
  const tail = [
    row([], columns, look),
    ...model.also.map((text) => row([{ text, role: "failed" }], columns, look)),
    ...(model.cancelled === "" ? [] : wrapped(model.cancelled)),
    ...(model.kept === "" ? [] : wrapped(model.kept)),
    ...offerRows(model.offers, columns, look),
  ];
  // Without room for everything the last two lines of output are worth more than the blank row and the keys.
  const room = Math.max(Math.min(2, size.rows - head.length), size.rows - head.length - tail.length);
  return fillRows([...head, ...lastLines(model, room, columns, look), ...tail], size);
}

/** Reasons get this part of the rows at most. */
const MOST_WHY = 3;

/** A long headline takes two rows; the command stands behind one that leaves room. */
function headlineRows({ headline, command }: FailureModel, columns: number, look: Look): readonly string[] {
  const [first = "", ...more] = wrapText(`${look.glyphs.failed} ${headline}`, columns, look);
  const behind = more.length > 0 ? "" : `        ${command}`;
  return [
    row(
      [
        { text: first, role: "failed" },
        { text: behind, role: "dim" },
      ],
      columns,
      look,
    ),
    ...more.slice(0, 1).map((text) => row([{ text: `  ${text}`, role: "failed" }], columns, look)),
  ];
}

export interface FinishedModel {
  /** E.g. "finished in 12s". */
  readonly headline: string;
  /** E.g. ["image", "sha256:…"], ["steps", "9 (4 cached)"]. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** The target is built, but its outputs are missing. */
  readonly isUnmade: boolean;
  readonly offers: readonly Hint[];
}

/** `size.rows` rows. */
export function finishedBlock(model: FinishedModel, size: Size, look: Look): readonly string[] {
  const { columns } = size;
  const labels = Math.max(0, ...model.facts.map(({ label }) => label.length));
  return fillRows(
    [
      row(
        [
          model.isUnmade
            ? { text: `${look.glyphs.failed} ${model.headline}`, role: "failed" }
            : { text: `${look.glyphs.done} ${model.headline}`, role: "done" },
        ],
        columns,
        look,
      ),
      ...model.facts.map(({ label, value }) =>
        row([{ text: `  ${label.padEnd(labels)}  `, role: "dim" }, { text: value }], columns, look),
      ),
      row([], columns, look),
      ...offerRows(model.offers, columns, look),
    ],
    size,
  );
}

function lastLines(model: FailureModel, count: number, columns: number, look: Look): readonly string[] {
  const { log } = model;
  const shown: string[] = [];
  for (let index = Math.max(log.first, log.end - count); index < log.end; index += 1) {
    const line = log.line(index);
    if (line === undefined) continue;
    const time = timeSpan(Math.max(0, line.atMs - (model.startedMs ?? line.atMs)));
    shown.push(
      row([{ text: line.text, ownColors: true }, ...rewrittenMark(line.raw)], columns, look, {
        fixed: [time],
      }),
    );
  }
  return shown;
}
