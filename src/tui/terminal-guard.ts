import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { sanitizeText } from "./sanitize.ts";
import { terminalSettings } from "./terminal-settings.ts";
import { Watchdog } from "./watchdog.ts";

/** What the shell's program asked of its terminal, to be asked of the outer terminal while the shell has the keyboard. */
export interface ShellModes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly mouse: MouseTracking;
}
export type MouseTracking = "none" | "press" | "drag" | "any";

/** The terminal's input side; `tty.ReadStream` is one. */
export interface RawInput {
  setRawMode(raw: boolean): unknown;
}

type FatalSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT";

export interface TerminalGuardOptions {
  readonly input: RawInput;
  /** File descriptors of the same terminal. */
  readonly inputFd: number;
  readonly outputFd: number;
  /** What `askTerminalSettings` answered before anything was changed; default: asked at once. */
  readonly settings?: string | undefined;
  /** How mode switches reach the terminal between frames; default: written at once. */
  readonly send?: ((sequence: string) => void) | undefined;
  /** Stop painting and reading: the terminal is about to be given back (Ctrl-Z, a signal, an uncaught error). */
  readonly onStop?: (() => void) | undefined;
  /** The process goes on and the modes are set again: paint everything, read again. */
  readonly onContinue?: (() => void) | undefined;
  /** Release what the engine holds; the signal is raised again afterwards, at the latest after 2 s. */
  readonly onSignal?: ((signal: FatalSignal) => Promise<void>) | undefined;
  /** After an uncaught error: the terminal is restored and the message written. Must end the process. */
  readonly onFatal: (error: unknown) => void;
}

const fatalSignals: readonly FatalSignal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const signalCleanupMs = 2000;
/** A process group without a job-control shell ignores SIGTSTP; then there is no stop and no SIGCONT. */
const notStoppedMs = 100;

/**
 * Title saved, alternate screen, no autowrap (a width that the terminal sees differently cannot scroll the
 * screen), paste brackets, focus reports, wheel as arrow keys (saved first: its default differs).
 */
const enterSequence =
  "\u001b[22;0t\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?1004h\u001b[?1007s\u001b[?1007h\u001b[?1l\u001b>\u001b[?25l";
/** Undoes `enterSequence` and everything the compositor or `mirror` may have switched. */
const leaveSequence =
  "\u001b[?2026l\u001b[?1003l\u001b[?1002l\u001b[?1000l\u001b[?1006l\u001b[?1004l\u001b[?1007r\u001b[?2004l\u001b[?1l\u001b>" +
  "\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l\u001b[23;0t";

/** What a frame changes and does not end itself. */
const afterFrameSequence = "\u001b[?2026l\u001b[0m\u001b[?25h";

/**
 * For `--restore-terminal`: puts a terminal that was left in a bad state back into an ordinary one. A terminal
 * that is not on the alternate screen only has its cursor moved.
 */
export function restoreTerminalNow(outputFd: number): void {
  writeQuietly(outputFd, leaveSequence);
  spawnSync("stty", ["sane"], { stdio: [outputFd, "ignore", "ignore"] });
}

/**
 * Owns every mode of the terminal: sets them in `enter`, and undoes them on each way out that Node can see
 * (exit, INT, TERM, HUP, QUIT, an uncaught error, Ctrl-Z). For the ways it cannot see (KILL, abort, out of
 * memory) `startWatcher` leaves a small shell behind that repairs the terminal. Nothing else touches modes.
 */
export class TerminalGuard implements Disposable {
  readonly #options: TerminalGuardOptions;
  readonly #send: (sequence: string) => void;
  #entered = false;
  #savedSettings: string | undefined;
  #watcher: ChildProcess | undefined;
  #watchdog: Watchdog | undefined;
  #shellModes: ShellModes | undefined;
  #mouse = false;
  /** What the outer terminal was told last. */
  #outer: ShellModes = noModes;
  #listening = false;
  #signalled = false;
  #stopped = false;
  #handedOver = false;
  readonly #signalHandlers = new Map<FatalSignal, () => void>();
  readonly #onExit = (): void => this.#leave();
  readonly #onStopSignal = (): void => this.#stop(process.pid);
  readonly #onContinueSignal = (): void => this.#continue();
  readonly #onUncaught = (error: unknown): void => this.#fatal(error);

  constructor(options: TerminalGuardOptions) {
    this.#options = options;
    this.#send = options.send ?? ((sequence) => writeQuietly(options.outputFd, sequence));
  }

  /** Takes the terminal and begins to watch the ways out. */
  enter(): void {
    if (!this.#listening) {
      this.#savedSettings = this.#options.settings ?? terminalSettings(this.#options.inputFd);
      this.#listen();
    }
    this.#take();
  }

  /**
   * Starts a process that repairs the terminal when this one dies without a chance to do so. After the first frame,
   * because of what it costs. Without `/bin/sh` or `stty` there is none.
   */
  startWatcher(): void {
    const { inputFd, outputFd } = this.#options;
    if (this.#watcher !== undefined || this.#savedSettings === undefined) return;
    const watcher = spawn(
      "/bin/sh",
      ["-c", watcherScript, "bktui-watcher", this.#savedSettings, leaveSequence],
      {
        // A session of its own: signals to the terminal's or bktui's process group do not reach it.
        detached: true,
        stdio: ["pipe", "ignore", "ignore", inputFd, outputFd],
      },
    );
    // Failing to start (or its end) only means that nothing repairs the terminal after a SIGKILL.
    watcher.on("error", () => undefined);
    watcher.stdin?.on("error", () => undefined);
    watcher.unref();
    if (watcher.stdin !== null && "unref" in watcher.stdin && typeof watcher.stdin.unref === "function") {
      watcher.stdin.unref();
    }
    this.#watcher = watcher;
    this.#tellWatcher();
  }

  /**
   * Starts a thread that ends this process for a signal that it is too blocked to see. When there is time: it needs
   * seconds of blocking to act, and as much time of a processor as the first frame to start.
   */
  startWatchdog(): void {
    const { inputFd, outputFd } = this.#options;
    const settings = this.#savedSettings;
    if (this.#watchdog !== undefined || settings === undefined || !this.#listening) return;
    this.#watchdog = new Watchdog({ inputFd, outputFd, settings, leaveSequence });
    this.#tellWatcher();
  }

  /** Mouse reports for the debugger's own panes; off by default, so that the terminal's selection works. */
  setMouse(on: boolean): void {
    this.#mouse = on;
    this.#mirrorNow();
  }

  /** The shell's modes while it has the keyboard; undefined when the debugger has it again. */
  mirror(modes: ShellModes | undefined): void {
    this.#shellModes = modes;
    this.#mirrorNow();
  }

  #mirrorNow(): void {
    if (!this.#entered) return;
    const wanted = this.#wantedModes();
    const sequence = modeChanges(this.#outer, wanted);
    this.#outer = wanted;
    if (sequence !== "") this.#send(sequence);
  }

  #wantedModes(): ShellModes {
    const own: MouseTracking = this.#mouse ? "press" : "none";
    if (this.#shellModes === undefined) return { ...noModes, mouse: own };
    // A click beside the shell's pane is bktui's also while the shell has the keyboard.
    return this.#shellModes.mouse === "none" ? { ...this.#shellModes, mouse: own } : this.#shellModes;
  }

  /** Gives the terminal to another program (an editor) for as long as `run` takes. */
  async handOver<T>(run: () => Promise<T>): Promise<T> {
    this.#leave();
    this.#handedOver = true;
    try {
      return await run();
    } finally {
      this.#handedOver = false;
      this.#take();
    }
  }

  /** Ctrl-Z: gives the terminal back and stops the job as the terminal itself would do; goes on after SIGCONT. */
  stopProcess(): void {
    // The whole process group: a shell that started bktui through npm or npx waits for those to stop as well.
    this.#stop(0);
  }

  #stop(pid: number): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.onStop?.();
    this.#leave();
    process.off("SIGTSTP", this.#onStopSignal);
    process.kill(pid, "SIGTSTP");
    setTimeout(() => {
      if (this.#stopped) this.#continue();
    }, notStoppedMs);
  }

  /** Gives the terminal back at once, synchronously. */
  restoreNow(): void {
    this.#leave();
  }

  /** Restores the terminal and forgets every handler. */
  [Symbol.dispose](): void {
    this.#leave();
    process.off("exit", this.#onExit);
    process.off("SIGTSTP", this.#onStopSignal);
    process.off("SIGCONT", this.#onContinueSignal);
    process.off("uncaughtException", this.#onUncaught);
    process.off("unhandledRejection", this.#onUncaught);
    for (const [signal, handler] of this.#signalHandlers) process.off(signal, handler);
    this.#signalHandlers.clear();
    this.#watcher?.kill("SIGKILL");
    this.#watcher = undefined;
    // Nobody waits for a thread that only listens.
    void this.#endWatchdog();
    this.#listening = false;
  }

  async #endWatchdog(): Promise<void> {
    const watchdog = this.#watchdog;
    this.#watchdog = undefined;
    await watchdog?.[Symbol.asyncDispose]();
  }

  #listen(): void {
    this.#listening = true;
    process.on("exit", this.#onExit);
    process.on("SIGTSTP", this.#onStopSignal);
    process.on("SIGCONT", this.#onContinueSignal);
    process.on("uncaughtException", this.#onUncaught);
    process.on("unhandledRejection", this.#onUncaught);
    for (const signal of fatalSignals) {
      const handler = (): void => this.#signal(signal);
      this.#signalHandlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  #take(): void {
    // Off and on again: libuv skips a mode that it believes to be set, but a job-control shell may have changed it.
    this.#options.input.setRawMode(false);
    this.#options.input.setRawMode(true);
    this.#outer = this.#wantedModes();
    writeQuietly(this.#options.outputFd, enterSequence + modeChanges(noModes, this.#outer));
    this.#entered = true;
    this.#tellWatcher();
  }

  #leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    writeQuietly(this.#options.outputFd, leaveSequence);
    this.#options.input.setRawMode(false);
    this.#tellWatcher();
  }

  #tellWatcher(): void {
    this.#watcher?.stdin?.write(this.#entered ? "armed\n" : "idle\n");
    this.#watchdog?.arm(this.#entered);
  }

  #continue(): void {
    if (this.#stopped) {
      this.#stopped = false;
      process.on("SIGTSTP", this.#onStopSignal);
    } else if (!this.#entered) {
      return;
    }
    if (this.#handedOver) return;
    this.#take();
    this.#options.onContinue?.();
  }

  #signal(signal: FatalSignal): void {
    // Ctrl-C and Ctrl-\ in a program that has the terminal are for that program.
    if (this.#handedOver && (signal === "SIGINT" || signal === "SIGQUIT")) return;
    this.#options.onStop?.();
    this.#leave();
    const handler = this.#signalHandlers.get(signal);
    const raise = async (): Promise<void> => {
      // With its listeners the signal would not end the process.
      await this.#endWatchdog();
      // A frame that was on its way may have come after the restoring sequence.
      writeQuietly(this.#options.outputFd, afterFrameSequence);
      if (handler !== undefined) process.off(signal, handler);
      process.kill(process.pid, signal);
    };
    const cleanup = this.#signalled ? undefined : this.#options.onSignal?.(signal);
    this.#signalled = true;
    if (cleanup === undefined) {
      void raise();
      return;
    }
    setTimeout(() => void raise(), signalCleanupMs);
    // A failed clean-up has no reader any more: the process ends by the signal either way.
    void cleanup.then(raise, raise);
  }

  #fatal(error: unknown): void {
    this.#options.onStop?.();
    this.#leave();
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // stderr may be a file: written as text, but never raw, because the message can hold text of the build.
    writeQuietly(2, `bktui stopped: ${sanitizeText(message).join("\n")}\n`);
    this.#options.onFatal(error);
  }
}

const noModes: ShellModes = { applicationCursor: false, applicationKeypad: false, mouse: "none" };

const mouseModes: Readonly<Record<MouseTracking, string | undefined>> = {
  none: undefined,
  press: "1000",
  drag: "1002",
  any: "1003",
};

/** The sequences that lead from one set of modes to another; mouse reports always in the SGR encoding. */
function modeChanges(from: ShellModes, to: ShellModes): string {
  let out = "";
  if (from.applicationCursor !== to.applicationCursor)
    out += to.applicationCursor ? "\u001b[?1h" : "\u001b[?1l";
  if (from.applicationKeypad !== to.applicationKeypad) out += to.applicationKeypad ? "\u001b=" : "\u001b>";
  if (from.mouse !== to.mouse) {
    const [off, on] = [mouseModes[from.mouse], mouseModes[to.mouse]];
    if (off !== undefined) out += `\u001b[?${off}l\u001b[?1006l`;
    if (on !== undefined) out += `\u001b[?${on}h\u001b[?1006h`;
  }
  return out;
}

/** Ends with the pipe from bktui; the last line read says whether the terminal was ours. $1 stty -g, $2 sequence. */
const watcherScript = `
trap '' INT TERM HUP QUIT TSTP TTOU TTIN PIPE
state=idle
while IFS= read -r line; do state=$line; done
if [ "$state" = armed ]; then
  printf '%s' "$2" >&4
  stty "$1" <&3
fi
`;

const writeAttempts = 200;
const writePauseMs = 5;

/**
 * For the ways out: writes now and all of it, but a terminal that is gone (EIO after a hang-up) or takes nothing
 * for a second must not keep the process from ending.
 */
function writeQuietly(fd: number, text: string): void {
  let rest = Buffer.from(text, "utf8");
  for (let attempt = 0; attempt < writeAttempts && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code !== "EAGAIN" && error.code !== "EINTR") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, writePauseMs);
    }
  }
}
