/** Keys around the shells: opening, exchanging states, giving and taking the keyboard. */

import { mayEndShells } from "../../console/losses.ts";
import { shellEndWords } from "../../console/phrases/shell-words.ts";
import { oneCommandProgram } from "../../debugger/shells/environment-facts.ts";
import { ENVIRONMENT_MS } from "../../debugger/shells/environments.ts";
import { missingWords } from "../../debugger/shells/missing-words.ts";
import { programsIn, type ShellChoice } from "../../debugger/shells/open-state.ts";
import { retryText } from "../../debugger/shells/retry-text.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { isReproduced, programOf } from "../../debugger/state/inspect.ts";
import type { Container, StateSide, StepEnvironment } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { Emulator } from "../emulator/emulator.ts";
import { nextUnit, selectLine, swapEnds } from "../emulator/selection.ts";
import type { Shells } from "../emulator/shell-screens.ts";
import type { Shell } from "../emulator/shell-state.ts";
import type { ShellSink } from "../input/router.ts";
import { phaseView, type ShellView } from "../panes/shell/shell-view.ts";
import type { View } from "../screen/view.ts";
import { noShellWords } from "../state/availability.ts";
import type { ShellModes } from "../terminal/terminal-modes.ts";
import type { App } from "./app.ts";
import { lossAsker } from "./ask-loss.ts";

/** The keyboard's side of the terminal. */
export interface KeyboardPort {
  /** What is typed from now on waits for a shell that is being opened. */
  hold(): void;
  give(sink: ShellSink): void;
  take(): void;
  /** The modes of the shell that has the keyboard; undefined = the debugger has it. */
  mirror(modes: ShellModes | undefined): void;
}

/** Performs the commands that concern shells. */
export class ShellControl {
  readonly #app: App;
  readonly #shells: Shells;
  readonly #keyboard: KeyboardPort;
  /** The shell that gets the keyboard as soon as it is alive. */
  #awaited: { readonly step: number; readonly side: StateSide } | undefined;
  /** Of the step whose command is typed into it then. */
  #typed: StepEnvironment | undefined;
  /** Phases as they were announced last, to say an end once. */
  readonly #announced = new WeakMap<Shell, Shell["phase"]["kind"]>();

  constructor(options: { readonly app: App; readonly shells: Shells; readonly keyboard: KeyboardPort }) {
    this.#app = options.app;
    this.#shells = options.shells;
    this.#keyboard = options.keyboard;
  }

  /** `!` and Enter: goes into the shell of the shown state, opening it when needed. */
  enter(choice: ShellChoice = {}): void {
    const view = this.#app.view();
    const target = this.#target(view);
    if (target === undefined) return;
    const { step, side } = target;
    this.#app.act({ kind: "show-shell", step: step.id, side }, { kind: "focus", pane: "shell" });
    const { isDebugRoot } = this.#shells.states.find(step.id, side) ?? {};
    const again = isDebugRoot === true && choice.program === undefined;
    this.#shells.open({ step, side, steps: stepsIn(view) }, again ? { debugRoot: true } : choice);
    this.#await(step, side);
  }

  /** `:shell -c COMMAND`: the shell pane shows what it prints, and how it ended. */
  async runInShell(text: string): Promise<void> {
    const target = this.#target(this.#app.view());
    const { debug } = this.#app;
    if (target === undefined || debug === undefined) return;
    const signal = AbortSignal.timeout(ENVIRONMENT_MS);
    const environment = await debug.environment(target.step.id, target.side, { signal });
    this.enter({ program: oneCommandProgram(environment, text) });
  }

  /** `:retry`: the step's command stands in the shell's line, and Enter runs it. */
  async retry(): Promise<void> {
    const view = this.#app.view();
    const target = this.#target(view);
    const graph = view.document.program?.graph;
    if (target === undefined || this.#app.debug === undefined) return;
    const { step, side } = target;
    if (graph?.vertices.get(step.vertex)?.exec === undefined) {
      this.#app.say(`retry: step ${step.id + 1} runs no command`);
      return;
    }
    const open = this.#shells.get(step.id, side);
    const [program] = open === undefined ? [] : await programsIn([open]);
    if (program !== undefined) {
      this.#app.say(`retry: ${program} is running in the shell`);
      return;
    }
    this.#typed = await this.#app.debug.environment(step.id, side, {
      signal: AbortSignal.timeout(ENVIRONMENT_MS),
    });
    this.enter();
  }

  /** `N`: one more shell in the state that is shown. */
  another(): void {
    const view = this.#app.view();
    const target = this.#target(view);
    if (target === undefined) return;
    const { step, side } = target;
    this.#app.act({ kind: "show-shell", step: step.id, side }, { kind: "focus", pane: "shell" });
    this.#shells.openAnother({ step, side, steps: stepsIn(view) });
    this.#await(step, side);
  }

  /** `>` and `<`: the other shells of the state. */
  turn(by: 1 | -1): void {
    const { shell } = this.#app.ui;
    if (shell === undefined) this.#app.say(noShellWords(this.#app.keys));
    else if (!this.#shells.turn(shell.step, shell.side, by)) {
      this.#app.say(
        `only one shell on ${sideWord(shell.side)}; ${this.#app.keys.keyOf("shell-new")} opens another`,
      );
    }
  }

  /** What is typed from now on is for this shell. */
  #await(step: Step, side: StateSide): void {
    this.#awaited = { step: step.id, side };
    this.#keyboard.hold();
    this.update();
  }

  /** The state that is looked at: the shell's in its own pane, else the selected step's. */
  place(): { readonly step: Step; readonly side: StateSide } | undefined {
    return this.#target(this.#app.view());
  }

  /** The shell pane has the focus and says that no shell is in the image: it offers other ways to look. */
  get offersOtherWays(): boolean {
    return this.#app.ui.focus === "shell" && this.#app.view().shell?.phase.kind === "shell-less";
  }

  /** `x`: the other state of the step; no shell is restarted. */
  swap(): void {
    const view = this.#app.view();
    const step = this.#shownStep(view);
    if (step === undefined || view.debug === undefined) return;
    const states = view.debug.states(step.id);
    const now = this.#shownSide(view, step);
    const next = now === undefined ? states[0] : states[(states.indexOf(now) + 1) % states.length];
    if (next === undefined || next === now) {
      this.#app.say(`${this.#app.keys.keyOf("swap")}: only one state here`);
      return;
    }
    this.#app.act({ kind: "side", step: step.id, side: next });
    if (view.ui.shell?.step === step.id) this.#app.act({ kind: "show-shell", step: step.id, side: next });
    if (view.ui.lower !== "shell") this.#app.say(`${sideWord(next)} of step ${step.id + 1} is shown`);
  }

  /** Ctrl-] and F12 while the debugger has the keyboard. */
  toKeyboard(): void {
    const { shell } = this.#app.ui;
    if (shell === undefined) {
      this.#app.say(noShellWords(this.#app.keys));
      return;
    }
    this.#app.act({ kind: "focus", pane: "shell" });
    const step = programOf(this.#app.debug?.state)?.steps[shell.step];
    if (step === undefined) return;
    this.#awaited = shell;
    this.update();
  }

  /** A leave key was pressed, or the shell is gone: the debugger has the keyboard. */
  left(): void {
    this.#awaited = undefined;
    this.#typed = undefined;
    this.#keyboard.take();
    this.#keyboard.mirror(undefined);
    this.#app.act({ kind: "keyboard", owner: "debugger" });
  }

  /** `K`: a new shell on the clean state, in place of all that are there; asks when a program would be ended. */
  async restart(): Promise<void> {
    const shown = this.shown();
    if (shown === undefined) return;
    const { step, side, isDebugRoot } = shown;
    if (!(await this.#mayEnd(this.#shellsOf(step, side), "Restart the shell?"))) return;
    this.#shells.endState(step.id, side);
    this.enter({ debugRoot: isDebugRoot });
  }

  /** `:debug-shell`: one of the debug root, in place of the state's own. */
  async debugShell(): Promise<void> {
    const target = this.place();
    if (target === undefined) {
      this.#app.say("debug-shell: this step has not been reached");
      return;
    }
    const { step, side } = target;
    const own = this.#shellsOf(step, side).filter(({ isDebugRoot }) => !isDebugRoot);
    if (own.length > 0) {
      if (!(await this.#mayEnd(own, "End the shell of the image?"))) return;
      this.#shells.endState(step.id, side);
    }
    this.enter({ debugRoot: true });
  }

  #shellsOf(step: Step, side: StateSide): readonly Shell[] {
    return this.#shells.states.find(step.id, side)?.shells ?? [];
  }

  /** `X`. */
  async end(): Promise<void> {
    const shown = this.shown();
    if (shown === undefined || !(await this.#mayEnd([shown], "End the shell?"))) return;
    this.#shells.end(shown);
  }

  async #mayEnd(shells: readonly Shell[], title: string): Promise<boolean> {
    if (!this.#app.ui.settings.confirmCloseShell) return true;
    return await mayEndShells(title, shells, lossAsker(this.#app));
  }

  /** Bytes for the shown shell that its keyboard cannot send, such as the leave key itself. */
  send(text: string): void {
    const shown = this.shown();
    if (shown === undefined) this.#app.say(noShellWords(this.#app.keys));
    else this.#shells.write(shown, Buffer.from(text, "utf8"));
  }

  /** `v`: lines are selected, from the one that was found or printed last; then characters; then nothing. */
  select(): void {
    const emulator = this.emulator();
    if (emulator === undefined) {
      this.#app.say(`${this.#app.keys.keyOf("select")}: ${noShellWords(this.#app.keys)}`);
      return;
    }
    const { selection } = emulator;
    emulator.select(selection === undefined ? selectLine(firstSelected(emulator)) : nextUnit(selection));
    this.#app.act({ kind: "toast-clear" });
    this.#app.changed();
  }

  /** `o`: the other end of the selection moves. */
  swapSelection(): void {
    const emulator = this.emulator();
    const { keys } = this.#app;
    if (emulator?.selection === undefined)
      this.#app.say(`${keys.keyOf("select-swap")}: nothing is selected; ${keys.keyOf("select")} selects`);
    else emulator.select(swapEnds(emulator.selection));
  }

  /** Esc: true when there was a selection to give up. */
  dropSelection(): boolean {
    const emulator = this.emulator();
    if (emulator?.selection === undefined) return false;
    emulator.select(undefined);
    this.#app.changed();
    return true;
  }

  /** The shell of the pane. */
  shown(): Shell | undefined {
    const { shell } = this.#app.ui;
    return shell === undefined ? undefined : this.#shells.get(shell.step, shell.side);
  }

  /** The emulator that has, or could have, the keyboard. */
  emulator(): Emulator | undefined {
    const phase = this.shown()?.phase;
    return phase?.kind === "alive" || phase?.kind === "ended" ? phase.display.emulator : undefined;
  }

  /** A shell's phase changed: hands over the keyboard, or takes it back. */
  update(): void {
    this.#announceEnds();
    const awaited = this.#awaited;
    if (awaited !== undefined) this.#handOver(awaited);
    const shown = this.shown();
    const hasKeyboard = this.#app.ui.keyboard === "shell";
    if (hasKeyboard && shown?.phase.kind !== "alive") this.left();
  }

  #handOver(awaited: { readonly step: number; readonly side: StateSide }): void {
    const shell = this.#shells.get(awaited.step, awaited.side);
    if (shell === undefined || shell.phase.kind === "failed" || shell.phase.kind === "ended") {
      this.#awaited = undefined;
      this.#typed = undefined;
      this.#keyboard.take();
      return;
    }
    if (shell.phase.kind === "opening") return;
    this.#awaited = undefined;
    const { emulator } = shell.phase.display;
    this.#app.act({ kind: "keyboard", owner: "shell" });
    this.#keyboard.give({
      write: (bytes) => this.#shells.write(shell, bytes),
      get bracketedPaste() {
        return emulator.modes.bracketedPaste;
      },
      get focusReports() {
        return emulator.modes.focusReports;
      },
      encodeMouse: (event) => {
        const rect = this.#app.view().layout.lower;
        return rect === undefined ? undefined : emulator.encodeMouse(event, rect);
      },
    });
    emulator.select(undefined);
    this.#keyboard.mirror(emulator.modes);
    if (this.#typed !== undefined) {
      const text = retryText(this.#typed, { bracketed: emulator.modes.bracketedPaste });
      this.#shells.write(shell, Buffer.from(text, "utf8"));
    }
    this.#typed = undefined;
  }

  /** Modes of the shell with the keyboard may have changed with its output. */
  mirrorModes(): void {
    if (this.#app.ui.keyboard !== "shell") return;
    const emulator = this.emulator();
    if (emulator !== undefined) this.#keyboard.mirror(emulator.modes);
  }

  #announceEnds(): void {
    const shown = this.shown();
    if (shown === undefined || this.#announced.get(shown) === shown.phase.kind) return;
    this.#announced.set(shown, shown.phase.kind);
    // What ended them all has been said.
    if (this.#app.debug?.state.phase.kind === "lost") return;
    if (shown.phase.kind === "alive") this.#sayMissing(shown.phase.opened.container);
    if (shown.phase.kind === "ended")
      this.#app.say(shellEndWords(shown.phase, this.#app.keys.keyOf("shell")));
    if (shown.phase.kind === "failed") this.#app.fail(shown.phase.error);
  }

  #sayMissing({ missing }: Container): void {
    const [first, ...more] = missing;
    if (first === undefined) return;
    const words = missingWords(first, programOf(this.#app.debug?.state));
    this.#app.say(`${words}${more.length === 0 ? "" : ` (and ${more.length} more, see Info)`}`);
  }

  /** What the shell pane shows. */
  viewOf(statesOf: (step: number) => readonly StateSide[]): ShellView | undefined {
    const { shell } = this.#app.ui;
    const program = programOf(this.#app.debug?.state);
    const step = shell === undefined ? undefined : program?.steps[shell.step];
    if (shell === undefined || step === undefined) return undefined;
    const other = statesOf(step.id).find((side) => side !== shell.side);
    const debug = this.#app.debug?.state;
    const reproduced = debug !== undefined && isReproduced(debug, step.id, shell.side);
    return {
      step,
      side: shell.side,
      other,
      reproduced,
      ...this.#shells.rankOf(step.id, shell.side),
      phase: phaseView(this.#shells.get(step.id, shell.side), this.#app.keys),
    };
  }

  /** The step and state that `!` means: the shown shell in its own pane, else the selected step. */
  #target(view: View): { readonly step: Step; readonly side: StateSide } | undefined {
    const step = this.#shownStep(view);
    const side = step === undefined ? undefined : this.#shownSide(view, step);
    return step === undefined || side === undefined ? undefined : { step, side };
  }

  #shownStep(view: View): Step | undefined {
    const { shell } = view.ui;
    if (view.ui.focus === "shell" && shell !== undefined) return view.document.program?.steps[shell.step];
    return view.selected;
  }

  #shownSide(view: View, step: Step): StateSide | undefined {
    if (view.ui.focus === "shell" && view.ui.shell?.step === step.id) return view.ui.shell.side;
    return step.id === view.selected?.id ? view.side : view.debug?.states(step.id)[0];
  }
}

function stepsIn({ document }: View): number {
  return document.program?.steps.length ?? 0;
}

/** The line that was found; the first on the screen when that is scrolled back; else the last one with text. */
function firstSelected(emulator: Emulator): number {
  if (emulator.hit !== undefined) return emulator.hit;
  return emulator.linesAboveEnd > 0 ? emulator.firstLine : emulator.lastLine;
}
