/** Ends the process for a signal that its blocked event loop does not get to see, and gives the terminal back first. */
import { Worker } from "node:worker_threads";

export interface WatchdogOptions {
  readonly inputFd: number;
  readonly outputFd: number;
  /** As `stty -g` told them. */
  readonly settings: string;
  readonly leaveSequence: string;
}

/** For how long the loop must have stood still. */
const BLOCKED_MS = 5000;
const BEAT_MS = 1000;

/** Places in the memory that is shared with the thread. */
const BEATS = 0;
const ARMED = 1;

/**
 * A thread of its own: Node runs signal handlers in the event loop, so while that is blocked INT, TERM, HUP and QUIT
 * do nothing. The thread listens for them too, which only Node's internal signal binding can do (seen on Node 20);
 * where that is missing, a blocked process has to be ended with KILL.
 */
export class Watchdog implements AsyncDisposable {
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #thread: Worker;
  readonly #beating: NodeJS.Timeout;

  constructor(options: WatchdogOptions) {
    this.#thread = new Worker(threadSource, {
      eval: true,
      workerData: { ...options, shared: this.#shared, blockedMs: BLOCKED_MS },
      env: {},
      execArgv: [],
      // Its streams stay inside: what it says would land on the screen.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    // Without it everything else works as before.
    this.#thread.on("error", () => undefined);
    this.#thread.unref();
    this.#beating = setInterval(() => Atomics.add(this.#shared, BEATS, 1), BEAT_MS);
    this.#beating.unref();
  }

  /** Whether the terminal is bktui's now, to be given back. */
  arm(armed: boolean): void {
    Atomics.store(this.#shared, ARMED, armed ? 1 : 0);
  }

  /** Until it has ended, signals that the event loop does not listen for any more still do nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beating);
    await this.#thread.terminate();
  }
}

/**
 * Counts its own ticks instead of reading a clock: a process that was suspended has not been blocked.
 * KILL, because the handlers that the loop has set cannot be taken away from here.
 */
const threadSource = `
"use strict";
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const { shared, blockedMs, inputFd, outputFd, settings, leaveSequence } = workerData;
const tickMs = 250;
let pending = false;
process.noDeprecation = true;
const { Signal } = process.binding("signal_wrap");
for (const number of [1, 2, 3, 15]) {
  const signal = new Signal();
  signal.onsignal = () => { pending = true; };
  signal.start(number);
  signal.unref();
}
let beats = -1;
let stillMs = 0;
setInterval(() => {
  const now = Atomics.load(shared, ${BEATS});
  if (now !== beats) {
    beats = now;
    stillMs = 0;
    pending = false;
    return;
  }
  stillMs += tickMs;
  if (!pending || stillMs < blockedMs) return;
  if (Atomics.load(shared, ${ARMED}) === 1) {
    try { writeSync(outputFd, leaveSequence); } catch {}
    spawnSync("stty", [settings], { stdio: [inputFd, "ignore", "ignore"], env: { PATH: "/usr/bin:/bin" } });
  }
  process.kill(process.pid, "SIGKILL");
}, tickMs);
`;
