/** Which open containers have which caches: what a front end releases before a step that wants them. */
import type { Container } from "../../engine/engine.ts";
import type { CacheUse, HeldCaches } from "../cache-use.ts";
import type { DebugState } from "../debugger.ts";
import { CauseLooks } from "./cause-looks.ts";

/** The containers that are open now, with their caches. */
export class HeldCacheList {
  readonly #held = new Set<HeldCaches>();
  readonly #looks = new CauseLooks();

  get all(): readonly HeldCaches[] {
    return [...this.#held];
  }

  /**
   * Makes a container and notes it; a look that has its caches is ended first.
   * @param refuse throws when the caches cannot be had; asked again when it is made, since a run may have begun meanwhile
   */
  async open(
    place: Omit<HeldCaches, "container">,
    make: () => Promise<Container>,
    refuse: () => void,
  ): Promise<Container> {
    refuse();
    return await this.#looks.open(place.caches, async () => {
      const container = await make();
      try {
        refuse();
      } catch (error) {
        await container[Symbol.asyncDispose]();
        throw error;
      }
      return this.#note({ ...place, container });
    });
  }

  /** See `Looks.look`. */
  async look<T>(
    caches: readonly CacheUse[],
    { state, signal }: { readonly state: DebugState; readonly signal: AbortSignal },
    work: (options: { readonly signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const held = this.all.flatMap((each) => each.caches);
    return await this.#looks.look(caches, { state, held, signal }, work);
  }

  /** Before a run, whose steps may want what a look has. */
  async endLooks(): Promise<void> {
    await this.#looks.end();
  }

  /** The same container, noted as long as it is open. */
  #note({ container, ...place }: HeldCaches): Container {
    if (place.caches.length === 0) return container;
    const noted: Container = {
      environment: container.environment,
      differences: container.differences,
      missing: container.missing,
      start: (spec, options) => container.start(spec, options),
      [Symbol.asyncDispose]: async () => {
        await container[Symbol.asyncDispose]();
        this.#held.delete(held);
      },
    };
    const held: HeldCaches = { ...place, container: noted };
    this.#held.add(held);
    return noted;
  }

  /** The build has ended, and its containers with it. */
  clear(): void {
    this.#held.clear();
  }
}
