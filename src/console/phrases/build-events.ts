/** What happens to a build, as data and in the words that all front ends share. */

import type { BktuiError } from "../../base/errors.ts";
import type { Breakpoint, Said } from "../../debugger/breakpoint.ts";
import type { PauseReason, Thread } from "../../debugger/debugger.ts";
import type { Warning } from "../../debugger/progress/progress-store.ts";
import type { CacheWait } from "../../debugger/shells/caches.ts";
import type { EngineInfo } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Program, Step, Stop } from "../../graph/program.ts";

/** What can be asked for then; each front end names it by its own key or word. */
export type Remedy = "rerun" | "reconnect";

export type BuildEvent = Happening & {
  /** One line; untrusted text: the front end makes it harmless. */
  readonly words: string;
  readonly remedy?: Remedy;
};

type Happening =
  /** A rerun has begun. */
  | { readonly kind: "attempt"; readonly attempt: number }
  | { readonly kind: "loaded"; readonly program: Program }
  | { readonly kind: "paused"; readonly stop: Stop | undefined; readonly reason: PauseReason }
  /** `uncaught`: in words, why it was not stopped at. */
  | {
      readonly kind: "failed";
      readonly step: Step;
      readonly failure: SolveFailed;
      readonly uncaught: string | undefined;
    }
  /** Another platform of the build is shown now. */
  | { readonly kind: "thread-shown"; readonly thread: Thread }
  /** A platform that is not shown has come to rest. */
  | { readonly kind: "thread-stopped"; readonly thread: Thread }
  | { readonly kind: "finished"; readonly imageId: string | undefined }
  /** The frontend refused the file, or the engine the build. */
  | { readonly kind: "refused"; readonly error: BktuiError }
  | { readonly kind: "connection-lost"; readonly error: BktuiError }
  | { readonly kind: "reconnected" }
  | { readonly kind: "engine-silent"; readonly engine: EngineInfo }
  /** Told again and again while that lasts, ever more rarely. */
  | { readonly kind: "engine-still-silent"; readonly silentMs: number }
  | { readonly kind: "engine-answers"; readonly silentMs: number }
  /** Its line runs nothing any more, or an edit took its instruction elsewhere. */
  | { readonly kind: "breakpoint-moved"; readonly breakpoint: Breakpoint }
  | { readonly kind: "breakpoint-lost"; readonly breakpoint: Breakpoint }
  /** A log point has been come by. `text`: what it says, as written; untrusted, without values of secrets. */
  | { readonly kind: "log-point"; readonly said: Said; readonly text: string }
  /** The failure of the step was asked for, and the engine does not tell it. */
  | { readonly kind: "cannot-show"; readonly step: Step | undefined }
  /** The first step of a rerun that had to run. */
  | { readonly kind: "cache-broke"; readonly step: Step }
  | { readonly kind: "cache-wait"; readonly wait: CacheWait }
  | { readonly kind: "warning"; readonly warning: Warning };

export type BuildEventOf<K extends BuildEvent["kind"]> = Extract<BuildEvent, { kind: K }>;
