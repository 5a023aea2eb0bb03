/** What a container over the mounts of a step is made from. */
import type { Mount } from "../../graph/graph.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { MissingPart, StepEnvironment } from "../engine.ts";
import type { StateQueue } from "./state-queue.ts";

/** Whether a step's shell can be given back what the API drops. */
export interface Restored {
  /** The image has the /bin/sh that is needed in front of other programs. */
  readonly hasSh: boolean;
  /** What stays different, in words. */
  readonly lacking: readonly string[];
}

export interface ContainerMount {
  readonly mount: Mount;
  /** Ref or kept-state id of the content; "" = none. */
  readonly resultId: string;
}

export interface ContainerPlan {
  readonly mounts: readonly ContainerMount[];
  readonly environment: StepEnvironment;
  readonly missing: readonly MissingPart[];
  readonly canExtraHosts: boolean;
  readonly canSecretEnv: boolean;
  readonly restored: Restored;
  /** Hides values of secrets in what its processes print. */
  readonly mask: SecretMask;
  readonly queue: StateQueue;
}
