/** Which open containers have which caches: what a front end releases before a step that wants them. */
import type { Container } from "../engine/engine.ts";
import type { HeldCaches } from "./caches.ts";

export class HeldCacheList {
  readonly #held = new Set<HeldCaches>();

  get all(): readonly HeldCaches[] {
    return [...this.#held];
  }

  /** The same container, noted as long as it is open. */
  note({ container, ...place }: HeldCaches): Container {
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
