/** Where a build really is while an earlier stop of it is stood at again. Types only. */
import type { BktuiError } from "../base/errors.ts";
import type { MadeOutput } from "../engine/outputs.ts";
import type { StepId, StopId } from "../graph/program.ts";

/** What of a phase has to be kept for coming back to it; all else of it is true of the earlier stop too. */
export type LivePosition<Reason> =
  | {
      readonly kind: "paused";
      readonly at: StopId;
      readonly reason: Reason;
      readonly callers: readonly StepId[];
    }
  /** The target of this thread is reached. */
  | { readonly kind: "built" }
  | {
      readonly kind: "finished";
      readonly imageId: string | undefined;
      readonly outputs: readonly MadeOutput[];
      readonly problem?: BktuiError;
    };
