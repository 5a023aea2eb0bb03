/** Commands that only change the screen and need no debugger. */

import type { CommandId } from "../../console/command-table.ts";
import { programOf } from "../../debugger/state/inspect.ts";
import { linkedFileAt } from "../../debugger/state/linked-files.ts";
import { setLines } from "../commands/set-command.ts";
import { PANES } from "../panes/all-panes.ts";
import { sizeClassOf } from "../state/layout.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { PaneSearch } from "./pane-search.ts";
import type { CommandPorts } from "./ports.ts";

const RESIZE_ROWS = 2;
const RESIZE_COLUMNS = 4;

export interface ScreenCommandsOptions {
  readonly app: App;
  readonly ports: CommandPorts;
  readonly overlays: OverlayControl;
  readonly search: PaneSearch;
  /** undefined until the engine is found. */
  attached(): Attached | undefined;
  /** Esc: true when something in a pane was closed. */
  close(): boolean;
  /** `q`: asks when something would be lost. */
  quit(): Promise<void>;
}

/** Performs the commands that change nothing but the screen. */
export class ScreenCommands {
  readonly #options: ScreenCommandsOptions;
  readonly #app: App;

  constructor(options: ScreenCommandsOptions) {
    this.#options = options;
    this.#app = options.app;
  }

  /** False = not one of these commands. */
  run(command: CommandId): boolean {
    return this.#runLook(command) || this.#runTool(command);
  }

  #runLook(command: CommandId): boolean {
    const { ui } = this.#app;
    switch (command) {
      case "zoom":
        this.#app.act({ kind: "zoom", on: !ui.zoomed });
        return true;
      case "grow":
      case "shrink":
        this.#resize(command === "grow" ? 1 : -1);
        return true;
      case "layout-reset": {
        const sizeClass = sizeClassOf(this.#app.view().size);
        this.#app.act({ kind: "split-reset", sizeClass }, { kind: "zoom", on: false });
        return true;
      }
      case "mouse":
        this.#app.act({ kind: "settings", change: { mouse: !ui.settings.mouse } });
        this.#app.say(
          ui.settings.mouse
            ? "mouse off: the terminal's own selection works"
            : "mouse on: Shift-drag selects",
        );
        return true;
      case "log-full":
        this.#app.act({ kind: "log", view: { full: !ui.log.full, top: undefined } });
        return true;
      case "log-one-step":
        this.#app.act({
          kind: "log",
          view: { oneStep: !ui.log.oneStep, full: true, top: undefined, hit: undefined },
        });
        return true;
      case "log-raw":
        this.#app.act({ kind: "log", view: { raw: !ui.log.raw, full: true } });
        this.#app.say(ui.log.raw ? "log: as a terminal shows it" : "log: with all that lines wrote over");
        return true;
      case "search":
        if (ui.focus === "editor") {
          this.#app.say(`${this.#app.keys.keyOf("search")}: the editor searches itself`);
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
        this.#app.act({ kind: "focus", pane: "messages" });
        return true;
      case "error":
        this.#app.act({ kind: "overlay", overlay: ports.errorText() });
        return true;
      case "settings": {
        const lines = setLines(this.#app.ui);
        this.#app.act({
          kind: "overlay",
          overlay: { kind: "text", title: ":set NAME VALUE", lines, top: 0 },
        });
        return true;
      }
      case "palette":
        overlays.prompt("command");
        return true;
      case "help":
        this.#app.act({ kind: "overlay", overlay: { kind: "help", filter: "", selected: 0 } });
        return true;
      case "redraw":
        ports.redraw();
        return true;
      case "suspend":
        ports.suspend();
        return true;
      case "detach":
        ports.visit?.leave();
        return true;
      case "quit":
        this.#app.background(this.#options.quit());
        return true;
      case "back":
        this.#back();
        return true;
      case "copy":
        this.#copy();
        return true;
      case "edit":
        this.#app.background(this.#edit());
        return true;
      default:
        return false;
    }
  }

  async #edit(): Promise<void> {
    const { ports, attached } = this.#options;
    const control = attached()?.control;
    const line = control?.cursorLine() ?? 1;
    const state = this.#app.view().debug?.state;
    const linked = linkedFileAt(state?.request, programOf(state), line);
    const place = linked ?? { file: await (control?.fileToEdit() ?? ports.dockerfile()), line };
    await ports.edit(place.file, place.line, this.#app.ui.settings.editor);
  }

  /** In the right column the width changes, elsewhere the lower pane's height. */
  #resize(sign: 1 | -1): void {
    const { size, ui, layout } = this.#app.view();
    const sizeClass = sizeClassOf(size);
    const isSide = ui.focus === "steps" && layout.steps !== undefined && !ui.zoomed;
    this.#app.act(
      isSide
        ? { kind: "split", sizeClass, change: { sideColumns: sign * RESIZE_COLUMNS } }
        : { kind: "split", sizeClass, change: { lowerRows: sign * RESIZE_ROWS } },
    );
  }

  /** Esc: one level back, never out. */
  #back(): void {
    const { ui } = this.#app;
    const inShell = ui.focus === "shell" && this.#options.attached()?.shells.dropSelection() === true;
    if (inShell) return;
    if (ui.toast !== undefined && ui.toast.level === "error") this.#app.act({ kind: "toast-clear" });
    else if (this.#options.close()) return;
    else if (ui.search !== undefined) this.#options.search.clear();
    else if (ui.zoomed) this.#app.act({ kind: "zoom", on: false });
    else if (ui.focus !== "source") this.#app.act({ kind: "focus", pane: "source" });
    else this.#app.act({ kind: "toast-clear" });
  }

  #copy(): void {
    const { focus } = this.#app.ui;
    const inShell = focus === "shell";
    const shells = this.#options.attached()?.shells;
    const text = inShell ? shells?.emulator()?.selectedText() : PANES[focus].copied(this.#app.view());
    if (text === undefined || text === "") {
      const { keys } = this.#app;
      const nothing = inShell
        ? `nothing is selected; ${keys.keyOf("select")} selects`
        : "nothing to copy here";
      this.#app.say(`${keys.keyOf("copy")}: ${nothing}`);
      return;
    }
    shells?.dropSelection();
    this.#options.ports.copy(text);
    const lines = text.split("\n").length;
    this.#app.say(`copied ${lines > 1 ? `${lines} lines` : "it"}, if the terminal allows it (OSC 52)`);
  }
}
