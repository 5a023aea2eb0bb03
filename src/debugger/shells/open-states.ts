/** The states that have shells in them: opens shells, several side by side in a state, and ends them with nothing left behind. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import type { Container, StateSide } from "../../engine/engine.ts";
import type { Debugger } from "../debugger.ts";
import { programOf } from "../state/inspect.ts";
import { openShell } from "./open-shell.ts";
import type { OpenState, ShellChoice, ShellPlace, StateShell } from "./open-state.ts";
import type { OpenedShell, SharedContainer, ShellTalk } from "./shared-container.ts";
import { whyTaken } from "./taken-caches.ts";

/** How a shell is started. */
export interface ShellStart {
  readonly talk: ShellTalk;
  /** Tried before the image's own shells. */
  readonly command: readonly string[] | undefined;
  /** Whether the prompt says step and state. */
  readonly prompt: boolean;
}

export interface OpenStatesOptions<Display> {
  readonly debug: Debugger;
  /** Asked for each shell when it is opened. */
  start(): ShellStart;
  /** A shell runs; it gets no input before this has returned. */
  show(opened: OpenedShell, shell: StateShell<Display>): Display;
  /** The shell is gone, and nobody looks at what it showed any more. */
  hide?(display: Display): void;
  /** The phase of a shell changed, or it is gone. */
  onChange?(): void;
}

type MutableShell<Display> = { -readonly [K in keyof StateShell<Display>]: StateShell<Display>[K] } & {
  readonly stop: AbortController;
};

class MutableState<Display> implements OpenState<Display> {
  readonly step: OpenState["step"];
  readonly side: StateSide;
  readonly isDebugRoot: boolean;
  readonly shells: MutableShell<Display>[] = [];
  shared: SharedContainer | undefined;
  used = false;
  /** The opening under way: the next one needs to know its container. */
  turn: Promise<void> = Promise.resolve();

  constructor({ step, side }: ShellPlace, isDebugRoot: boolean) {
    this.step = step;
    this.side = side;
    this.isDebugRoot = isDebugRoot;
  }

  get container(): Container | undefined {
    if (this.shared !== undefined) return this.shared.container;
    return this.shells
      .map(({ phase }) => (phase.kind === "alive" ? phase.opened.container : undefined))
      .findLast((container) => container !== undefined);
  }
}

/** Owns the containers of its shells. They end with the attempt, since their states do; disposing ends them all. */
export class OpenStates<Display> implements AsyncDisposable {
  readonly #options: OpenStatesOptions<Display>;
  readonly #states = new Set<MutableState<Display>>();
  /** Openings and clean-ups under way, so that disposal can wait for them. */
  readonly #closing = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  #attempt: number;

  constructor(options: OpenStatesOptions<Display>) {
    const { debug } = options;
    this.#options = options;
    this.#attempt = debug.state.attempt;
    this.#unsubscribe = debug.subscribe(() => {
      if (debug.state.attempt === this.#attempt) return;
      this.#attempt = debug.state.attempt;
      this.#endAll();
    });
  }

  get all(): readonly OpenState<Display>[] {
    return [...this.#states];
  }

  /** @param isDebugRoot undefined = whichever is open */
  find(step: number, side: StateSide, isDebugRoot?: boolean): OpenState<Display> | undefined {
    return this.#find(step, side, isDebugRoot);
  }

  /**
   * Opens a shell in a state: answers at once with one that is being opened, whose phase tells how that goes.
   * @param replaces one of the state that is not alive, in whose place it comes
   */
  open(place: ShellPlace, choice: ShellChoice = {}, replaces?: StateShell<Display>): StateShell<Display> {
    const { step, side } = place;
    const isDebugRoot = choice.debugRoot === true;
    const state = this.#find(step.id, side, isDebugRoot) ?? new MutableState<Display>(place, isDebugRoot);
    this.#states.add(state);
    const shell: MutableShell<Display> = {
      step,
      side,
      isDebugRoot,
      phase: { kind: "opening" },
      settled: state.turn,
      stop: new AbortController(),
    };
    const former = state.shells.find((each) => each === replaces);
    if (former === undefined) state.shells.push(shell);
    else {
      state.shells[state.shells.indexOf(former)] = shell;
      this.#close(former);
    }
    state.turn = state.turn.then(() => this.#start(state, shell, place, choice));
    shell.settled = state.turn;
    this.#track(state.turn);
    return shell;
  }

  /** Input for a shell: from now on its state counts as used. What an emulator answers by itself goes to the process. */
  write(shell: StateShell<Display>, data: Uint8Array): void {
    const state = this.#stateOf(shell);
    if (state === undefined || shell.phase.kind !== "alive" || data.length === 0) return;
    state.used = true;
    shell.phase.opened.process.write(data);
  }

  /** Ends one shell with what runs in it, and forgets it. The files stay where the state's container is kept. */
  async end(shell: StateShell<Display>): Promise<void> {
    const state = this.#stateOf(shell);
    const found = state?.shells.find((each) => each === shell);
    if (state === undefined || found === undefined) return;
    state.shells.splice(state.shells.indexOf(found), 1);
    const ending = found.phase.kind === "alive" ? quietly(found.phase.opened.end()) : Promise.resolve();
    this.#track(ending);
    this.#close(found);
    this.#settle(state);
    if (state.shells.length === 0 && state.container === undefined) this.#states.delete(state);
    this.#options.onChange?.();
    await ending;
  }

  /** Ends all shells of states, forgets what was changed there, and waits until the engine has let go of what they held. */
  async release(states: readonly OpenState[]): Promise<void> {
    const found = [...this.#states].filter((state) => states.includes(state));
    for (const state of found) {
      this.#states.delete(state);
      this.#drop(state);
    }
    if (found.length > 0) this.#options.onChange?.();
    await Promise.all(this.#closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#endAll();
    await Promise.all(this.#closing);
  }

  #find(step: number, side: StateSide, isDebugRoot?: boolean): MutableState<Display> | undefined {
    // Threads have programs of their own: a step is the same where its vertex is.
    const vertex = programOf(this.#options.debug.state)?.steps[step]?.vertex;
    return [...this.#states].find(
      (state) =>
        (vertex === undefined ? state.step.id === step : state.step.vertex === vertex) &&
        state.side === side &&
        (isDebugRoot === undefined || state.isDebugRoot === isDebugRoot),
    );
  }

  #stateOf(shell: StateShell<Display>): MutableState<Display> | undefined {
    return [...this.#states].find(({ shells }) => shells.some((each) => each === shell));
  }

  async #start(
    state: MutableState<Display>,
    shell: MutableShell<Display>,
    place: ShellPlace,
    choice: ShellChoice,
  ): Promise<void> {
    const { signal } = shell.stop;
    try {
      signal.throwIfAborted();
      const { command, prompt, ...start } = this.#options.start();
      const talk = choice.talk ?? start.talk;
      const opened =
        state.shared === undefined
          ? await openShell(this.#options.debug, { ...place, ...choice, talk, command, prompt }, { signal })
          : await state.shared.another(talk, choice.program);
      if (signal.aborted) {
        // Its container may have others in it.
        const isShared = opened.shared !== undefined && opened.shared === state.shared;
        await quietly(isShared ? opened.end() : opened.container[Symbol.asyncDispose]());
        return;
      }
      this.#adopt(state, shell, opened);
    } catch (error) {
      if (signal.aborted) return;
      shell.phase = { kind: "failed", error: toBktuiError(error, "engine") };
    }
    this.#options.onChange?.();
  }

  #adopt(state: MutableState<Display>, shell: MutableShell<Display>, opened: OpenedShell): void {
    const { process, shared, container } = opened;
    const display = this.#options.show(opened, shell);
    shell.phase = { kind: "alive", opened, display };
    if (shared !== undefined && shared !== state.shared) this.#share(state, shared);
    const ended = (code: number | undefined): void => {
      if (shell.phase.kind !== "alive") return;
      const kept = shared !== undefined && code !== undefined;
      shell.phase = { kind: "ended", display, code, kept, taken: whyTaken(container) };
      // Nothing can run in it any more, but it would still hold its mounts.
      if (shared === undefined) this.#release(container);
      this.#settle(state);
      this.#options.onChange?.();
    };
    // A process that the engine lost has no exit code; the debugger reports the lost connection itself.
    process.exited.then(ended, () => ended(undefined));
  }

  #share(state: MutableState<Display>, shared: SharedContainer): void {
    state.shared = shared;
    void shared.gone.then(() => {
      if (state.shared === shared) state.shared = undefined;
      this.#settle(state);
      this.#release(shared);
    });
  }

  /** What was changed is gone with the container that had it. */
  #settle(state: MutableState<Display>): void {
    if (state.container === undefined) state.used = false;
  }

  #endAll(): void {
    const states = [...this.#states];
    this.#states.clear();
    for (const state of states) this.#drop(state);
  }

  /** The state is forgotten already. */
  #drop({ shells, shared }: MutableState<Display>): void {
    if (shared !== undefined) this.#release(shared);
    for (const shell of shells) {
      const { phase } = shell;
      if (phase.kind === "alive" && phase.opened.shared === undefined) this.#release(phase.opened.container);
      this.#close(shell);
    }
  }

  /** Gives up its opening, or what it showed. */
  #close({ stop, phase }: MutableShell<Display>): void {
    stop.abort(new BktuiError("cancelled", "the shell was closed"));
    if (phase.kind === "alive" || phase.kind === "ended") this.#options.hide?.(phase.display);
  }

  #release(container: AsyncDisposable): void {
    this.#track(quietly(container[Symbol.asyncDispose]()));
  }

  /** Work that opens or releases a container, and that does not reject. */
  #track(work: Promise<void>): void {
    this.#closing.add(work);
    void work.finally(() => this.#closing.delete(work));
  }
}
