/** `/ , .`: searching the focused pane. */

import type { PaneId } from "../commands/keymap.ts";
import { centeredTop } from "../drawing/row-window.ts";
import { type Direction, findHit, type Searchable } from "../drawing/search-hits.ts";
import type { ShellSurface } from "../emulator/emulator.ts";
import { breakRows } from "../panes/breaks/break-list.ts";
import { graphRowText } from "../panes/graph/graph-outline.ts";
import { stepList } from "../panes/steps/step-list.ts";
import { infoTexts, messageTexts } from "../screen/draw.ts";
import type { View } from "../screen/view.ts";
import type { ListPane, UiAction, UiState } from "../state/ui-state.ts";
import type { Desk } from "./app.ts";
import { sourceAt } from "./cursor-moves.ts";
import { LogSearch } from "./log-search.ts";

/** What a given-up search goes back to. */
interface Origin {
  readonly pane: PaneId;
  readonly ui: UiState;
  /** First line that the shell pane showed. */
  readonly shellLine: number | undefined;
}

export class PaneSearch {
  readonly #desk: Desk;
  readonly #shellSurface: () => ShellSurface | undefined;
  readonly #log: LogSearch;
  #origin: Origin | undefined;
  /** The text typed so far is somewhere in the pane. */
  #found = false;

  constructor(desk: Desk, shellSurface: () => ShellSurface | undefined) {
    this.#desk = desk;
    this.#shellSurface = shellSurface;
    this.#log = new LogSearch(desk);
  }

  begin(): void {
    this.#log.stop();
    const { ui } = this.#desk.view();
    this.#origin = { pane: ui.focus, ui, shellLine: this.#shellSurface()?.firstLine };
  }

  /** The text so far; undefined = given up: everything is as before. */
  typed(text: string | undefined): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    this.#desk.act(...backTo(origin));
    if (origin.shellLine !== undefined) this.#shellSurface()?.scrollToLine(origin.shellLine);
    const given = text === undefined || text === "";
    this.#desk.act(given ? { kind: "search-clear" } : { kind: "search", pane: origin.pane, text });
    this.#highlightShell();
    if (text === undefined) this.#origin = undefined;
    else if (text !== "") this.#found = this.#go(origin.pane === "shell" ? "previous" : "next", true);
  }

  accept(text: string): void {
    this.#origin = undefined;
    if (text === "") this.clear();
    else if (!this.#found && !this.#throughAll("next")) this.#desk.say(`not found: ${text}`);
  }

  /** Nothing is searched for any more. */
  clear(): void {
    this.#log.stop();
    this.#desk.act({ kind: "search-clear" });
    this.#highlightShell();
  }

  again(direction: Direction): void {
    const { search } = this.#desk.ui;
    if (search === undefined) this.#desk.say("nothing was searched for; / searches");
    else if (!this.#throughAll(direction) && !this.#go(direction, false))
      this.#desk.say(`not found: ${search.text}`);
  }

  /** Whether that is under way: a log that is too long to be searched between two keys. */
  #throughAll(direction: Direction): boolean {
    const view = this.#desk.view();
    const { search } = view.ui;
    return search?.pane === "log" && this.#log.goThroughAll(view, search.text, direction);
  }

  #highlightShell(): void {
    const { search } = this.#desk.ui;
    this.#shellSurface()?.highlight(search?.pane === "shell" ? search.text : "");
  }

  #go(direction: Direction, includeHere: boolean): boolean {
    const view = this.#desk.view();
    const { search } = view.ui;
    if (search === undefined) return false;
    const { text } = search;
    switch (search.pane) {
      case "source":
        return this.#goSource(view, text, direction, includeHere);
      case "log":
        return this.#log.go(view, text, direction);
      case "shell":
        return this.#goShell(text, direction);
      case "steps":
      case "files":
      case "breaks":
      case "graph":
        return this.#goList(view, search.pane, text, { direction, includeHere });
      case "info":
        return this.#goList(view, "info", text, { direction, includeHere });
      case "messages":
        return this.#goList(view, "messagesView", text, { direction, includeHere });
      case "editor":
        return false;
    }
  }

  #goSource(view: View, text: string, direction: Direction, includeHere: boolean): boolean {
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

  /** Panes without a cursor of their own are scrolled; the hit is remembered as their cursor. */
  #goList(
    view: View,
    pane: Exclude<ListPane, "source">,
    text: string,
    { direction, includeHere }: { readonly direction: Direction; readonly includeHere: boolean },
  ): boolean {
    const texts = textsOf(pane, view);
    const rows: Searchable = { first: 0, end: texts.length, textAt: (index) => texts[index] ?? "" };
    const { cursor } = view.ui[pane];
    const hit = findHit(rows, text, cursor - (includeHere ? 1 : 0), direction);
    if (hit === undefined) return false;
    const height = view.layout.lower?.rows ?? 1;
    const top = centeredTop({ cursor: hit, rows: height, total: texts.length });
    const hasCursor = pane === "steps" || pane === "files" || pane === "breaks" || pane === "graph";
    const found = hasCursor ? { cursor: hit, centered: false } : { cursor: hit, top };
    this.#desk.act({ kind: "list", pane, view: found });
    return true;
  }

  /** Begins at the last line on the screen: what was printed last is what one looks for. */
  #goShell(text: string, direction: Direction): boolean {
    const surface = this.#shellSurface();
    if (surface === undefined) return false;
    const rows: Searchable = { first: 0, end: surface.lineCount, textAt: (index) => surface.lineText(index) };
    const from = surface.hit ?? surface.firstLine + (direction === "next" ? -1 : surface.size.rows);
    const hit = findHit(rows, text, from, direction);
    if (hit === undefined) return false;
    surface.showHit(hit);
    // The pane's title says how far it is scrolled.
    this.#desk.changed();
    return true;
  }
}

function backTo({ ui }: Origin): readonly UiAction[] {
  const panes: readonly ListPane[] = ["source", "steps", "files", "breaks", "graph", "info", "messagesView"];
  return [
    { kind: "log", view: ui.log },
    ...panes.map((pane): UiAction => ({ kind: "list", pane, view: ui[pane] })),
  ];
}

function textsOf(pane: Exclude<ListPane, "source">, view: View): readonly string[] {
  switch (pane) {
    case "steps": {
      const { document, standings } = view;
      if (document.program === undefined || standings === undefined) return [];
      return stepList(document.program, standings).rows.map((row) =>
        row.kind === "stage" ? row.name : row.text,
      );
    }
    case "files":
      return view.files?.rows.map(({ label }) => label) ?? [];
    case "breaks":
      return view.debug === undefined
        ? []
        : breakRows(view.debug.state).map(({ place, text }) => `${place} ${text}`);
    case "graph":
      return (view.graph?.outline.rows ?? []).map(graphRowText);
    case "info":
      return infoTexts(view);
    case "messagesView":
      return messageTexts(view);
  }
}
