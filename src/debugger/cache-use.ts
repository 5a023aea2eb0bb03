/** Caches that open containers keep from steps. Types only. */
import type { Container, StateSide } from "../engine/engine.ts";
import type { Digest, Mount } from "../graph/graph.ts";
import type { StepId } from "../graph/program.ts";

export type CacheUse = NonNullable<Mount["cache"]>;

/** A container that is open over a step's mounts, and the caches among them. */
export interface HeldCaches {
  readonly container: Container;
  readonly step: StepId;
  /** Of the step: its number may be that of another one in another thread. */
  readonly vertex: Digest;
  readonly side: StateSide;
  readonly caches: readonly CacheUse[];
}
