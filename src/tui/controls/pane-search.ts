/** `/ , .`: searching the focused pane. */

import { LIST_PANES, type PaneId } from "../commands/pane-words.ts";
import { type Direction, findHit, type Searchable } from "../drawing/search-hits.ts";
import type { Emulator } from "../emulator/emulator.ts";
import { PANES } from "../panes/all-panes.ts";
import type { UiAction, UiState } from "../state/ui-state.ts";
import type { App } from "./app.ts";
import { LogSearch } from "./log-search.ts";

/** What a given-up search goes back to. */
interface Origin {
  readonly pane: PaneId;
  readonly ui: UiState;
  /** First line that the shell pane showed. */
  readonly shellLine: number | undefined;
}

/** The search of the focused pane: what was typed, its hits, the next one. */
export class PaneSearch {
  readonly #app: App;
  readonly #emulator: () => Emulator | undefined;
  readonly #log: LogSearch;
  #origin: Origin | undefined;
  /** The text typed so far is somewhere in the pane. */
  #found = false;

  constructor(app: App, emulator: () => Emulator | undefined) {
    this.#app = app;
    this.#emulator = emulator;
    this.#log = new LogSearch(app);
  }

  begin(): void {
    this.#log.stop();
    const { ui } = this.#app.view();
    this.#origin = { pane: ui.focus, ui, shellLine: this.#emulator()?.firstLine };
  }

  /** The text so far; undefined = given up: everything is as before. */
  typed(text: string | undefined): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    this.#app.act(...backTo(origin));
    if (origin.shellLine !== undefined) this.#emulator()?.scrollToLine(origin.shellLine);
    const given = text === undefined || text === "";
    this.#app.act(given ? { kind: "search-clear" } : { kind: "search", pane: origin.pane, text });
    this.#highlightShell();
    if (text === undefined) this.#origin = undefined;
    else if (text !== "") this.#found = this.#go(origin.pane === "shell" ? "previous" : "next", true);
  }

  accept(text: string): void {
    this.#origin = undefined;
    if (text === "") this.clear();
    else if (!this.#found && !this.#throughAll("next")) this.#app.say(`not found: ${text}`);
  }

  /** Nothing is searched for any more. */
  clear(): void {
    this.#log.stop();
    this.#app.act({ kind: "search-clear" });
    this.#highlightShell();
  }

  again(direction: Direction): void {
    const { search } = this.#app.ui;
    if (search === undefined)
      this.#app.say(`nothing was searched for; ${this.#app.keys.keyOf("search")} searches`);
    else if (!this.#throughAll(direction) && !this.#go(direction, false))
      this.#app.say(`not found: ${search.text}`);
  }

  /** Whether that is under way: a log that is too long to be searched between two keys. */
  #throughAll(direction: Direction): boolean {
    const view = this.#app.view();
    const { search } = view.ui;
    return search?.pane === "log" && this.#log.goThroughAll(view, search.text, direction);
  }

  #highlightShell(): void {
    const { search } = this.#app.ui;
    this.#emulator()?.highlight(search?.pane === "shell" ? search.text : "");
  }

  #go(direction: Direction, includeHere: boolean): boolean {
    const view = this.#app.view();
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
    this.#app.act(...texts.show(hit));
    return true;
  }

  /** Begins at the last line on the screen: what was printed last is what one looks for. */
  #goShell(text: string, direction: Direction): boolean {
    const emulator = this.#emulator();
    if (emulator === undefined) return false;
    const rows: Searchable = {
      first: 0,
      end: emulator.lineCount,
      textAt: (index) => emulator.lineText(index),
    };
    const from = emulator.hit ?? emulator.firstLine + (direction === "next" ? -1 : emulator.size.rows);
    const hit = findHit(rows, text, from, direction);
    if (hit === undefined) return false;
    emulator.showHit(hit);
    // The pane's title says how far it is scrolled.
    this.#app.changed();
    return true;
  }
}

function backTo({ ui }: Origin): readonly UiAction[] {
  return [
    { kind: "log", view: ui.log },
    ...LIST_PANES.map((pane): UiAction => ({ kind: "list", pane, view: ui[pane] })),
  ];
}
