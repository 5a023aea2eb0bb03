/** Gives reports that carry another build's digests to the vertices of this build. */
import { limits } from "../../base/limits.ts";
import type { Progress } from "../../engine/engine.ts";
import type { Digest, Vertex } from "../../graph/graph.ts";

/**
 * BuildKit (0.8 to 0.32) joins equal steps of builds that are open at the same time and reports them under the
 * other build's digests. Such reports reach this build because it waits for that very step, so they count for
 * the vertex with the same name.
 */
export class OwnVertices {
  readonly #own = new Set<Digest>();
  /** Names that only one vertex has. */
  readonly #byName = new Map<string, Digest | undefined>();
  readonly #aliases = new Map<Digest, Digest>();

  constructor(vertices: Iterable<Pick<Vertex, "digest" | "name">>) {
    for (const { digest, name } of vertices) {
      this.#own.add(digest);
      if (name !== "") this.#byName.set(name, this.#byName.has(name) ? undefined : digest);
    }
  }

  owns(vertex: Digest): boolean {
    return this.#own.has(vertex);
  }

  /** `isSettled`: the vertex itself has been reported as ended; that counts more. */
  translate(progress: Progress, isSettled: (own: Digest) => boolean): Progress {
    const { vertex } = progress;
    if (vertex === undefined || this.#own.has(vertex)) return progress;
    if (progress.kind === "vertex" && !this.#aliases.has(vertex) && this.#aliases.size < limits.vertices) {
      const own = this.#byName.get(progress.name);
      if (own !== undefined && !isSettled(own)) this.#aliases.set(vertex, own);
    }
    const alias = this.#aliases.get(vertex);
    if (alias === undefined || (progress.kind === "vertex" && isSettled(alias))) return progress;
    return { ...progress, vertex: alias };
  }
}
