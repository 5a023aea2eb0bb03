/** `/ , .`: searching the focused pane. */
import type { Desk } from "./desk.ts";
import type { PaneId } from "./keymap.ts";
import { sourceAt } from "./motions.ts";
import type { LogRow } from "./panes/log-rows.ts";
import { findHit, type Searchable } from "./panes/search.ts";
import type { ShellSurface } from "./surfaces/shell-surface.ts";
import type { ListView, UiState } from "./ui-state.ts";
import type { View } from "./view.ts";

/** What a given-up search goes back to. */
interface Origin {
  readonly pane: PaneId;
  readonly source: ListView;
  readonly log: UiState["log"];
}

/** Rows looked at while typing, so that a key never waits for a log of a million lines. */
const MAX_SEARCHED_ROWS = 100_000;

export class PaneSearch {
  readonly #desk: Desk;
  readonly #shellSurface: () => ShellSurface | undefined;
  #origin: Origin | undefined;

  constructor(desk: Desk, shellSurface: () => ShellSurface | undefined) {
    this.#desk = desk;
    this.#shellSurface = shellSurface;
  }

  /** False when the focused pane cannot be searched. */
  begin(): boolean {
    const { focus, source, log } = this.#desk.ui;
    if (focus !== "source" && focus !== "log" && focus !== "shell") return false;
    this.#origin = { pane: focus, source, log };
    return true;
  }

  /** The text so far; undefined = given up: everything is as before. */
  typed(text: string | undefined): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    this.#desk.act(
      { kind: "list", pane: "source", view: origin.source },
      { kind: "log", view: origin.log },
      text === undefined || text === ""
        ? { kind: "search-clear" }
        : { kind: "search", pane: origin.pane, text },
    );
    if (text === undefined) this.#origin = undefined;
    else if (text !== "") this.#go("next", true);
  }

  accept(text: string): void {
    this.#origin = undefined;
    if (text === "") this.#desk.act({ kind: "search-clear" });
  }

  again(direction: "next" | "previous"): void {
    const { search } = this.#desk.ui;
    if (search === undefined) this.#desk.say("nothing was searched for; / searches");
    else if (!this.#go(direction, false)) this.#desk.say(`not found: ${search.text}`);
  }

  #go(direction: "next" | "previous", includeHere: boolean): boolean {
    const view = this.#desk.view();
    const { search } = view.ui;
    if (search === undefined) return false;
    switch (search.pane) {
      case "source":
        return this.#goSource(view, search.text, direction, includeHere);
      case "log":
        return this.#goLog(view, search.text, direction);
      case "shell":
        return this.#goShell(search.text, direction);
      default:
        return false;
    }
  }

  #goSource(view: View, text: string, direction: "next" | "previous", includeHere: boolean): boolean {
    const { document, ui } = view;
    const rows: Searchable = {
      first: 0,
      end: document.layout.rows,
      textAt: (index) => {
        const row = document.layout.rowAt(index);
        return row?.kind === "line" ? (document.text.lines[row.line - 1] ?? "") : "";
      },
    };
    const hit = findHit(rows, text, ui.source.cursor - (includeHere ? 1 : 0), direction);
    if (hit === undefined) return false;
    this.#desk.act(sourceAt(hit));
    return true;
  }

  #goLog(view: View, text: string, direction: "next" | "previous"): boolean {
    const { logRows, ui, layout } = view;
    if (logRows === undefined) return false;
    const rows = layout.lower?.rows ?? 1;
    const first = Math.max(logRows.first, logRows.end - MAX_SEARCHED_ROWS);
    const searchable: Searchable = { first, end: logRows.end, textAt: (index) => textOf(logRows.row(index)) };
    const from = ui.log.hit ?? (direction === "next" ? (ui.log.top ?? logRows.end - rows) - 1 : logRows.end);
    const hit = findHit(searchable, text, from, direction);
    if (hit === undefined) return false;
    const top = Math.max(logRows.first, Math.min(hit - Math.floor(rows / 2), logRows.end - rows));
    this.#desk.act({ kind: "log", view: { hit, top, full: true } });
    return true;
  }

  #goShell(text: string, direction: "next" | "previous"): boolean {
    const surface = this.#shellSurface();
    if (surface === undefined) return false;
    const rows: Searchable = { first: 0, end: surface.lineCount, textAt: (index) => surface.lineText(index) };
    const hit = findHit(rows, text, surface.firstLine, direction);
    if (hit === undefined) return false;
    surface.scrollToLine(hit);
    return true;
  }
}

function textOf(row: LogRow | undefined): string {
  return row?.kind === "line" || row?.kind === "note" ? row.text : "";
}
