/** The shells as one screen shows them: a pane shows one shell of a state at a time. */
import { isAlive, type ShellChoice, type ShellPlace } from "../../debugger/shells/open-state.ts";
import type { OpenStates } from "../../debugger/shells/open-states.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Size } from "../cells/rect.ts";
import type { ShellEmulators } from "./shell-emulators.ts";
import type { Shell, ShellScreen, ShellState } from "./shell-state.ts";

export interface ShellsOptions {
  /** The screen opens, ends and types nothing. */
  readonly watches: boolean;
  /** The pane shows another shell. */
  readonly onChange: () => void;
}

/** The shells of a debugger for one screen, and which one of a state its pane shows. Disposing ends none. */
export class Shells implements Disposable {
  readonly #all: ShellEmulators;
  readonly #options: ShellsOptions;
  /** Index of the shell that the pane shows. */
  readonly #current = new WeakMap<ShellState, number>();

  constructor(all: ShellEmulators, options: ShellsOptions) {
    this.#all = all;
    this.#options = options;
  }

  get states(): OpenStates<ShellScreen> {
    return this.#all.states;
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
    if (this.#options.watches) return;
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
    if (this.#options.watches) return;
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
    if (state === undefined || this.#options.watches) return;
    void (state.shells.length === 1 ? this.states.release([state]) : this.states.end(shell));
  }

  /** Ends all shells of a state, and forgets what was changed in it. */
  endState(step: number, side: StateSide): void {
    const state = this.states.find(step, side);
    if (state !== undefined && !this.#options.watches) void this.states.release([state]);
  }

  /** Bytes typed by the user. */
  write(shell: Shell, data: Uint8Array): void {
    if (!this.#options.watches) this.#all.write(shell, data, this);
  }

  /** The pane's size; undefined = the screen shows no shell. */
  resize(size: Size | undefined): void {
    this.#all.resize(this, size);
  }

  [Symbol.dispose](): void {
    this.resize(undefined);
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
}
