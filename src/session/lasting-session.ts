/** A session that is opened again when its connection breaks. */
import { setTimeout as delay } from "node:timers/promises";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import type { Channel } from "../transport/channel.ts";
import type { Attachable } from "./attachable.ts";
import { openSession, type Session } from "./session.ts";

/** Waits before each try to come back; an engine may need 10 s to see the break and to free the id (BuildKit 0.25). */
const WAITS_MS: readonly number[] = [0, 100, 200, 400, 800, ...Array.from({ length: 40 }, () => 1000)];
/** A session that lived this long was in order: the next break starts a new row of tries. */
const STEADY_MS = 10_000;

export interface LastingSession extends Session {
  /** How often the connection has broken off so far. */
  readonly breaks: number;
  /** Resolves when the session is served again, or is closed for good. */
  healed(): Promise<void>;
}

/**
 * As `openSession`, but a session whose connection breaks off while the channel lives (cut by a proxy, or dropped by
 * the engine because this process was suspended) is opened again under its id, and the build goes on. `closed` fires
 * only when that fails, and after disposal.
 */
export async function openLastingSession(
  channel: Channel,
  services: readonly Attachable[],
  { sharedKey, signal }: { readonly sharedKey: string; readonly signal: AbortSignal },
): Promise<LastingSession> {
  const first = await openSession(channel, services, { sharedKey, signal });
  return new ReopeningSession(first, {
    channel,
    reopen: (stop) => openSession(channel, services, { sharedKey, id: first.id, signal: stop }),
  });
}

class ReopeningSession implements LastingSession {
  readonly id: string;
  readonly closed: AbortSignal;
  readonly #channel: Channel;
  readonly #reopen: (stop: AbortSignal) => Promise<Session>;
  readonly #closed = new AbortController();
  readonly #stop = new AbortController();
  #current: Session;
  #healing: Promise<void> | undefined;
  #tries = 0;
  #breaks = 0;

  constructor(
    first: Session,
    { channel, reopen }: { readonly channel: Channel; reopen(stop: AbortSignal): Promise<Session> },
  ) {
    this.id = first.id;
    this.closed = this.#closed.signal;
    this.#channel = channel;
    this.#reopen = reopen;
    this.#current = first;
    this.#watch(first);
  }

  get breaks(): number {
    return this.#breaks;
  }

  async healed(): Promise<void> {
    await this.#healing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#healing;
    await this.#current[Symbol.asyncDispose]();
    this.#closed.abort(new BktuiError("cancelled", "the session has been closed"));
  }

  #watch(session: Session): void {
    const openedMs = performance.now();
    const onClosed = (): void => {
      if (this.#stop.signal.aborted) return;
      this.#breaks += 1;
      if (performance.now() - openedMs > STEADY_MS) this.#tries = 0;
      this.#healing = this.#heal(session.closed.reason);
    };
    session.closed.addEventListener("abort", onClosed, { once: true });
    if (session.closed.aborted) onClosed();
  }

  /** Never rejects: what cannot be healed shows in `closed`. */
  async #heal(reason: unknown): Promise<void> {
    const { signal } = this.#stop;
    let failure = reason;
    while (!signal.aborted && !this.#channel.lost.aborted) {
      const waitMs = WAITS_MS[this.#tries];
      if (waitMs === undefined) break;
      this.#tries += 1;
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      try {
        this.#current = await this.#reopen(signal);
        this.#watch(this.#current);
        return;
      } catch (error) {
        failure = error;
      }
    }
    if (signal.aborted) return;
    const { message } = toBktuiError(failure);
    this.#closed.abort(
      new BktuiError(
        "engine-unreachable",
        `the session broke off and could not be opened again: ${message}`,
        {
          cause: failure,
        },
      ),
    );
  }
}
