/** Searching the log: the newest part of it while one types, the whole of it afterwards, and no key waits for that. */
import { toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { type Direction, hitInPieces, hitsIn } from "../drawing/search-hits.ts";
import type { LogRows } from "../panes/log/log-rows.ts";
import { isLongLog, logAt, logRowText, logSearchable, searchFrom } from "../panes/log/log-texts.ts";
import type { View } from "../screen/view.ts";
import type { App } from "./app.ts";

/** A search that takes longer says that it is under way. */
const TOLD_AFTER_MS = 300;

/** One search in the log at a time; a new one ends the one before. */
export class LogSearch {
  readonly #app: App;
  #stop = new AbortController();

  constructor(app: App) {
    this.#app = app;
  }

  /** Whether the log has rows that are not searched at once; then all of it is searched, and the outcome is shown or said. */
  goThroughAll(view: View, text: string, direction: Direction): boolean {
    const { logRows } = view;
    if (logRows === undefined || !isLongLog(logRows)) return false;
    this.stop();
    this.#stop = new AbortController();
    this.#app.background(this.#search(logRows, text, searchFrom(view, logRows, direction), direction));
    return true;
  }

  /** What is under way is not wanted any more. */
  stop(): void {
    this.#stop.abort();
  }

  async #search(logRows: LogRows, text: string, from: number, direction: Direction): Promise<void> {
    const { signal } = this.#stop;
    let isTold = false;
    const telling = setTimeout(() => {
      isTold = true;
      this.#app.say(`searching the whole log: ${text}`);
    }, TOLD_AFTER_MS);
    try {
      const rows = logSearchable(logRows, logRows.first);
      const hit = await inSlices(hitInPieces(rows, text, { from, direction }), { signal });
      if (signal.aborted) return;
      const { logRows: shown } = this.#app.view();
      if (hit === undefined) this.#app.say(`not found: ${text}`);
      // Meanwhile the pane may have turned to another step, or another attempt may have begun.
      else if (shown !== undefined && hitsIn(logRowText(shown.row(hit)), text).length > 0) {
        this.#show(shown, hit);
        if (isTold) this.#app.say(`found: ${text}`);
      }
    } catch (error) {
      if (toBktuiError(error).code !== "cancelled") throw error;
    } finally {
      clearTimeout(telling);
    }
  }

  #show(logRows: LogRows, hit: number): void {
    this.#app.act(logAt(this.#app.view(), logRows, hit));
  }
}
