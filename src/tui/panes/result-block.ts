/** What the log pane says when a step failed or the build ended: headline, last lines, what can be done. */
import { unreachable } from "../../base/errors.ts";
import type { LogView } from "../../debugger/progress-store.ts";
import type { Size } from "../surface.ts";
import type { Hint } from "./hint-row.ts";
import { timeSpan } from "./log-pane.ts";
import type { Look } from "./look.ts";
import { offerRows } from "./offers.ts";
import { fillRows, row } from "./row.ts";
import { wrapText } from "./wrap.ts";

export interface FailureModel {
  /** E.g. "step 6/9 failed: exit code 2 after 14.9s". */
  readonly headline: string;
  /** E.g. "RUN npm run build". */
  readonly command: string;
  /** The failed step's own lines; the last ones are shown. */
  readonly log: LogView;
  /** Epoch milliseconds; the lines' times count from here. */
  readonly startedMs: number | undefined;
  /**
   * Which states exist: both; only BASE because the engine keeps no failed state (its name, e.g. "BuildKit 0.8");
   * none (the step failed before anything could be kept).
   */
  readonly kept:
    | { readonly kind: "both" }
    | { readonly kind: "base-only"; readonly engine: string }
    | { readonly kind: "none"; readonly why: string };
  /** Offered keys, in rows of three, e.g. `!` "shell on FAILED". */
  readonly offers: readonly Hint[];
}

/** `size.rows` rows: as many of the last lines as fit, above what can be done. */
export function failureBlock(model: FailureModel, size: Size, look: Look): readonly string[] {
  const { columns } = size;
  const headline = row(
    [
      { text: `${look.glyphs.failed} ${model.headline}`, role: "failed" },
      { text: `        ${model.command}`, role: "dim" },
    ],
    columns,
    look,
  );
  const kept = wrapText(keptWords(model.kept), columns, look).map((text) => row([{ text }], columns, look));
  const tail = [row([], columns, look), ...kept, ...offerRows(model.offers, columns, look)];
  // Without room for everything the last two lines of output are worth more than the blank row and the keys.
  const room = Math.max(Math.min(2, size.rows - 1), size.rows - 1 - tail.length);
  return fillRows([headline, ...lastLines(model, room, columns, look), ...tail], size);
}

export interface FinishedModel {
  /** E.g. "finished in 12s". */
  readonly headline: string;
  /** E.g. ["image", "sha256:…"], ["steps", "9 (4 cached)"]. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly offers: readonly Hint[];
}

/** `size.rows` rows. */
export function finishedBlock(model: FinishedModel, size: Size, look: Look): readonly string[] {
  const { columns } = size;
  const labels = Math.max(0, ...model.facts.map(({ label }) => label.length));
  return fillRows(
    [
      row([{ text: `${look.glyphs.done} ${model.headline}`, role: "done" }], columns, look),
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
    shown.push(row([{ text: line.text, ownColors: true }], columns, look, { fixed: [time] }));
  }
  return shown;
}

function keptWords(kept: FailureModel["kept"]): string {
  switch (kept.kind) {
    case "both":
      return "Kept: FAILED (what the command left) and BASE (before it). Both open at once.";
    case "base-only":
      return `Kept: BASE. This engine keeps no FAILED state (${kept.engine}); BASE is what the command started from.`;
    case "none":
      return `Nothing was kept: ${kept.why}`;
    default:
      return unreachable(kept);
  }
}
