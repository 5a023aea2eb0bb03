/** Keeps the containers of a build, so that none outlives it. */
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import type { Container } from "../engine.ts";
import type { GatewayContainer } from "./container.ts";

type Signal = { readonly signal: AbortSignal };

/**
 * The containers of a build, from when they begin to be made until they are released. Disposing ends those under way and
 * waits until the engine has released all: BuildKit 0.8 frees no container by itself.
 */
export class ContainerList implements AsyncDisposable {
  readonly #open = new Set<Container>();
  /** Each ends by itself when `ending` fires; none rejects. */
  readonly #making = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  /** Fires when the build ends. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Runs work that makes a container; its signal also fires when the build ends. */
  async make<T>(work: (options: Signal) => Promise<T>, { signal }: Signal): Promise<T> {
    const making = work({ signal: AbortSignal.any([signal, this.ending]) });
    // Whoever asked for it sees how it went.
    const settled = making.then(
      () => undefined,
      () => undefined,
    );
    this.#making.add(settled);
    try {
      return await making;
    } finally {
      this.#making.delete(settled);
    }
  }

  /** @throws {BktuiError} "cancelled" when nobody wants the container any more; it has been released then. */
  async adopt(container: GatewayContainer, { signal }: Signal): Promise<Container> {
    this.#open.add(container);
    container.onReleased(() => this.#open.delete(container));
    if (signal.aborted) await container[Symbol.asyncDispose]();
    throwIfCancelled(signal);
    return container;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new BktuiError("cancelled", "the build has been ended"));
    await Promise.all(this.#making);
    await this.release();
  }

  /** Releases what is open; others can be made afterwards. */
  async release(): Promise<void> {
    await Promise.all([...this.#open].map((container) => container[Symbol.asyncDispose]()));
  }
}
