/**
 * Owns resources and disposes them last-in-first-out (Node 20 has no AsyncDisposableStack).
 * What is handed over after disposal is disposed at once, so a late arrival cannot leak.
 */
export class Scope implements AsyncDisposable {
  #owned: (AsyncDisposable | Disposable)[] = [];
  #closing: Promise<void> | undefined;

  /** Takes ownership and returns the same object. */
  own<T extends AsyncDisposable | Disposable>(resource: T): T {
    if (this.#closing === undefined) this.#owned.push(resource);
    // The failure of a late disposal has no reader; the resource is gone either way.
    else void disposeOne(resource).catch(() => undefined);
    return resource;
  }

  /** Runs `close` at disposal. */
  defer(close: () => void | Promise<void>): void {
    this.own({ [Symbol.asyncDispose]: async () => close() });
  }

  /** Success: the caller owns everything from here on; this scope disposes nothing any more. */
  release<T>(result: () => T): T {
    const value = result();
    this.#owned = [];
    return value;
  }

  /** Disposes everything even when some disposals fail; rejects with the first failure. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let failed: { readonly error: unknown } | undefined;
    for (let resource = this.#owned.pop(); resource !== undefined; resource = this.#owned.pop()) {
      try {
        await disposeOne(resource);
      } catch (error) {
        failed ??= { error };
      }
    }
    if (failed !== undefined) throw failed.error;
  }
}

async function disposeOne(resource: AsyncDisposable | Disposable): Promise<void> {
  if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
  else resource[Symbol.dispose]();
}
