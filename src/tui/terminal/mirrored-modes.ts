/** What the outer terminal is to be told of modes: the shell's while it has the keyboard, and the debugger's mouse. */
import { type MouseTracking, modeChanges, noModes, type ShellModes } from "./terminal-modes.ts";

/** Remembers what the outer terminal was told last, and answers what it is to be told next. */
export class MirroredModes {
  #shell: ShellModes | undefined;
  #mouse = false;
  #outer: ShellModes = noModes;

  /** Mouse reports for the debugger's own panes. */
  set mouse(on: boolean) {
    this.#mouse = on;
  }

  /** The shell's modes while it has the keyboard; undefined when the debugger has it again. */
  set shell(modes: ShellModes | undefined) {
    this.#shell = modes;
  }

  /** The sequence that makes them so; "" when nothing changes. */
  change(): string {
    const wanted = this.#wanted();
    const sequence = modeChanges(this.#outer, wanted);
    this.#outer = wanted;
    return sequence;
  }

  /** The same for a terminal in which all are off. */
  anew(): string {
    this.#outer = noModes;
    return this.change();
  }

  #wanted(): ShellModes {
    const own: MouseTracking = this.#mouse ? "press" : "none";
    if (this.#shell === undefined) return { ...noModes, mouse: own };
    // A click beside the shell's pane is bktui's also while the shell has the keyboard.
    return this.#shell.mouse === "none" ? { ...this.#shell, mouse: own } : this.#shell;
  }
}
