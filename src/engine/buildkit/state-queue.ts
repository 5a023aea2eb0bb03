/**
 * What is asked of the states of a build, in an order that an engine bears: docs/adr/0020 has what was measured. Every
 * request with which an engine mounts a state that others may look at goes through here.
 */
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { control } from "../../protocol/methods.ts";
import type { Channel } from "../../transport/channel.ts";

interface Signal {
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly refs: readonly string[];
  readonly isQuestion: boolean;
  begin: () => void;
}

/** How one question is put. */
export interface Asking {
  /** Tells the engine to stop. */
  readonly signal: AbortSignal;
  /** Fires when nobody waits for the answer any more: no other call is begun then. */
  readonly unwanted: AbortSignal;
}

/** Questions about different states that an engine has at the same time. About one state it has a single one. */
const MOST_QUESTIONS = 4;
/** An engine mounts what a container is made of first; a start that takes longer hangs elsewhere. */
const MOST_HELD_MS = 5000;
/** How long the engine may go on with a question that nobody waits for before it is told to stop. */
const UNWANTED_MS = 2000;
const LEAVING_MS = 1000;

/** First come, first served: whoever walks through a state with one question at a time keeps nobody from a single one. */
export class StateQueue implements AsyncDisposable {
  readonly #channel: Pick<Channel, "unary">;
  readonly #waiting: Waiting[] = [];
  readonly #busy = new Set<string>();
  readonly #asked = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #questions = 0;

  constructor(channel: Pick<Channel, "unary">) {
    this.#channel = channel;
  }

  /**
   * Puts a question about a state, once nothing else is at work on it. Whoever gives up is told so at once; the engine
   * has its time to finish then, and only after that comes the next question.
   */
  async ask<T>(ref: string, question: (asking: Asking) => Promise<T>, { signal }: Signal): Promise<T> {
    const end = await this.#turn([ref], { signal, isQuestion: true });
    const stop = new AbortController();
    const answer = question({ signal: stop.signal, unwanted: signal });
    const asked = this.#answered(settled(answer), stop, { signal }).then(end);
    this.#asked.add(asked);
    void asked.then(() => this.#asked.delete(asked));
    return await unlessAborted(answer, signal);
  }

  /**
   * Begins work with which the engine mounts states, once nothing else is at work on them. `mounted` of what `begin`
   * gives settles when that is done; it is not waited for longer than a mount can take.
   */
  async mount<T extends { readonly mounted: Promise<unknown> }>(
    refs: readonly string[],
    begin: () => T,
    { signal }: Signal,
  ): Promise<T> {
    if (refs.length === 0) {
      // What mounts no state waits for nobody, and most steps do not.
      throwIfCancelled(signal);
      throwIfCancelled(this.#closing.signal);
      return begin();
    }
    const end = await this.#turn([...new Set(refs)], { signal, isQuestion: false });
    try {
      const begun = begin();
      void endsWithin(settled(begun.mounted), MOST_HELD_MS).then(end);
      return begun;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Resolves when the engine is at work on nothing that was asked here, or does not come to an end. */
  async idle(): Promise<void> {
    await endsWithin(Promise.all(this.#asked), LEAVING_MS);
  }

  /** Nothing is asked any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new BktuiError("cancelled", "the build has been ended"));
    await this.idle();
  }

  /** Resolves with what ends the turn. */
  async #turn(
    refs: readonly string[],
    { signal, isQuestion }: Signal & { readonly isQuestion: boolean },
  ): Promise<() => void> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    throwIfCancelled(either);
    const waiting: Waiting = { refs, isQuestion, begin: () => undefined };
    const begun = new Promise<void>((resolve) => {
      waiting.begin = resolve;
    });
    this.#waiting.push(waiting);
    this.#admit();
    try {
      await unlessAborted(begun, either);
    } catch (error) {
      const at = this.#waiting.indexOf(waiting);
      // Its turn may have come in the same moment.
      if (at === -1) this.#end(waiting);
      else this.#waiting.splice(at, 1);
      this.#admit();
      throw error;
    }
    return () => {
      this.#end(waiting);
      this.#admit();
    };
  }

  #end({ refs, isQuestion }: Waiting): void {
    for (const ref of refs) this.#busy.delete(ref);
    if (isQuestion) this.#questions -= 1;
  }

  /** Nobody overtakes one who waits for the same state. */
  #admit(): void {
    const wanted = new Set(this.#busy);
    for (const waiting of [...this.#waiting]) {
      const { refs, isQuestion } = waiting;
      const isFree = refs.every((ref) => !wanted.has(ref));
      for (const ref of refs) wanted.add(ref);
      if (!isFree || (isQuestion && this.#questions >= MOST_QUESTIONS)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      for (const ref of refs) this.#busy.add(ref);
      if (isQuestion) this.#questions += 1;
      waiting.begin();
    }
  }

  /**
   * A call that is cancelled ends here at once, and in the engine some time later: only its answer tells. What takes
   * long is at work on a large directory, which it leaves when told to; an engine that says nothing is waited for.
   */
  async #answered(over: Promise<void>, stop: AbortController, { signal }: Signal): Promise<void> {
    await unlessAborted(over, signal).catch(() => undefined);
    if (await endsWithin(over, UNWANTED_MS)) return;
    await this.#anyWord();
    if (await endsWithin(over, UNWANTED_MS)) return;
    stop.abort(signal.reason);
    await this.#anyWord();
  }

  /** Of the engine; before BuildKit 0.11 it is that this call is unknown. */
  async #anyWord(): Promise<void> {
    await settled(this.#channel.unary(control.info, {}));
  }
}

async function settled(work: Promise<unknown>): Promise<void> {
  await work.then(
    () => undefined,
    () => undefined,
  );
}

/** At each step of a walk, so it makes nothing that has to be thrown away. */
async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms).unref();
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws {BktuiError} "cancelled" as soon as the signal fires. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfCancelled(signal);
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new BktuiError("cancelled", "cancelled", { cause: signal.reason }));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
