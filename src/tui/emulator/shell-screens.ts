/** The shells inside steps: opened on demand, several alive side by side; those of one state share its container. */
import { BktuiError, toBktuiError, unreachable } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { debugRootWords } from "../../debugger/shells/debug-root-words.ts";
import { withoutWords } from "../../debugger/shells/missing-words.ts";
import { openShell } from "../../debugger/shells/open-shell.ts";
import type { OpenedShell, SharedContainer, ShellTalk } from "../../debugger/shells/shared-container.ts";
import { promptUser } from "../../debugger/shells/shell-launch.ts";
import { isReproduced } from "../../debugger/state/inspect.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Size } from "../cells/rect.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import { ShellSurface } from "./emulator.ts";
import type { Shell, ShellChoice, ShellPhase, ShellPlace, ShellState } from "./shell-state.ts";

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

type MutableShell = { -readonly [K in keyof Shell]: Shell[K] } & { readonly stop: AbortController };

interface MutableState extends ShellState {
  readonly shells: MutableShell[];
  /** Index of the shell that the pane shows. */
  current: number;
  used: boolean;
  shared: SharedContainer | undefined;
  /** The opening under way: the next one needs to know its container. */
  turn: Promise<void>;
}

const RESIZE_SETTLE_MS = 50;

/** Owns the containers of its shells; disposing ends them all. */
export class Shells implements AsyncDisposable {
  readonly #options: ShellsOptions;
  readonly #states = new Map<string, MutableState>();
  /** Openings and clean-ups under way, so that disposal can wait for them. */
  readonly #closing = new Set<Promise<void>>();
  #size: Size = { columns: 80, rows: 24 };
  #resizeTimer: NodeJS.Timeout | undefined;

  constructor(options: ShellsOptions) {
    this.#options = options;
  }

  /** The shell of a state that the pane shows. */
  get(step: number, side: StateSide): Shell | undefined {
    const state = this.#states.get(keyOf(step, side));
    return state?.shells[state.current];
  }

  /** Its place among the shells of its state, counted from 1. */
  standing(step: number, side: StateSide): { readonly number: number; readonly count: number } {
    const state = this.#states.get(keyOf(step, side));
    return { number: (state?.current ?? 0) + 1, count: state?.shells.length ?? 0 };
  }

  get states(): readonly ShellState[] {
    return [...this.#states.values()];
  }

  /** Shells with a process in them. */
  alive(): readonly Shell[] {
    return this.states
      .flatMap(({ shells }) => shells)
      .filter(({ phase }) => phase.kind === "alive" || phase.kind === "opening");
  }

  /**
   * Opens the first shell of a state, or a new one in place of one that ended or failed; one that is alive stays as it
   * is, and a program runs beside it.
   */
  open(place: ShellPlace, choice: ShellChoice = {}): void {
    const { step, side } = place;
    const isDebugRoot = choice.debugRoot === true;
    const known = this.#states.get(keyOf(step.id, side));
    const isAlive = (phase: ShellPhase | undefined): boolean =>
      phase?.kind === "alive" || phase?.kind === "opening";
    if (known !== undefined && known.isDebugRoot !== isDebugRoot) {
      // Those have another container.
      if (known.shells.some(({ phase }) => isAlive(phase))) return;
      this.endState(step.id, side);
    }
    const state = this.#stateOf(place, isDebugRoot);
    const existing = state.shells[state.current];
    if (isAlive(existing?.phase)) {
      if (choice.program === undefined) return;
      state.current = state.shells.length;
    } else if (existing !== undefined) this.#close(existing);
    this.#openAt(state, place, choice);
  }

  /** Opens one more shell in a state, beside those that are there. */
  openAnother(place: ShellPlace): void {
    const isDebugRoot = this.#states.get(keyOf(place.step.id, place.side))?.isDebugRoot === true;
    const state = this.#stateOf(place, isDebugRoot);
    state.current = state.shells.length;
    this.#openAt(state, place, { debugRoot: isDebugRoot });
  }

  /** The pane shows the next (1) or previous (-1) shell of the state; false when there is no other. */
  turn(step: number, side: StateSide, by: 1 | -1): boolean {
    const state = this.#states.get(keyOf(step, side));
    const count = state?.shells.length ?? 0;
    if (state === undefined || count < 2) return false;
    state.current = (state.current + by + count) % count;
    this.#options.onChange();
    return true;
  }

  /** Ends one shell and forgets it; with the last one of a state the files go, too. */
  end(shell: Shell): void {
    const key = keyOf(shell.step.id, shell.side);
    const state = this.#states.get(key);
    const found = state?.shells.find((candidate) => candidate === shell);
    if (state === undefined || found === undefined) return;
    if (state.shells.length === 1) {
      this.endState(shell.step.id, shell.side);
      return;
    }
    state.shells.splice(state.shells.indexOf(found), 1);
    state.current = Math.min(state.current, state.shells.length - 1);
    if (found.phase.kind === "alive") this.#track(quietly(found.phase.opened.end()));
    this.#close(found);
    this.#options.onChange();
  }

  /** Ends all shells of a state, and forgets what was changed in it. */
  endState(step: number, side: StateSide): void {
    const key = keyOf(step, side);
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#states.delete(key);
    this.#drop(state);
    this.#options.onChange();
  }

  /** Ends states and waits until the engine has let go of what they held. */
  async release(states: readonly ShellState[]): Promise<void> {
    for (const { step, side } of states) this.endState(step.id, side);
    await Promise.all(this.#closing);
  }

  /** Forgets all shells: their states are gone with the build. */
  endAll(): void {
    const states = [...this.#states.values()];
    this.#states.clear();
    for (const state of states) this.#drop(state);
  }

  /** Bytes typed by the user. */
  write(shell: Shell, data: Uint8Array): void {
    const state = this.#states.get(keyOf(shell.step.id, shell.side));
    const found = state?.shells.find((candidate) => candidate === shell);
    if (state === undefined || found?.phase.kind !== "alive") return;
    found.used = true;
    state.used = true;
    found.phase.opened.process.write(data);
    found.phase.surface.typed();
  }

  /** The pane's size; sent to the processes once, shortly after the last change. */
  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#applySize(), RESIZE_SETTLE_MS);
  }

  /** Name of the program that runs in a shell's foreground; undefined when it is the shell itself or cannot be told. */
  async program(shell: Shell, options: { readonly signal: AbortSignal }): Promise<string | undefined> {
    if (shell.phase.kind !== "alive") return undefined;
    return await shell.phase.opened.program(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizeTimer);
    this.endAll();
    await Promise.all(this.#closing);
  }

  #stateOf({ step, side }: ShellPlace, isDebugRoot: boolean): MutableState {
    const key = keyOf(step.id, side);
    const state = this.#states.get(key) ?? {
      step,
      side,
      shells: [],
      current: 0,
      used: false,
      isDebugRoot,
      shared: undefined,
      turn: Promise.resolve(),
    };
    this.#states.set(key, state);
    return state;
  }

  #openAt(state: MutableState, place: ShellPlace, choice: ShellChoice): void {
    const { step, side } = place;
    const stop = new AbortController();
    const shell: MutableShell = {
      step,
      side,
      phase: { kind: "opening" },
      used: false,
      place: "",
      isDebugRoot: state.isDebugRoot,
      stop,
    };
    state.shells[state.current] = shell;
    // Failures end up in the shell's phase, where the pane shows them.
    state.turn = state.turn.then(() => this.#start(state, shell, { place, choice }));
    this.#track(state.turn);
  }

  async #start(
    state: MutableState,
    shell: MutableShell,
    what: { readonly place: ShellPlace; readonly choice: ShellChoice },
  ): Promise<void> {
    try {
      shell.stop.signal.throwIfAborted();
      const opened = await this.#launch(state, shell, what);
      if (shell.stop.signal.aborted) {
        // Its container may have others in it.
        const isShared = opened.shared !== undefined && opened.shared === state.shared;
        await quietly(isShared ? opened.end() : opened.container[Symbol.asyncDispose]());
        return;
      }
      this.#adopt(state, shell, opened);
    } catch (error) {
      if (shell.stop.signal.aborted) return;
      shell.phase = { kind: "failed", error: toBktuiError(error, "engine") };
    }
    this.#options.onChange();
  }

  async #launch(
    state: MutableState,
    shell: MutableShell,
    { place, choice }: { readonly place: ShellPlace; readonly choice: ShellChoice },
  ): Promise<OpenedShell> {
    const talk: ShellTalk = { kind: "terminal", ...this.#size, term: "xterm-256color" };
    if (state.shared !== undefined) return await state.shared.another(talk, choice.program);
    const { shellCommand: command, shellPrompt: prompt } = this.#options.settings();
    const { signal } = shell.stop;
    return await openShell(this.#options.debug, { ...place, ...choice, talk, command, prompt }, { signal });
  }

  #adopt(state: MutableState, shell: MutableShell, opened: OpenedShell): void {
    const { process, environment, shared } = opened;
    const { user, cwd } = environment.meta;
    const { state: debugged } = this.#options.debug;
    const place = shell.isDebugRoot
      ? debugRootWords(debugged, { isReproduced: isReproduced(debugged, shell.step.id, shell.side) })
      : `${cwd === "" ? "/" : cwd} · ${promptUser(user)}`;
    // First, since titles are cut at their end.
    const without = withoutWords(opened.container.missing);
    shell.place = without === undefined ? place : `${without} · ${place}`;
    const surface = this.#surfaceOf(process);
    opened.onData((chunk) => surface.write(chunk));
    shell.phase = { kind: "alive", surface, opened };
    if (shared !== undefined && shared !== state.shared) this.#share(state, shared);
    // The pane may have changed while the container was made.
    surface.resize(this.#size);
    process.resize(this.#size.columns, this.#size.rows);
    const ended = (code: number | undefined): void => {
      if (shell.phase.kind !== "alive") return;
      shell.phase = { kind: "ended", surface, code, kept: shared !== undefined && code !== undefined };
      // Nothing can run in it any more, but it would still hold its mounts.
      if (shared === undefined) this.#release(opened.container);
      this.#options.onChange();
    };
    // A process that the engine lost has no exit code; the debugger reports the lost connection itself.
    process.exited.then(ended, () => ended(undefined));
  }

  #share(state: MutableState, shared: SharedContainer): void {
    state.shared = shared;
    void shared.gone.then(() => {
      if (state.shared === shared) state.shared = undefined;
      this.#release(shared);
    });
  }

  #surfaceOf(process: OpenedShell["process"]): ShellSurface {
    return new ShellSurface({
      size: this.#size,
      color: this.#options.color,
      onReply: (data) => process.write(data),
      onChange: this.#options.onPaint,
      onClipboard: this.#options.onClipboard,
      scrollback: this.#options.settings().scrollback,
      onFlow: (flow) => (flow === "pause" ? process.pause() : process.resume()),
    });
  }

  /** The state is forgotten already. */
  #drop({ shells, shared }: MutableState): void {
    if (shared !== undefined) this.#release(shared);
    for (const shell of shells) {
      if (shell.phase.kind === "alive" && shell.phase.opened.shared === undefined)
        this.#release(shell.phase.opened.container);
      this.#close(shell);
    }
  }

  /** Gives up its screen, or its opening. */
  #close(shell: MutableShell): void {
    shell.stop.abort(new BktuiError("cancelled", "the shell was closed"));
    const { phase } = shell;
    switch (phase.kind) {
      case "opening":
      case "failed":
        return;
      case "alive":
      case "ended":
        phase.surface[Symbol.dispose]();
        return;
      default:
        unreachable(phase);
    }
  }

  #release(container: AsyncDisposable): void {
    this.#track(quietly(container[Symbol.asyncDispose]()));
  }

  /** Work that opens or releases a container, and that does not reject. */
  #track(work: Promise<void>): void {
    this.#closing.add(work);
    void work.finally(() => this.#closing.delete(work));
  }

  #applySize(): void {
    for (const { phase } of this.states.flatMap(({ shells }) => shells)) {
      if (phase.kind !== "alive" && phase.kind !== "ended") continue;
      phase.surface.resize(this.#size);
      if (phase.kind === "alive") phase.opened.process.resize(this.#size.columns, this.#size.rows);
    }
    this.#options.onPaint();
  }
}

function keyOf(step: number, side: StateSide): string {
  return `${step}:${side}`;
}
