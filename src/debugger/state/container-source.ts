/** From which of a step's states a container is made. Pure. */
import { BktuiError, unreachable } from "../../base/errors.ts";
import type { ContainerSource, StateSide } from "../../engine/engine.ts";
import type { Step } from "../../graph/program.ts";
import type { DebugState } from "../debugger.ts";
import { failureOfStep, isReproduced, programOf } from "./inspect.ts";
import { baseVertex } from "./reached.ts";

/** @throws {BktuiError} "internal" when FAILED is asked of a step that has not failed. */
export function containerSource(
  state: DebugState,
  step: Step,
  side: StateSide,
): Exclude<ContainerSource, { side: "states" }> {
  switch (side) {
    case "after":
      return { side, vertex: step.vertex };
    case "base":
      return { side, vertex: baseVertex(step, programOf(state)) };
    case "failed": {
      const failure = failureOfStep(state, step.id);
      if (failure === undefined) throw new BktuiError("internal", "the step has no failure");
      if (isReproduced(state, step.id, side)) return { side: "base", vertex: failure.vertex ?? step.vertex };
      return { side, failure };
    }
    default:
      return unreachable(side);
  }
}
