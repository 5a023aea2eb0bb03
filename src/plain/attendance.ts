/** A run without a terminal that somebody may attach to: waiting for him, and with him. */
import { visibleLine } from "../base/visible.ts";
import { count, roundTime } from "../base/words.ts";
import { stopWords } from "../console/phrases/stop-words.ts";
import type { Served } from "../console/serving.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { isBusy } from "../debugger/state/at-rest.ts";

export interface Attending {
  /** Somebody is waited for at a stop; undefined = only with somebody who is attached. */
  readonly wait: { readonly limitMs: number } | undefined;
  /** Others may attach from the start, else from the first stop on. */
  readonly fromStart: boolean;
  /** `end`: somebody ended the build from an attached screen. */
  serve(end: (code: number) => void): Promise<Served>;
  /** How it is attached to from outside, where that is another command. */
  readonly outside?: ((command: string) => string | undefined) | undefined;
  /** How often it is said that the run waits, in milliseconds; default: a minute. */
  readonly beatMs?: number;
}

/** "over": nobody is waited for any more; "goes-on": somebody gave a command; a number: somebody ended the build. */
export type Attended = "over" | "goes-on" | { readonly code: number };

/** Pipelines are ended that print nothing for some minutes. */
const BEAT_MS = 60_000;

/** The waiting of one run. Disposing closes the screens that are attached. */
export class Attendance implements AsyncDisposable {
  readonly #debug: Debugger;
  readonly #options: Attending;
  readonly #say: (line: string) => void;
  #served: Served | undefined;
  #ended: number | undefined;
  #onEnd: () => void = () => undefined;

  /** @param say gets harmless lines, whatever else the run is to be silent about */
  constructor(debug: Debugger, options: Attending, say: (line: string) => void) {
    this.#debug = debug;
    this.#options = options;
    this.#say = say;
  }

  /** Before the build is launched. */
  async begin(): Promise<void> {
    if (!this.#options.fromStart) return;
    const { command } = await this.#serve();
    this.#say(`#0 note: attach with: ${visibleLine(command)}`);
  }

  /** Somebody sees it all on a screen. */
  get isAttended(): boolean {
    return (this.#served?.screens ?? 0) > 0;
  }

  /** What the stop is called while somebody is attached, in one line. */
  tellStop(): void {
    const { state } = this.#debug;
    const words = state.phase.kind === "paused" ? stopWords(state.phase, state) : state.phase.kind;
    this.#say(`#0 note: stopped ${visibleLine(words)}`);
  }

  /** The build is at rest, and that has been told. */
  async wait(signal: AbortSignal): Promise<Attended> {
    const isStop = this.#debug.state.phase.kind === "paused";
    const limit = isStop ? this.#options.wait : undefined;
    const served = limit === undefined ? this.#served : await this.#serve();
    if (served === undefined || (limit === undefined && served.screens === 0)) return this.#outcome();
    if (limit !== undefined && served.screens === 0) this.#invite(served, limit.limitMs);
    await this.#until(served, limit?.limitMs ?? NONE, signal);
    return this.#outcome();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.[Symbol.asyncDispose]();
  }

  /** What attached terminals are told. */
  conclude(words: string): void {
    this.#served?.conclude(words);
  }

  async #serve(): Promise<Served> {
    this.#served ??= await this.#options.serve((code) => {
      this.#ended = code;
      this.#onEnd();
    });
    return this.#served;
  }

  #outcome(): Attended {
    if (this.#ended !== undefined) return { code: this.#ended };
    return isBusy(this.#debug.state) ? "goes-on" : "over";
  }

  #invite({ command }: Served, limitMs: number): void {
    const howLong = limitMs === 0 ? "until somebody ends it" : `for ${roundTime(limitMs)}`;
    this.#say("");
    this.#say(`waiting ${howLong}; attach with: ${visibleLine(command)}`);
    const outside = this.#options.outside?.(command);
    if (outside !== undefined) this.#say(`  from outside of this container: ${visibleLine(outside)}`);
  }

  /** Until somebody gave a command or ended it, or nobody came for so long; the clock stands still while somebody is there. */
  async #until(served: Served, limitMs: number, signal: AbortSignal): Promise<void> {
    const clock = new StandingClock(limitMs);
    const { beatMs = BEAT_MS } = this.#options;
    const endings: (() => void)[] = [];
    const beat = setInterval(() => this.#beat(served, clock), beatMs);
    try {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          clock.follow(served.screens === 0, resolve);
          const isLeft = limitMs === NONE && served.screens === 0;
          if (isLeft || this.#ended !== undefined || isBusy(this.#debug.state)) resolve();
        };
        const cancel = (): void => reject(signal.reason);
        this.#onEnd = look;
        endings.push(served.subscribe(look), this.#debug.subscribe(look), () =>
          signal.removeEventListener("abort", cancel),
        );
        if (signal.aborted) cancel();
        else signal.addEventListener("abort", cancel);
        look();
      });
    } finally {
      clearInterval(beat);
      clock[Symbol.dispose]();
      for (const end of endings) end();
    }
  }

  #beat({ command, screens }: Served, clock: StandingClock): void {
    const { leftMs } = clock;
    if (screens > 0) this.#say(`#0 waiting: ${count(screens, "screen")} attached`);
    else {
      const left = leftMs === undefined ? "" : `${roundTime(leftMs)} more, `;
      this.#say(`#0 waiting ${left}attach with: ${visibleLine(command)}`);
    }
  }
}

/** No time is set: it is not waited for anybody. */
const NONE = -1;

/** Counts down while it runs. */
class StandingClock implements Disposable {
  readonly #isLimited: boolean;
  #restMs: number;
  #sinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#isLimited = limitMs > 0;
    this.#restMs = limitMs;
  }

  /** undefined = there is no end. */
  get leftMs(): number | undefined {
    if (!this.#isLimited) return undefined;
    const ranMs = this.#sinceMs === undefined ? 0 : performance.now() - this.#sinceMs;
    return Math.max(0, this.#restMs - ranMs);
  }

  /** Runs or stands from now on; `over` is called once when it has run down. */
  follow(runs: boolean, over: () => void): void {
    const isRunning = this.#timer !== undefined;
    if (!this.#isLimited || runs === isRunning) return;
    if (runs) {
      this.#sinceMs = performance.now();
      this.#timer = setTimeout(over, this.#restMs);
    } else {
      this.#restMs = this.leftMs ?? 0;
      this.#sinceMs = undefined;
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
