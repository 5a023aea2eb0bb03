/** The screens of the shells: each has an emulator, and a pane shows one shell of a state at a time. */
import type { Debugger } from "../../debugger/debugger.ts";
import { debugRootWords } from "../../debugger/shells/debug-root-words.ts";
import { withoutWords } from "../../debugger/shells/missing-words.ts";
import { isAlive, type ShellChoice, type ShellPlace } from "../../debugger/shells/open-state.ts";
import { OpenStates, type ShellStart } from "../../debugger/shells/open-states.ts";
import type { OpenedShell } from "../../debugger/shells/shared-container.ts";
import { promptUser } from "../../debugger/shells/shell-launch.ts";
import { isReproduced } from "../../debugger/state/inspect.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Size } from "../cells/rect.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import { Emulator } from "./emulator.ts";
import type { Shell, ShellScreen, ShellState } from "./shell-state.ts";

export interface ShellsOptions {
  readonly debug: Debugger;
  /** A shell's phase changed. */
  readonly onChange: () => void;
  /** A shell's screen changed: paint. */
  readonly onPaint: () => void;
  readonly color: boolean;
  /** A program wants this text on the clipboard; untrusted. */
  readonly onClipboard: (text: string) => void;
  /** How a shell that is opened now is started and shown. */
  readonly settings: () => Pick<ScreenSettings, "scrollback" | "shellCommand" | "shellPrompt">;
}

const RESIZE_SETTLE_MS = 50;

/** The open states of the screen, an emulator for each of their shells, and which one the pane shows; disposing ends them. */
export class Shells implements AsyncDisposable {
  /** The shells themselves, their containers and their ends. */
  readonly states: OpenStates<ShellScreen>;
  readonly #options: ShellsOptions;
  /** Index of the shell that the pane shows. */
  readonly #current = new WeakMap<ShellState, number>();
  #size: Size = { columns: 80, rows: 24 };
  #resizeTimer: NodeJS.Timeout | undefined;

  constructor(options: ShellsOptions) {
    this.#options = options;
    this.states = new OpenStates({
      debug: options.debug,
      start: () => this.#start(),
      show: (opened, shell) => this.#show(opened, shell),
      hide: ({ emulator }) => emulator[Symbol.dispose](),
      onChange: options.onChange,
    });
  }

  /** The shell of a state that the pane shows. */
  get(step: number, side: StateSide): Shell | undefined {
    return this.#shown(this.states.find(step, side));
  }

  /** Its place among the shells of its state, counted from 1. */
  rankOf(step: number, side: StateSide): { readonly number: number; readonly count: number } {
    const state = this.states.find(step, side);
    if (state === undefined) return { number: 1, count: 0 };
    return { number: this.#indexIn(state) + 1, count: state.shells.length };
  }

  /**
   * Opens the first shell of a state, or a new one in place of one that ended or failed; one that is alive stays as it
   * is, and a program runs beside it.
   */
  open(place: ShellPlace, choice: ShellChoice = {}): void {
    const { step, side } = place;
    const known = this.states.find(step.id, side);
    const shown = this.#shown(known);
    const isOfOtherKind = known !== undefined && known.isDebugRoot !== (choice.debugRoot === true);
    if (isOfOtherKind) {
      // The pane shows one kind at a time.
      if (known.shells.some(isAlive)) return;
      void this.states.release([known]);
      this.#openAt(place, choice);
    } else if (shown === undefined || !isAlive(shown)) this.#openAt(place, choice, shown);
    else if (choice.program !== undefined) this.#openAt(place, choice);
  }

  /** Opens one more shell in a state, beside those that are there. */
  openAnother(place: ShellPlace): void {
    const debugRoot = this.states.find(place.step.id, place.side)?.isDebugRoot === true;
    this.#openAt(place, { debugRoot });
  }

  /** The pane shows the next (1) or previous (-1) shell of the state; false when there is no other. */
  turn(step: number, side: StateSide, by: 1 | -1): boolean {
    const state = this.states.find(step, side);
    const count = state?.shells.length ?? 0;
    if (state === undefined || count < 2) return false;
    this.#current.set(state, (this.#indexIn(state) + by + count) % count);
    this.#options.onChange();
    return true;
  }

  /** Ends one shell and forgets it; with the last one of a state the files go, too. */
  end(shell: Shell): void {
    const state = this.states.all.find(({ shells }) => shells.includes(shell));
    if (state === undefined) return;
    void (state.shells.length === 1 ? this.states.release([state]) : this.states.end(shell));
  }

  /** Ends all shells of a state, and forgets what was changed in it. */
  endState(step: number, side: StateSide): void {
    const state = this.states.find(step, side);
    if (state !== undefined) void this.states.release([state]);
  }

  /** Bytes typed by the user. */
  write(shell: Shell, data: Uint8Array): void {
    if (shell.phase.kind !== "alive") return;
    this.states.write(shell, data);
    shell.phase.display.emulator.typed();
  }

  /** The pane's size; sent to the processes once, shortly after the last change. */
  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#applySize(), RESIZE_SETTLE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizeTimer);
    await this.states[Symbol.asyncDispose]();
  }

  #shown(state: ShellState | undefined): Shell | undefined {
    return state?.shells[this.#indexIn(state)];
  }

  /** The last one moves up when the one before it is ended. */
  #indexIn(state: ShellState): number {
    return Math.max(0, Math.min(this.#current.get(state) ?? 0, state.shells.length - 1));
  }

  #openAt(place: ShellPlace, choice: ShellChoice, replaces?: Shell): void {
    const shell = this.states.open(place, choice, replaces);
    const state = this.states.all.find(({ shells }) => shells.includes(shell));
    if (state !== undefined) this.#current.set(state, state.shells.indexOf(shell));
  }

  #start(): ShellStart {
    const { shellCommand: command, shellPrompt: prompt } = this.#options.settings();
    return { talk: { kind: "terminal", ...this.#size, term: "xterm-256color" }, command, prompt };
  }

  #show(opened: OpenedShell, shell: Shell): ShellScreen {
    const { process } = opened;
    const emulator = this.#surfaceOf(process);
    opened.onData((chunk) => emulator.write(chunk));
    // The pane may have changed while the container was made.
    process.resize(this.#size.columns, this.#size.rows);
    return { emulator, place: this.#placeWords(opened, shell) };
  }

  #placeWords({ environment, container }: OpenedShell, { step, side, isDebugRoot }: Shell): string {
    const { user, cwd } = environment.meta;
    const { state } = this.#options.debug;
    const place = isDebugRoot
      ? debugRootWords(state, { isReproduced: isReproduced(state, step.id, side) })
      : `${cwd === "" ? "/" : cwd} · ${promptUser(user)}`;
    // First, since titles are cut at their end.
    const without = withoutWords(container.missing);
    return without === undefined ? place : `${without} · ${place}`;
  }

  #surfaceOf(process: OpenedShell["process"]): Emulator {
    return new Emulator({
      size: this.#size,
      color: this.#options.color,
      onReply: (data) => process.write(data),
      onChange: this.#options.onPaint,
      onClipboard: this.#options.onClipboard,
      scrollback: this.#options.settings().scrollback,
      onFlow: (flow) => (flow === "pause" ? process.pause() : process.resume()),
    });
  }

  #applySize(): void {
    for (const { phase } of this.states.all.flatMap(({ shells }) => shells)) {
      if (phase.kind !== "alive" && phase.kind !== "ended") continue;
      phase.display.emulator.resize(this.#size);
      if (phase.kind === "alive") phase.opened.process.resize(this.#size.columns, this.#size.rows);
    }
    this.#options.onPaint();
  }
}
