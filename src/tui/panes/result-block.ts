/** What the log pane says when a step failed or the build ended: headline, last lines, what can be done. */
import { BktuiError } from "../../base/errors.ts";
import type { LogView } from "../../debugger/progress-store.ts";
import type { Size } from "../surface.ts";
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";

export interface FailureModel {
  /** E.g. "step 6/9 failed: exit code 2 after 14.9s". */
  readonly headline: string;
  /** E.g. "RUN npm run build". */
  readonly command: string;
  /** The failed step's own lines; the last ones are shown. */
  readonly log: LogView;
  readonly startedMs: number | undefined;
  /**
   * Which states exist: both; only BASE because the engine keeps no failed state (its name, e.g. "BuildKit 0.8");
   * none (the step failed before anything could be kept).
   */
  readonly kept:
    | { readonly kind: "both" }
    | { readonly kind: "base-only"; readonly engine: string }
    | { readonly kind: "none"; readonly why: string };
  /** Offered keys, in rows of three, e.g. `!` "shell on FAILED". */
  readonly offers: readonly Hint[];
}

export function failureBlock(model: FailureModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.headline} ${size.rows} ${look.ascii}`);
}

export interface FinishedModel {
  /** E.g. "finished in 12s". */
  readonly headline: string;
  /** E.g. ["image", "sha256:…"], ["steps", "9 (4 cached)"]. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly offers: readonly Hint[];
}

export function finishedBlock(model: FinishedModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.headline} ${size.rows} ${look.ascii}`);
}
