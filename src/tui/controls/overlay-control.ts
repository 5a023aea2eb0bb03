/** Keys while something lies over the panes: help, prompts, questions, menus. */

import type { CommandId } from "../../console/command-table.ts";
import { suggestions } from "../commands/suggestions.ts";
import type { KeyEvent } from "../input/events.ts";
import { helpCommands } from "../overlays/help.ts";
import { editPrompt, insert } from "../overlays/prompt-text.ts";
import type { MenuItem, Overlay } from "../state/ui-state.ts";
import type { App, Question } from "./app.ts";

type Prompt = Extract<Overlay, { kind: "prompt" }>;

export interface OverlayControlOptions {
  readonly app: App;
  run(command: CommandId): void;
  /** A line was accepted. */
  accept(purpose: Prompt["purpose"], text: string): void;
  /** The text of a search changed while typing, or the search was given up. */
  searching(text: string | undefined): void;
  readonly nowMs: () => number;
  /** Keys of a menu go to the component that draws it. */
  menuKey(raw: string): void;
}

/** Keys that arrive this soon after a dialog were meant for what was there before. */
const DIALOG_DEAF_MS = 150;

/** Opens and closes overlays, and answers what was asked in them. */
export class OverlayControl {
  readonly #options: OverlayControlOptions;
  readonly #app: App;
  #answer: ((yes: boolean) => void) | undefined;
  #choose: ((value: string) => void) | undefined;
  #up: (() => void) | undefined;

  constructor(options: OverlayControlOptions) {
    this.#options = options;
    this.#app = options.app;
  }

  ask({ title, lines }: Question): Promise<boolean> {
    this.#answer?.(false);
    const shownAtMs = this.#options.nowMs();
    this.#app.act({ kind: "overlay", overlay: { kind: "question", title, lines, shownAtMs } });
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** A list to choose from; `onChoose` gets the value, `onUp` is called for Backspace and h. */
  menu(
    title: string,
    items: readonly MenuItem[],
    initial: number,
    onChoose: (value: string) => void,
    onUp?: () => void,
  ): void {
    this.#choose = onChoose;
    this.#up = onUp;
    this.#app.act({ kind: "overlay", overlay: { kind: "menu", title, items, initial } });
  }

  /** Called by the menu's component. */
  chosen(value: string): void {
    const choose = this.#choose;
    this.close();
    choose?.(value);
  }

  prompt(purpose: Prompt["purpose"], text = ""): void {
    const input = { text, caret: text.length };
    this.#app.act({ kind: "overlay", overlay: { kind: "prompt", purpose, input, selected: -1, back: 0 } });
  }

  close(): void {
    const { overlay } = this.#app.ui;
    this.#choose = undefined;
    this.#app.act({ kind: "overlay", overlay: { kind: "none" } });
    if (overlay.kind === "question") this.#settle(false);
    if (overlay.kind === "prompt" && overlay.purpose === "search") this.#options.searching(undefined);
  }

  /** A key; nothing else gets it. */
  key(event: KeyEvent): void {
    const { overlay } = this.#app.ui;
    switch (overlay.kind) {
      case "none":
        return;
      case "question":
        this.#questionKey(event, overlay.shownAtMs);
        return;
      case "help":
        this.#helpKey(event, overlay);
        return;
      case "prompt":
        this.#promptKey(event, overlay);
        return;
      case "menu":
        if (isClosing(event.chord) || event.chord === "q") this.close();
        else if (this.#up !== undefined && (event.chord === "Backspace" || event.chord === "h")) this.#up();
        else this.#options.menuKey(event.raw);
        return;
      case "text":
        this.#textKey(event, overlay);
        return;
    }
  }

  /** Pasted text goes into a prompt as one line; everywhere else it is ignored by the caller. */
  paste(text: string): boolean {
    const { overlay } = this.#app.ui;
    if (overlay.kind !== "prompt") return false;
    const [line = ""] = text.split(/[\r\n]/);
    this.#edit(overlay, insert(overlay.input, line));
    return true;
  }

  #settle(yes: boolean): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(yes);
  }

  #questionKey({ chord }: KeyEvent, shownAtMs: number): void {
    if (this.#options.nowMs() - shownAtMs < DIALOG_DEAF_MS) return;
    const no = chord === "n" || chord === "N" || chord === "Enter" || isClosing(chord);
    if (chord !== "y" && !no) return;
    this.#app.act({ kind: "overlay", overlay: { kind: "none" } });
    this.#settle(chord === "y");
  }

  #helpKey(event: KeyEvent, overlay: Extract<Overlay, { kind: "help" }>): void {
    const commands = helpCommands(this.#app.ui.focus, overlay.filter, this.#app.keys);
    const select = (selected: number): void => {
      const last = Math.max(0, commands.length - 1);
      this.#app.act({
        kind: "overlay",
        overlay: { ...overlay, selected: Math.min(last, Math.max(0, selected)) },
      });
    };
    const filter = (text: string): void => {
      this.#app.act({ kind: "overlay", overlay: { kind: "help", filter: text, selected: 0 } });
    };
    const { chord, char } = event;
    if (isClosing(chord) || chord === "F1") this.close();
    else if (chord === "Down" || chord === "Tab") select(overlay.selected + 1);
    else if (chord === "Up" || chord === "S-Tab") select(overlay.selected - 1);
    else if (chord === "PgDn") select(overlay.selected + 10);
    else if (chord === "PgUp") select(overlay.selected - 10);
    else if (chord === "Backspace") filter(overlay.filter.slice(0, -1));
    else if (chord === "Enter") this.#runFromHelp(commands[overlay.selected]);
    else if (chord === "?" && overlay.filter === "") this.close();
    else if (char !== undefined) filter(overlay.filter + char);
  }

  #runFromHelp(command: CommandId | undefined): void {
    this.close();
    if (command !== undefined) this.#options.run(command);
  }

  #promptKey(event: KeyEvent, overlay: Prompt): void {
    const { chord } = event;
    if (isClosing(chord)) this.close();
    else if (chord === "Enter") this.#acceptPrompt(overlay);
    else if (chord === "Up" || chord === "Down") this.#walk(overlay, chord === "Up" ? 1 : -1);
    else if (chord === "Tab") this.#complete(overlay);
    else if (chord === "Backspace" && overlay.input.text === "") this.close();
    else {
      const edited = editPrompt(overlay.input, event);
      if (edited !== undefined) this.#edit(overlay, edited);
    }
  }

  #edit(overlay: Prompt, input: Prompt["input"]): void {
    this.#app.act({ kind: "overlay", overlay: { ...overlay, input, selected: -1, back: 0 } });
    if (overlay.purpose === "search") this.#options.searching(input.text);
  }

  #acceptPrompt(overlay: Prompt): void {
    const chosen =
      overlay.purpose === "command" ? suggestions(overlay.input.text)[overlay.selected]?.name : undefined;
    const text = chosen ?? overlay.input.text;
    this.#app.act({ kind: "overlay", overlay: { kind: "none" } });
    if (overlay.purpose === "command") this.#app.act({ kind: "remember-input", text });
    this.#options.accept(overlay.purpose, text);
  }

  /** Up and Down: earlier lines while nothing is typed, else the suggestions. */
  #walk(overlay: Prompt, direction: 1 | -1): void {
    if (overlay.purpose !== "command") return;
    const { history } = this.#app.ui;
    if (overlay.back > 0 || (overlay.input.text === "" && direction === 1)) {
      const back = Math.min(history.length, Math.max(0, overlay.back + direction));
      const text = back === 0 ? "" : (history[history.length - back] ?? "");
      this.#app.act({ kind: "overlay", overlay: { ...overlay, back, input: { text, caret: text.length } } });
      return;
    }
    const last = suggestions(overlay.input.text).length - 1;
    const selected = Math.min(last, Math.max(-1, overlay.selected - direction));
    this.#app.act({ kind: "overlay", overlay: { ...overlay, selected } });
  }

  #complete(overlay: Prompt): void {
    if (overlay.purpose !== "command") return;
    const found = suggestions(overlay.input.text)[Math.max(0, overlay.selected)];
    if (found !== undefined) this.#edit(overlay, { text: found.name, caret: found.name.length });
  }

  #textKey({ chord }: KeyEvent, overlay: Extract<Overlay, { kind: "text" }>): void {
    const scroll = (by: number): void => {
      const top = Math.min(Math.max(0, overlay.top + by), Math.max(0, overlay.lines.length - 1));
      this.#app.act({ kind: "overlay", overlay: { ...overlay, top } });
    };
    if (isClosing(chord) || chord === "q" || chord === "Enter") this.close();
    else if (chord === "j" || chord === "Down") scroll(1);
    else if (chord === "k" || chord === "Up") scroll(-1);
    else if (chord === "PgDn" || chord === "Ctrl-d") scroll(10);
    else if (chord === "PgUp" || chord === "Ctrl-u") scroll(-10);
  }
}

function isClosing(chord: string): boolean {
  return chord === "Esc" || chord === "Ctrl-c";
}
