/** Pure questions about a build of which an earlier stop may be stood at again. */
import type { Step, StopId } from "../../graph/program.ts";
import type { Phase } from "../debugger.ts";
import { lastOfProgram } from "./reached.ts";

/** The phase that the build is really in: of an earlier stop that of the live position, else the same object. */
export function livePhase(phase: Phase): Phase {
  if (phase.kind === "running" && phase.travel !== undefined) return livePhase(phase.travel.from);
  if (phase.kind !== "paused" || phase.live === undefined) return phase;
  const { execution, live } = phase;
  switch (live.kind) {
    case "paused": {
      const { at, reason, callers } = live;
      return { kind: "paused", execution: { ...execution, callers }, at, reason };
    }
    default:
      return { ...live, execution };
  }
}

/** An earlier stop is stood at. */
export function isInThePast(phase: Phase): boolean {
  return phase.kind === "paused" && phase.live !== undefined;
}

/** An earlier stop is stood at, and the build really is before this step, or behind it at the end of its stage. */
export function isLiveStep(phase: Phase, { id }: Pick<Step, "id">): boolean {
  if (!isInThePast(phase) || phase.kind !== "paused") return false;
  const at = liveStop(phase);
  return at !== undefined && phase.execution.program.stops[at]?.step === id;
}

/** The stop of the live position; the last one where the target is built. Undefined when nothing stands. */
export function liveStop(phase: Phase): StopId | undefined {
  const live = livePhase(phase);
  switch (live.kind) {
    case "paused":
      return live.at;
    case "built":
    case "finished":
      return lastOfProgram(live.execution.program)?.id;
    default:
      return undefined;
  }
}
