/** Commands that only change the screen and need no debugger. */

import type { CommandId } from "../../console/command-table.ts";
import { setLines } from "../commands/set-command.ts";
import { PANES } from "../panes/all-panes.ts";
import { sizeClassOf } from "../state/layout.ts";
import type { Desk } from "./app.ts";
import type { Session } from "./attached.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { PaneSearch } from "./pane-search.ts";
import type { CommandPorts } from "./ports.ts";

const RESIZE_ROWS = 2;
const RESIZE_COLUMNS = 4;

export interface ScreenCommandsOptions {
  readonly desk: Desk;
  readonly ports: CommandPorts;
  readonly overlays: OverlayControl;
  readonly search: PaneSearch;
  /** undefined until the engine is found. */
  session(): Session | undefined;
  /** Esc: true when something in a pane was closed. */
  close(): boolean;
  /** `q`: asks when something would be lost. */
  quit(): Promise<void>;
}

export class ScreenCommands {
  readonly #options: ScreenCommandsOptions;
  readonly #desk: Desk;

  constructor(options: ScreenCommandsOptions) {
    this.#options = options;
    this.#desk = options.desk;
  }

  /** False = not one of these commands. */
  run(command: CommandId): boolean {
    return this.#runLook(command) || this.#runTool(command);
  }

  #runLook(command: CommandId): boolean {
    const { ui } = this.#desk;
    switch (command) {
      case "zoom":
        this.#desk.act({ kind: "zoom", on: !ui.zoomed });
        return true;
      case "grow":
      case "shrink":
        this.#resize(command === "grow" ? 1 : -1);
        return true;
      case "layout-reset": {
        const sizeClass = sizeClassOf(this.#desk.view().size);
        this.#desk.act({ kind: "split-reset", sizeClass }, { kind: "zoom", on: false });
        return true;
      }
      case "mouse":
        this.#desk.act({ kind: "settings", change: { mouse: !ui.settings.mouse } });
        this.#desk.say(
          ui.settings.mouse
            ? "mouse off: the terminal's own selection works"
            : "mouse on: Shift-drag selects",
        );
        return true;
      case "log-full":
        this.#desk.act({ kind: "log", view: { full: !ui.log.full, top: undefined } });
        return true;
      case "log-one-step":
        this.#desk.act({
          kind: "log",
          view: { oneStep: !ui.log.oneStep, full: true, top: undefined, hit: undefined },
        });
        return true;
      case "log-raw":
        this.#desk.act({ kind: "log", view: { raw: !ui.log.raw, full: true } });
        this.#desk.say(ui.log.raw ? "log: as a terminal shows it" : "log: with all that lines wrote over");
        return true;
      case "search":
        if (ui.focus === "editor") {
          this.#desk.say(`${this.#desk.keys.keyOf("search")}: the editor searches itself`);
          return true;
        }
        this.#options.search.begin();
        this.#options.overlays.prompt("search");
        return true;
      case "hit-next":
      case "hit-previous":
        this.#options.search.again(command === "hit-next" ? "next" : "previous");
        return true;
      default:
        return false;
    }
  }

  #runTool(command: CommandId): boolean {
    const { ports, overlays } = this.#options;
    switch (command) {
      case "messages":
        this.#desk.act({ kind: "focus", pane: "messages" });
        return true;
      case "error":
        this.#desk.act({ kind: "overlay", overlay: ports.errorText() });
        return true;
      case "settings": {
        const lines = setLines(this.#desk.ui);
        this.#desk.act({
          kind: "overlay",
          overlay: { kind: "text", title: ":set NAME VALUE", lines, top: 0 },
        });
        return true;
      }
      case "palette":
        overlays.prompt("command");
        return true;
      case "help":
        this.#desk.act({ kind: "overlay", overlay: { kind: "help", filter: "", selected: 0 } });
        return true;
      case "redraw":
        ports.redraw();
        return true;
      case "suspend":
        ports.suspend();
        return true;
      case "quit":
        this.#desk.background(this.#options.quit());
        return true;
      case "back":
        this.#back();
        return true;
      case "copy":
        this.#copy();
        return true;
      case "edit":
        this.#desk.background(
          ports.edit(this.#options.session()?.control.cursorLine() ?? 1, this.#desk.ui.settings.editor),
        );
        return true;
      default:
        return false;
    }
  }

  /** In the right column the width changes, elsewhere the lower pane's height. */
  #resize(sign: 1 | -1): void {
    const { size, ui, layout } = this.#desk.view();
    const sizeClass = sizeClassOf(size);
    const isSide = ui.focus === "steps" && layout.steps !== undefined && !ui.zoomed;
    this.#desk.act(
      isSide
        ? { kind: "split", sizeClass, change: { sideColumns: sign * RESIZE_COLUMNS } }
        : { kind: "split", sizeClass, change: { lowerRows: sign * RESIZE_ROWS } },
    );
  }

  /** Esc: one level back, never out. */
  #back(): void {
    const { ui } = this.#desk;
    const inShell = ui.focus === "shell" && this.#options.session()?.shells.dropSelection() === true;
    if (inShell) return;
    if (ui.toast !== undefined && ui.toast.level === "error") this.#desk.act({ kind: "toast-clear" });
    else if (this.#options.close()) return;
    else if (ui.search !== undefined) this.#options.search.clear();
    else if (ui.zoomed) this.#desk.act({ kind: "zoom", on: false });
    else if (ui.focus !== "source") this.#desk.act({ kind: "focus", pane: "source" });
    else this.#desk.act({ kind: "toast-clear" });
  }

  #copy(): void {
    const { focus } = this.#desk.ui;
    const inShell = focus === "shell";
    const shells = this.#options.session()?.shells;
    const text = inShell ? shells?.surface()?.selectedText() : PANES[focus].copied(this.#desk.view());
    if (text === undefined || text === "") {
      const { keys } = this.#desk;
      const nothing = inShell
        ? `nothing is selected; ${keys.keyOf("select")} selects`
        : "nothing to copy here";
      this.#desk.say(`${keys.keyOf("copy")}: ${nothing}`);
      return;
    }
    shells?.dropSelection();
    this.#options.ports.copy(text);
    const lines = text.split("\n").length;
    this.#desk.say(`copied ${lines > 1 ? `${lines} lines` : "it"}, if the terminal allows it (OSC 52)`);
  }
}
