/** The user's editor in the lower pane, on a terminal of its own on this machine. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { Size } from "../cells/rect.ts";
import { Emulator } from "../emulator/emulator.ts";
import type { ShellSink } from "../input/router.ts";
import type { LocalProgram, LocalTerminal, StartLocal } from "../terminal/local-pty.ts";
import type { App } from "./app.ts";
import type { KeyboardPort } from "./shell-control.ts";

export interface PaneEditorOptions {
  readonly app: () => App;
  readonly keyboard: KeyboardPort;
  readonly start: StartLocal | undefined;
  readonly color: () => boolean;
  /** The editor's screen changed. */
  readonly onPaint: () => void;
}

interface Open {
  readonly terminal: LocalTerminal;
  readonly emulator: Emulator;
}

const USUAL_SIZE: Size = { columns: 80, rows: 12 };

/** At most one editor in the lower pane. Disposing ends it. */
export class PaneEditor implements Disposable {
  readonly #options: PaneEditorOptions;
  #open: Open | undefined;
  #size: Size = USUAL_SIZE;

  constructor(options: PaneEditorOptions) {
    this.#options = options;
  }

  /** The editor's screen; undefined = none is open. */
  get emulator(): Emulator | undefined {
    return this.#open?.emulator;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Opens the editor and gives it the keyboard; one that is open already gets it back. */
  async open(program: Omit<LocalProgram, "size">): Promise<void> {
    if (this.#open !== undefined) {
      this.toKeyboard();
      return;
    }
    const { keyboard, app: deskOf } = this.#options;
    const app = deskOf();
    app.act({ kind: "focus", pane: "editor" });
    // What is typed from now on is for the editor.
    keyboard.hold();
    this.#size = app.view().layout.lower ?? this.#size;
    try {
      this.#adopt(await this.#start(program));
    } catch (error) {
      keyboard.take();
      this.#leavePane();
      throw error;
    }
    this.toKeyboard();
  }

  /** True when there is an editor that has the keyboard now. */
  toKeyboard(): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const { keyboard, app } = this.#options;
    app().act({ kind: "keyboard", owner: "editor" });
    keyboard.give(this.#sink(open));
    keyboard.mirror(open.emulator.modes);
    return true;
  }

  /** A leave key: the editor stays open, the debugger has the keyboard. */
  left(): void {
    this.#options.keyboard.take();
    this.#options.keyboard.mirror(undefined);
    this.#options.app().act({ kind: "keyboard", owner: "debugger" });
  }

  /** The pane has this size now. */
  resize({ columns, rows }: Size): void {
    if (columns === this.#size.columns && rows === this.#size.rows) return;
    this.#size = { columns, rows };
    this.#open?.emulator.resize(this.#size);
    this.#open?.terminal.resize(columns, rows);
  }

  /** Ends the editor as a closed window does: it may keep a swap file. */
  [Symbol.dispose](): void {
    this.#open?.terminal.kill();
  }

  async #start(program: Omit<LocalProgram, "size">): Promise<LocalTerminal> {
    const { start } = this.#options;
    try {
      if (start === undefined) throw new BktuiError("unsupported", "nothing here can make a terminal");
      const env = { ...program.env, TERM: "xterm-256color" };
      return await start({ ...program, env, size: this.#size });
    } catch (error) {
      throw new BktuiError("unsupported", `no editor in a pane: ${toBktuiError(error).message}`, {
        cause: error,
        hint: ":set editor terminal gives it the whole terminal",
      });
    }
  }

  #adopt(terminal: LocalTerminal): void {
    const { onPaint, color, keyboard, app } = this.#options;
    const emulator = new Emulator({
      size: this.#size,
      color: color(),
      scrollback: 0,
      onReply: (bytes) => terminal.write(bytes),
      onFlow: (flow) => (flow === "pause" ? terminal.pause() : terminal.resume()),
      onChange: () => {
        if (app().ui.keyboard === "editor") keyboard.mirror(emulator.modes);
        onPaint();
      },
    });
    this.#open = { terminal, emulator };
    terminal.onData((data) => emulator.write(data));
    terminal.onExit(() => this.#ended(emulator));
  }

  #ended(emulator: Emulator): void {
    if (this.#options.app().ui.keyboard === "editor") this.left();
    this.#open = undefined;
    emulator[Symbol.dispose]();
    this.#leavePane();
  }

  #leavePane(): void {
    const app = this.#options.app();
    if (app.ui.lower === "editor") app.act({ kind: "focus", pane: "log" }, { kind: "focus", pane: "source" });
    app.changed();
  }

  #sink({ terminal, emulator }: Open): ShellSink {
    return {
      write: (bytes) => {
        terminal.write(bytes);
        emulator.typed();
      },
      get bracketedPaste() {
        return emulator.modes.bracketedPaste;
      },
      get focusReports() {
        return emulator.modes.focusReports;
      },
      encodeMouse: (event) => {
        const rect = this.#options.app().view().layout.lower;
        return rect === undefined ? undefined : emulator.encodeMouse(event, rect);
      },
    };
  }
}
