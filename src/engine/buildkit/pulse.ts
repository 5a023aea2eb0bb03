/** Whether the engine answers. A suspended or overloaded engine keeps its connections and says nothing. */
import { setTimeout as delay } from "node:timers/promises";
import { control } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";

export interface PulseTiming {
  /** From an answer to the next question. */
  readonly intervalMs: number;
  /** How long an answer may take; two that do not come make an engine silent. */
  readonly deadlineMs: number;
  /** The same for an engine known to be silent: one that wakes up answers what it was asked before. */
  readonly silentDeadlineMs: number;
}

/** Silence shows within 4 + 2 × 2.5 s, however it falls. */
const TIMING: PulseTiming = { intervalMs: 4000, deadlineMs: 2500, silentDeadlineMs: 30_000 };
const MISSES = 2;

/** Asks while somebody listens. `asks` resolves with whether an answer came in time; it never rejects. */
export class Pulse {
  readonly #asks: (deadlineMs: number) => Promise<boolean>;
  readonly #timing: PulseTiming;
  readonly #listeners = new Set<(answering: boolean) => void>();
  #beating: AbortController | undefined;
  #silent = false;

  constructor(asks: (deadlineMs: number) => Promise<boolean>, timing = TIMING) {
    this.#asks = asks;
    this.#timing = timing;
  }

  get isSilent(): boolean {
    return this.#silent;
  }

  /** Told of each change, and at once when the engine is silent now. Dispose to stop. */
  listen(listener: (answering: boolean) => void): Disposable {
    const notify = (answering: boolean): void => listener(answering);
    this.#listeners.add(notify);
    if (this.#silent) notify(false);
    if (this.#beating === undefined) {
      this.#beating = new AbortController();
      void this.#beat(this.#beating.signal);
    }
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(notify);
        if (this.#listeners.size > 0) return;
        this.#beating?.abort();
        this.#beating = undefined;
      },
    };
  }

  async #beat(stop: AbortSignal): Promise<void> {
    const { intervalMs, deadlineMs, silentDeadlineMs } = this.#timing;
    for (let misses = 0; !stop.aborted; ) {
      if (misses === 0)
        await delay(intervalMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
      if (stop.aborted) return;
      const answered = await this.#asks(this.#silent ? silentDeadlineMs : deadlineMs);
      if (stop.aborted) return;
      misses = answered ? 0 : misses + 1;
      this.#note(misses >= MISSES);
    }
  }

  #note(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    for (const listener of [...this.#listeners]) listener(!silent);
  }
}

/** Whether the engine says anything in time, be it a refusal; a lost connection is not silence. Never rejects. */
export async function answersWithin(channel: Channel, deadlineMs: number): Promise<boolean> {
  try {
    // Unknown before BuildKit 0.11, which is an answer too.
    await channel.unary(control.info, {}, { deadlineMs });
    return true;
  } catch (error) {
    return !(error instanceof RpcError && error.grpcCode === grpcCode.deadline);
  }
}
