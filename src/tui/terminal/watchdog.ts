/** Ends the process when its event loop computes without an end, and gives the terminal back first. */
import { Worker } from "node:worker_threads";

export interface WatchdogOptions {
  readonly inputFd: number;
  readonly outputFd: number;
  /** As `stty -g` told them. */
  readonly settings: string;
  readonly leaveSequence: string;
}

/** For how long the loop must have stood still, and for how long a processor must have been busy meanwhile. */
const BLOCKED_MS = 5000;
const BEAT_MS = 1000;

/** Places in the memory that is shared with the thread. */
const BEATS = 0;
const ARMED = 1;

/**
 * A thread of its own: Node runs signal handlers in the event loop, so while that is blocked neither keys nor INT, TERM,
 * HUP and QUIT do anything, and no other thread can be told of them. So it does not wait for one (ADR 17).
 */
export class Watchdog implements AsyncDisposable {
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #thread: Worker;
  readonly #beating: NodeJS.Timeout;

  constructor(options: WatchdogOptions) {
    this.#thread = new Worker(THREAD_SOURCE, {
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

  /** Nobody has to wait for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beating);
    await this.#thread.terminate();
  }
}

/**
 * Counts its own ticks instead of reading a clock: a process that was suspended has not been blocked. The processor's
 * time counts too: on a machine that has none to give, and over a file system that hangs, waiting is right.
 * Asks the loop's thread where it is (`connectToMainThread`, Node 12.11 and newer; it answers at the next turn of
 * whatever it computes), for the report of the defect that it must be. KILL, because nothing else ends a process whose
 * loop does not turn.
 */
const THREAD_SOURCE = `
"use strict";
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const { shared, blockedMs, inputFd, outputFd, settings, leaveSequence } = workerData;
const tickMs = 250;
const answerMs = 500;
const busyMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let beats = -1;
let stillMs = 0;
let busyAtBeatMs = 0;
const ticking = setInterval(() => {
  const now = Atomics.load(shared, ${BEATS});
  if (now !== beats) {
    beats = now;
    stillMs = 0;
    busyAtBeatMs = busyMs();
    return;
  }
  stillMs += tickMs;
  if (stillMs < blockedMs || busyMs() - busyAtBeatMs < blockedMs) return;
  clearInterval(ticking);
  askWhere(end);
}, tickMs);

function askWhere(done) {
  let place = "";
  let session;
  const finish = () => { clearTimeout(timer); done(place); };
  const timer = setTimeout(finish, answerMs);
  try {
    const { Session } = require("node:inspector");
    session = new Session();
    session.connectToMainThread();
    session.on("Debugger.paused", ({ params }) => {
      place = params.callFrames.slice(0, 8).map(({ functionName, url, location }) =>
        "\\n    at " + (functionName || "(anonymous)") + " (" + (url || "bktui") + ":" + (location.lineNumber + 1) + ")").join("");
      finish();
    });
    session.post("Debugger.enable", () => undefined);
    session.post("Debugger.pause", () => undefined);
  } catch {
    // The report is shorter then.
  }
}

function end(place) {
  if (Atomics.load(shared, ${ARMED}) === 1) {
    try { writeSync(outputFd, leaveSequence); } catch {}
    spawnSync("stty", [settings], { stdio: [inputFd, "ignore", "ignore"], env: { PATH: "/usr/bin:/bin" } });
  }
  const seconds = blockedMs / 1000;
  const text = "bktui stopped: it was busy with one thing for more than " + seconds + " s; this is a defect, please report it";
  try { writeSync(2, text + place + "\\n"); } catch {}
  process.kill(process.pid, "SIGKILL");
}
`;
