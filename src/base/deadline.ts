/**
 * A signal that fires after a time, or with its parent, whichever is first. Dispose it when the wait is over.
 * `AbortSignal.any([parent, AbortSignal.timeout(ms)])` does not do: on Node 20 (seen on 20.20) the timeout inside is
 * garbage collected and never fires.
 */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #passed = false;

  constructor(timeoutMs: number, parent?: AbortSignal) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = setTimeout(() => {
      this.#passed = !this.signal.aborted;
      controller.abort(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const onAbort = (): void => controller.abort(parent?.reason);
    parent?.addEventListener("abort", onAbort, { once: true });
    if (parent?.aborted === true) onAbort();
    this.#stopListening = () => parent?.removeEventListener("abort", onAbort);
  }

  /** Whether it was the time that fired the signal. */
  get passed(): boolean {
    return this.#passed;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stopListening();
  }
}
