/** Searching the log: the newest part of it while one types, the whole of it afterwards, and no key waits for that. */
import { toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import { type Direction, findHit, hitInPieces, hitsIn, type Searchable } from "../drawing/search-hits.ts";
import type { LogRow, LogRows } from "../panes/log/log-rows.ts";
import type { View } from "../screen/view.ts";
import type { Desk } from "./app.ts";

/** Rows looked at while typing, so that a key never waits for a log of a million lines. */
const AT_ONCE = 100_000;
/** A search that takes longer says that it is under way. */
const TOLD_AFTER_MS = 300;

export class LogSearch {
  readonly #desk: Desk;
  #stop = new AbortController();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Whether a row was found at once and is shown. */
  go(view: View, text: string, direction: Direction): boolean {
    this.stop();
    const { logRows } = view;
    if (logRows === undefined) return false;
    const first = Math.max(logRows.first, logRows.end - AT_ONCE);
    const hit = findHit(searchable(logRows, first), text, fromIn(view, logRows, direction), direction);
    if (hit === undefined) return false;
    this.#show(logRows, hit);
    return true;
  }

  /** Whether the log has rows that `go` leaves out; then all of it is searched, and the outcome is shown or said. */
  goThroughAll(view: View, text: string, direction: Direction): boolean {
    const { logRows } = view;
    if (logRows === undefined || logRows.end - logRows.first <= AT_ONCE) return false;
    this.stop();
    this.#stop = new AbortController();
    this.#desk.background(this.#search(logRows, text, fromIn(view, logRows, direction), direction));
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
      this.#desk.say(`searching the whole log: ${text}`);
    }, TOLD_AFTER_MS);
    try {
      const rows = searchable(logRows, logRows.first);
      const hit = await inSlices(hitInPieces(rows, text, { from, direction }), { signal });
      if (signal.aborted) return;
      const { logRows: shown } = this.#desk.view();
      if (hit === undefined) this.#desk.say(`not found: ${text}`);
      // Meanwhile the pane may have turned to another step, or another attempt may have begun.
      else if (shown !== undefined && hitsIn(textOf(shown.row(hit)), text).length > 0) {
        this.#show(shown, hit);
        if (isTold) this.#desk.say(`found: ${text}`);
      }
    } catch (error) {
      if (toBktuiError(error).code !== "cancelled") throw error;
    } finally {
      clearTimeout(telling);
    }
  }

  #show(logRows: LogRows, hit: number): void {
    const rows = this.#desk.view().layout.lower?.rows ?? 1;
    const top = Math.max(logRows.first, Math.min(hit - Math.floor(rows / 2), logRows.end - rows));
    this.#desk.act({ kind: "log", view: { hit, top, full: true } });
  }
}

/** Where the search begins: at the last hit, or at what is on the screen. */
function fromIn({ ui, layout }: View, logRows: LogRows, direction: Direction): number {
  const rows = layout.lower?.rows ?? 1;
  return ui.log.hit ?? (direction === "next" ? (ui.log.top ?? logRows.end - rows) - 1 : logRows.end);
}

function searchable(logRows: LogRows, first: number): Searchable {
  return { first, end: logRows.end, textAt: (index) => textOf(logRows.row(index)) };
}

function textOf(row: LogRow | undefined): string {
  return row?.kind === "line" || row?.kind === "note" ? row.text : "";
}
