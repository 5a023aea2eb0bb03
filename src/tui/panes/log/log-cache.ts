/** Rows and labels of the log, kept between views. */

import type { Debugger } from "../../../debugger/debugger.ts";
import type { EarlierLog } from "../../../debugger/progress/earlier-logs.ts";
import { programOf } from "../../../debugger/state/inspect.ts";
import type { Digest } from "../../../graph/graph.ts";
import type { Program } from "../../../graph/program.ts";
import { LogIndex, type LogRows, rawLogRows, stepLogRows } from "./log-rows.ts";
import { LogLabels } from "./log-summary.ts";
import { withOpenLines } from "./open-rows.ts";

/** Keeps the row index and the labels of the log. */
export class LogCache {
  #index: { readonly debug: Debugger; readonly rows: LogIndex; version: number } | undefined;
  #labels: { readonly program: Program | undefined; readonly labels: LogLabels } | undefined;

  /** All steps' rows, or one step's; `earlier`: what that step printed when it ran; `raw`: with what was written over. */
  rows(
    debug: Debugger,
    { only, earlier, raw }: { only: Digest | undefined; earlier: EarlierLog | undefined; raw: boolean },
  ): LogRows {
    const rows = only === undefined ? this.#indexOf(debug) : stepLogRows(debug.progress, only, earlier);
    return withOpenLines(raw ? rawLogRows(rows) : rows, debug.progress, only);
  }

  /** A line of bktui's own. */
  note(debug: Debugger, text: string): void {
    this.#indexOf(debug).note(text);
  }

  labels(debug: Debugger | undefined): LogLabels {
    const program = programOf(debug?.state);
    // The labels of the last program stay while the next one is being made.
    if (this.#labels === undefined || (program !== undefined && program !== this.#labels.program)) {
      this.#labels = { program, labels: new LogLabels(program) };
    }
    return this.#labels.labels;
  }

  #indexOf(debug: Debugger): LogIndex {
    if (this.#index?.debug !== debug) {
      const rows = new LogIndex(debug.progress, (vertex) => this.labels(debug).isStep(vertex));
      this.#index = { debug, rows, version: -1 };
    }
    if (this.#index.version !== debug.progress.version) {
      this.#index.version = debug.progress.version;
      this.#index.rows.update();
    }
    return this.#index.rows;
  }
}
