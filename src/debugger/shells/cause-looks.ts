/**
 * Looks for causes in containers that have a step's cache mounts. A cache that a look has is kept from others (see
 * caches.ts): whoever comes for it ends the look first.
 */
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import type { CacheUse } from "../cache-use.ts";
import type { DebugState } from "../debugger.ts";
import { excludes } from "./caches.ts";

interface Signal {
  readonly signal: AbortSignal;
}

interface Look {
  readonly caches: readonly CacheUse[];
  readonly controller: AbortController;
  /** Its container has been released; never rejects. */
  readonly ended: Promise<void>;
}

/** The looks under way, and which caches each of them has. */
export class CauseLooks {
  readonly #going = new Set<Look>();
  /** Caches that containers being opened are going to have. */
  readonly #wanted = new Set<readonly CacheUse[]>();

  /**
   * One after the other where they have a cache in common.
   * @param held caches that open containers have
   * @param work leaves no container behind, also when its signal fires
   * @throws {BktuiError} "not-now" when a cache is in use, or may be needed by a run.
   */
  async look<T>(
    caches: readonly CacheUse[],
    { state, held, signal }: Signal & { readonly state: DebugState; readonly held: readonly CacheUse[] },
    work: (options: Signal) => Promise<T>,
  ): Promise<T> {
    if (caches.length === 0) return await work({ signal });
    if (state.phase.kind !== "paused" || isInTheWay(caches, [...held, ...[...this.#wanted].flat()])) {
      throw new BktuiError("not-now", "a cache of the step is in use");
    }
    const controller = new AbortController();
    const options = { signal: AbortSignal.any([signal, controller.signal]) };
    const former = this.#inTheWay(caches).map(({ ended }) => ended);
    const working = Promise.all(former).then(() => {
      throwIfCancelled(options.signal);
      return work(options);
    });
    // Whoever looks sees how it went.
    const ended = working.then(
      () => undefined,
      () => undefined,
    );
    const look: Look = { caches, controller, ended };
    this.#going.add(look);
    try {
      return await working;
    } finally {
      this.#going.delete(look);
    }
  }

  /** Opens a container when no look has its caches; no look takes them meanwhile. */
  async open<T>(caches: readonly CacheUse[], work: () => Promise<T>): Promise<T> {
    this.#wanted.add(caches);
    try {
      await this.#end(this.#inTheWay(caches));
      return await work();
    } finally {
      this.#wanted.delete(caches);
    }
  }

  /** Before a run. */
  async end(): Promise<void> {
    await this.#end([...this.#going]);
  }

  #inTheWay(caches: readonly CacheUse[]): readonly Look[] {
    return [...this.#going].filter((look) => isInTheWay(caches, look.caches));
  }

  async #end(looks: readonly Look[]): Promise<void> {
    for (const { controller } of looks) controller.abort(new BktuiError("cancelled", "the cache is needed"));
    await Promise.all(looks.map(({ ended }) => ended));
  }
}

function isInTheWay(some: readonly CacheUse[], others: readonly CacheUse[]): boolean {
  return some.some((one) => others.some((other) => excludes(one, other)));
}
