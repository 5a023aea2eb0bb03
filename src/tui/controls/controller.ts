/** Keys and events in, state of the interface out. Knows the debugger and the shells, never the terminal. */

import { type BktuiError, toBktuiError } from "../../base/errors.ts";
import { count } from "../../base/words.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { CommandId } from "../../console/command-table.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { failureOf } from "../../debugger/state/inspect.ts";
import { defaultKeys, type Keys } from "../commands/key-bindings.ts";
import { errorWords } from "../commands/remedy-words.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import type { InputEvent } from "../input/events.ts";
import type { InputHandler } from "../input/router.ts";
import { showsSummary } from "../panes/log/log-view.ts";
import type { View } from "../screen/view.ts";
import { initialUiState, reduceUi, type UiAction, type UiState } from "../state/ui-state.ts";
import type { App, Question } from "./app.ts";
import type { Attached } from "./attached.ts";
import { BaseFirst } from "./base-first.ts";
import { CommandRunner } from "./command-runner.ts";
import { MouseControl } from "./mouse-control.ts";
import { OverlayControl } from "./overlay-control.ts";
import { PaneSearch } from "./pane-search.ts";
import { PendingKeys } from "./pending-keys.ts";
import type { CommandPorts } from "./ports.ts";

export interface ControllerOptions {
  readonly ports: CommandPorts;
  readonly settings?: ScreenSettings;
  /** Default: the usual keys. */
  readonly keys?: Keys;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Something that is drawn changed. */
  readonly onChange: () => void;
  /** The view of this moment. */
  readonly viewOf: (controller: Controller) => View;
}

/** The screen's controller: owns the interface's state, and every event comes here first. */
export class Controller implements App, InputHandler {
  readonly overlays: OverlayControl;
  readonly #options: ControllerOptions;
  readonly #pending: PendingKeys;
  readonly #base: BaseFirst;
  readonly #runner: CommandRunner;
  readonly keys: Keys;
  readonly #mouse: MouseControl;
  #ui: UiState;
  #attached: Attached | undefined;
  #view: View | undefined;
  #lastError: BktuiError | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.keys = options.keys ?? defaultKeys;
    this.#ui = initialUiState(options.settings);
    const search = new PaneSearch(this, () => this.#attached?.shells.emulator());
    this.overlays = new OverlayControl({
      app: this,
      run: (command) => this.run(command),
      accept: (purpose, text) => this.#runner.accept(purpose, text),
      searching: (text) => search.typed(text),
      nowMs: options.nowMs,
      menuKey: options.ports.menuKey,
    });
    this.#base = new BaseFirst({
      app: this,
      dispatch: (command) => this.#attached?.control.dispatch(command),
      run: (command) => this.run(command),
    });
    this.#runner = new CommandRunner({
      app: this,
      ports: options.ports,
      overlays: this.overlays,
      search,
      base: this.#base,
      nowMs: options.nowMs,
    });
    this.#pending = new PendingKeys((command) => this.run(command));
    this.#mouse = new MouseControl({
      app: this,
      attached: () => this.#attached,
      leave: () => this.#takeKeyboard(),
      run: (command) => this.run(command),
    });
  }

  get ui(): UiState {
    return this.#ui;
  }

  get debug(): Debugger | undefined {
    return this.#attached?.debug;
  }

  get attached(): Attached | undefined {
    return this.#attached;
  }

  /** What `:error` tells about: the failure the build is stopped at, else what went wrong last. */
  get lastError(): BktuiError | undefined {
    const phase = this.debug?.state.phase;
    const refused = phase?.kind === "broken" || phase?.kind === "lost" ? phase.error : undefined;
    return failureOf(this.debug?.state) ?? refused ?? this.#lastError;
  }

  /** The debugger is there. Keys that waited for a program go on waiting until it is loaded. */
  attach(attached: Attached): void {
    this.#attached = attached;
    this.changed();
  }

  run(command: CommandId): void {
    if (this.#pending.takes(command, this.debug?.state)) return;
    this.#runner.run(command, this.#attached);
  }

  /** The debugger's state changed; keys that waited may be due. */
  stateChanged(): void {
    this.changed();
    this.#pending.release(this.debug?.state);
    this.#base.release(this.debug?.state);
  }

  act(...actions: readonly UiAction[]): void {
    const next = actions.reduce(reduceUi, this.#ui);
    if (next === this.#ui) return;
    this.#ui = next;
    this.changed();
  }

  /** Something other than the interface's own state changed. */
  changed(): void {
    this.#view = undefined;
    this.#options.onChange();
  }

  view(): View {
    this.#view ??= this.#options.viewOf(this);
    return this.#view;
  }

  say(text: string): void {
    this.announce(text, "info");
  }

  /** What nobody asked for: an error stays until Esc. */
  announce(text: string, level: "info" | "error"): void {
    this.act({ kind: "say", message: { text, level, atMs: this.#options.nowMs() } });
  }

  fail(error: unknown): void {
    const failure = toBktuiError(error);
    if (failure.code === "cancelled") return;
    // "Not now" is an answer to a key, not something that went wrong.
    const level = failure.code === "not-now" ? "info" : "error";
    if (level === "error") this.#lastError = failure;
    this.announce(level === "info" ? errorWords(failure, this.keys) : failure.message, level);
  }

  /** What typed paths and variables refer to. */
  get surroundings(): Surroundings {
    return this.#options.ports.surroundings;
  }

  ask(question: Question): Promise<boolean> {
    this.#takeKeyboard();
    return this.overlays.ask(question);
  }

  background(work: Promise<void>): void {
    // The only reader of the failure is the user.
    void work.catch((error: unknown) => this.fail(error));
  }

  onEvent(event: InputEvent): void {
    switch (event.type) {
      case "key":
        this.#key(event);
        return;
      case "paste":
        this.#paste(event.text);
        return;
      case "mouse":
        if (this.#ui.settings.mouse) this.#mouse.on(event);
        return;
      case "focus":
        this.act({ kind: "terminal", is: event.focused ? "focused" : "away" });
        return;
    }
  }

  onShellLeave(): void {
    // A shell that is being opened has no keyboard yet, and can be left all the same.
    if (this.#ui.keyboard === "debugger") this.#attached?.shells.left();
    else this.#takeKeyboard();
  }

  #takeKeyboard(): void {
    if (this.#ui.keyboard === "shell") this.#attached?.shells.left();
    else if (this.#ui.keyboard === "editor") this.#options.ports.editor.left();
  }

  onShellPaste(text: string): void {
    this.background(this.#confirmPaste(text));
  }

  async #confirmPaste(text: string): Promise<void> {
    if (!this.#ui.settings.confirmMultilinePaste) {
      this.#options.ports.pasteToShell(text);
      return;
    }
    const owner = this.#ui.keyboard;
    const lines = text.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/).length;
    const yes = await this.ask({
      title: "Paste into the shell?",
      lines: [`${count(lines, "line")}: the program in the shell would run them at once.`],
    });
    if (owner === "editor") this.#options.ports.editor.toKeyboard();
    else this.#attached?.shells.toKeyboard();
    if (yes) this.#options.ports.pasteToShell(text);
  }

  #key(event: Extract<InputEvent, { type: "key" }>): void {
    const bound = this.keys.commandFor(event.chord, this.#ui.focus);
    // Ctrl-C always: a person who wants out does not look up a key. Another one may be a character that is typed.
    const isOver = this.#ui.overlay.kind !== "none";
    const interrupts = event.chord === "Ctrl-c" || (bound === "interrupt" && !isOver);
    if (interrupts && this.#runner.interrupt(this.#attached) === "left") return;
    // A person who wants the shell back does not look whether something is asked; a character may be an answer.
    const suspends = bound === "suspend" && event.chord.startsWith("Ctrl-");
    if (isOver && !suspends) {
      this.overlays.key(event);
      return;
    }
    const command = inPlace(bound, this.view());
    if (command !== undefined && command !== "interrupt") this.run(command);
  }

  #paste(text: string): void {
    if (this.overlays.paste(text)) return;
    const characters = [...text].length;
    this.say(`paste ignored (${count(characters, "character")})`);
  }
}

/** Tab goes to the next pane wherever there is no next failure (ADR 18). */
function inPlace(command: CommandId | undefined, view: View): CommandId | undefined {
  if (command !== "failure-next" && command !== "failure-previous") return command;
  if (view.availability.failures > 1 && showsSummary(view)) return command;
  return command === "failure-next" ? "pane-next" : "pane-previous";
}
