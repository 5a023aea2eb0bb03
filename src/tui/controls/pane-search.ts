/** `/ , .`: searching the focused pane. */

import { LIST_PANES, type PaneId } from "../commands/pane-words.ts";
import { type Direction, findHit, type Searchable } from "../drawing/search-hits.ts";
import type { ShellSurface } from "../emulator/emulator.ts";
import { PANES } from "../panes/all-panes.ts";
import type { UiAction, UiState } from "../state/ui-state.ts";
import type { Desk } from "./app.ts";
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
    if (search === undefined)
      this.#desk.say(`nothing was searched for; ${this.#desk.keys.keyOf("search")} searches`);
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
    const { pane, text } = search;
    if (pane === "shell") return this.#goShell(text, direction);
    this.#log.stop();
    const texts = PANES[pane].texts(view);
    const hit =
      texts === undefined
        ? undefined
        : findHit(texts.rows, text, texts.from(direction, includeHere), direction);
    if (texts === undefined || hit === undefined) return false;
    this.#desk.act(...texts.show(hit));
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
  return [
    { kind: "log", view: ui.log },
    ...LIST_PANES.map((pane): UiAction => ({ kind: "list", pane, view: ui[pane] })),
  ];
}
