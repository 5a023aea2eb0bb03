/** How a build stands, in one word: what can be asked for depends on it. Pure. */

import { unreachable } from "../base/errors.ts";
import type { DebugState, Phase } from "../debugger/debugger.ts";
import { isBusy } from "../debugger/state/at-rest.ts";

/** "broken": the frontend refused the file, or the engine the build. "loaded": nothing has run yet. */
export type BuildStatus =
  | "connecting"
  | "loading"
  | "broken"
  | "loaded"
  | "running"
  | "paused"
  | "failed"
  | "finished"
  | "lost"
  | "ended";

/** `undefined` = no debugger yet. */
export function buildStatusOf(
  state: (Pick<DebugState, "phase"> & Partial<Pick<DebugState, "threads">>) | undefined,
): BuildStatus {
  if (state === undefined) return "connecting";
  const { phase, threads = [] } = state;
  switch (phase.kind) {
    case "idle":
    case "opening":
      return "loading";
    case "running":
    case "finishing":
      return "running";
    case "paused":
      if (phase.reason.kind === "exception") return "failed";
      return isUntouched(phase) ? "loaded" : "paused";
    case "built":
      return isBusy({ phase, threads }) ? "running" : "finished";
    case "broken":
    case "finished":
    case "lost":
    case "ended":
      return phase.kind;
    default:
      return unreachable(phase);
  }
}

/** Nothing has run in this attempt, and the build stands at its first stop. */
export function isUntouched({ execution, at, reason }: Extract<Phase, { kind: "paused" }>): boolean {
  return reason.kind !== "exception" && execution.done.size === 0 && at === execution.program.entry;
}
