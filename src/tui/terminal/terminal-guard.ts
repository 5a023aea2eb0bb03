/** Takes the terminal over, and restores its modes on every way out. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { constants } from "node:os";
import { sourceStack } from "../../base/source-stack.ts";
import { sanitizeText } from "../cells/sanitize.ts";
import { MirroredModes } from "./mirrored-modes.ts";
import { terminalSettings } from "./stty-settings.ts";
import { LEAVE_SEQUENCE, SCREEN_SEQUENCES, type ShellModes, type TakingSequences } from "./terminal-modes.ts";
import { Watchdog } from "./watchdog.ts";

/** The terminal's input side; `tty.ReadStream` is one. */
export interface RawInput {
  setRawMode(raw: boolean): unknown;
}

/** A program that has the terminal. */
interface HandOver {
  /** Resolves when it has ended. */
  end(signal: FatalSignal): Promise<void>;
}

type FatalSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT";

export interface TerminalGuardOptions {
  readonly input: RawInput;
  /** File descriptors of the same terminal. */
  readonly inputFd: number;
  readonly outputFd: number;
  /** What `askTerminalSettings` answered before anything was changed; default: asked at once. */
  readonly settings?: string | undefined;
  /** Default: those of a screen. */
  readonly sequences?: TakingSequences | undefined;
  /** How mode switches reach the terminal between frames; default: written at once. */
  readonly send?: ((sequence: string) => void) | undefined;
  /** Stop painting and reading: the terminal is about to be given back (Ctrl-Z, a signal, an uncaught error). */
  readonly onStop?: (() => void) | undefined;
  /** The process goes on and the modes are set again: paint everything, read again. */
  readonly onContinue?: (() => void) | undefined;
  /** Release what the engine holds, after a signal or an uncaught error; the process ends afterwards, at the latest after 2 s. */
  readonly release?: (() => Promise<void>) | undefined;
  /** After an uncaught error: the terminal is restored and the message written. Must end the process. */
  readonly onFatal: (error: unknown) => void;
}

/** As shells count exit codes of signals. */
const SIGNAL_BASE = 128;
const FATAL_SIGNALS: readonly FatalSignal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const CLEAN_UP_MS = 2000;
/** A process group without a job-control shell ignores SIGTSTP; then there is no stop and no SIGCONT. */
const NOT_STOPPED_MS = 100;

/**
 * For `--restore-terminal`: puts a terminal that was left in a bad state back into an ordinary one. A terminal
 * that is not on the alternate screen only has its cursor moved.
 */
export function restoreTerminalNow(outputFd: number): void {
  writeQuietly(outputFd, LEAVE_SEQUENCE);
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
  readonly #sequences: TakingSequences;
  #entered = false;
  #savedSettings: string | undefined;
  #watcher: ChildProcess | undefined;
  #watchdog: Watchdog | undefined;
  readonly #modes = new MirroredModes();
  #listening = false;
  /** A signal or an uncaught error has come: the process is on its way out. */
  #ending = false;
  #stopped = false;
  #handedOver: HandOver | undefined;
  readonly #signalHandlers = new Map<FatalSignal, () => void>();
  readonly #onExit = (): void => this.#leave();
  readonly #onStopSignal = (): void => this.#stop(process.pid);
  readonly #onContinueSignal = (): void => this.#continue();
  readonly #onUncaught = (error: unknown): void => this.#fatal(error);

  constructor(options: TerminalGuardOptions) {
    this.#options = options;
    this.#sequences = options.sequences ?? SCREEN_SEQUENCES;
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
      ["-c", WATCHER_SCRIPT, "bktui-watcher", this.#savedSettings, this.#sequences.leave],
      {
        // A session of its own: signals to the terminal's or bktui's process group do not reach it.
        detached: true,
        // It outlives bktui, whose environment may hold secrets.
        env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
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
   * Starts a thread that ends this process when its loop is blocked, and no key or signal does it any more. When there
   * is time: it needs seconds of blocking to act, and as much time of a processor as the first frame to start.
   */
  startWatchdog(): void {
    const { inputFd, outputFd } = this.#options;
    const settings = this.#savedSettings;
    if (this.#watchdog !== undefined || settings === undefined || !this.#listening) return;
    this.#watchdog = new Watchdog({ inputFd, outputFd, settings, leaveSequence: this.#sequences.leave });
    this.#tellWatcher();
  }

  /** Mouse reports for the debugger's own panes; off by default, so that the terminal's selection works. */
  setMouse(on: boolean): void {
    this.#modes.mouse = on;
    this.#mirrorNow();
  }

  /** The shell's modes while it has the keyboard; undefined when the debugger has it again. */
  mirror(modes: ShellModes | undefined): void {
    this.#modes.shell = modes;
    this.#mirrorNow();
  }

  #mirrorNow(): void {
    if (!this.#entered) return;
    const sequence = this.#modes.change();
    if (sequence !== "") this.#send(sequence);
  }

  /**
   * Gives the terminal to another program (an editor) for as long as `run` takes. Its signal fires when bktui itself is
   * ended meanwhile, with the signal's name as reason: the program must end then.
   */
  async handOver<T>(run: (ending: AbortSignal) => Promise<T>): Promise<T> {
    this.#leave();
    const ending = new AbortController();
    const running = run(ending.signal);
    const over = running.then(ignore, ignore);
    this.#handedOver = {
      end: async (signal) => {
        ending.abort(signal);
        await over;
        // An editor that was ended may have left the terminal as it wanted it.
        this.#restoreSettings();
      },
    };
    try {
      return await running;
    } finally {
      // On its way out the process must not paint any more: whoever called is not told.
      if (this.#ending) await never;
      this.#handedOver = undefined;
      this.#take();
    }
  }

  #restoreSettings(): void {
    const { inputFd, outputFd } = this.#options;
    writeQuietly(outputFd, this.#sequences.leave);
    if (this.#savedSettings === undefined) return;
    spawnSync("stty", [this.#savedSettings], { stdio: [inputFd, "ignore", "ignore"] });
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
    }, NOT_STOPPED_MS);
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
    // Nobody waits for a thread that only counts.
    void this.#watchdog?.[Symbol.asyncDispose]();
    this.#watchdog = undefined;
    this.#listening = false;
  }

  #listen(): void {
    this.#listening = true;
    process.on("exit", this.#onExit);
    process.on("SIGTSTP", this.#onStopSignal);
    process.on("SIGCONT", this.#onContinueSignal);
    process.on("uncaughtException", this.#onUncaught);
    process.on("unhandledRejection", this.#onUncaught);
    for (const signal of FATAL_SIGNALS) {
      const handler = (): void => this.#signal(signal);
      this.#signalHandlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  #take(): void {
    // Off and on again: libuv skips a mode that it believes to be set, but a job-control shell may have changed it.
    this.#options.input.setRawMode(false);
    this.#options.input.setRawMode(true);
    writeQuietly(this.#options.outputFd, this.#sequences.enter + this.#modes.anew());
    this.#entered = true;
    this.#tellWatcher();
  }

  #leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    writeQuietly(this.#options.outputFd, this.#sequences.leave);
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
    if (this.#handedOver !== undefined) return;
    this.#take();
    this.#options.onContinue?.();
  }

  #signal(signal: FatalSignal): void {
    // Ctrl-C and Ctrl-\ in a program that has the terminal are for that program.
    if (this.#handedOver !== undefined && (signal === "SIGINT" || signal === "SIGQUIT")) return;
    this.#options.onStop?.();
    this.#leave();
    const handler = this.#signalHandlers.get(signal);
    const raise = (): void => {
      writeQuietly(this.#options.outputFd, this.#sequences.late);
      if (handler !== undefined) process.off(signal, handler);
      // Whoever deletes something at the end hears of it: a signal alone tells nobody.
      process.emit("exit", SIGNAL_BASE + constants.signals[signal]);
      process.kill(process.pid, signal);
    };
    this.#cleanUp(signal, raise);
  }

  /** Calls `over` when everything is released or takes too long; at once when that had already begun. */
  #cleanUp(signal: FatalSignal, over: () => void): void {
    if (this.#ending) {
      over();
      return;
    }
    this.#ending = true;
    setTimeout(over, CLEAN_UP_MS);
    // A failed clean-up has no reader any more: the process ends either way.
    void this.#releaseAll(signal).then(over, over);
  }

  /** The program that has the terminal ends too: two would read from it, this shell's and the one that was left alone. */
  async #releaseAll(signal: FatalSignal): Promise<void> {
    const released = this.#options.release?.();
    await this.#handedOver?.end(signal);
    await released;
  }

  #fatal(error: unknown): void {
    this.#options.onStop?.();
    this.#leave();
    const message = error instanceof Error ? sourceStack(error.stack ?? error.message) : String(error);
    // stderr may be a file: written as text, but never raw, because the message can hold text of the build.
    writeQuietly(2, `bktui stopped: ${sanitizeText(message).join("\n")}\n`);
    // BuildKit 0.8 keeps the containers of a client that is gone for good.
    this.#cleanUp("SIGTERM", () => this.#options.onFatal(error));
  }
}

function ignore(): void {}
const never = new Promise<never>(ignore);

/** Ends with the pipe from bktui; the last line read says whether the terminal was ours. $1 stty -g, $2 sequence. */
const WATCHER_SCRIPT = `
trap '' INT TERM HUP QUIT TSTP TTOU TTIN PIPE
state=idle
while IFS= read -r line; do state=$line; done
if [ "$state" = armed ]; then
  printf '%s' "$2" >&4
  stty "$1" <&3
fi
`;

const WRITE_ATTEMPTS = 200;
const WRITE_PAUSE_MS = 5;

/**
 * For the ways out: writes now and all of it, but a terminal that is gone (EIO after a hang-up) or takes nothing
 * for a second must not keep the process from ending.
 */
function writeQuietly(fd: number, text: string): void {
  let rest = Buffer.from(text, "utf8");
  for (let attempt = 0; attempt < WRITE_ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code !== "EAGAIN" && error.code !== "EINTR") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITE_PAUSE_MS);
    }
  }
}
