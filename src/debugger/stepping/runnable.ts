/** Which steps the engine could run now. */

import type { StepId } from "../../graph/program.ts";
import type { StepGraph } from "../../graph/step-graph.ts";
import type { DebugState } from "../debugger.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import { executionOf, failureOfStep, stepView } from "../state/inspect.ts";
import { livePhase } from "../state/live.ts";
import { isDone } from "../state/reached.ts";

/**
 * Steps that wait although all they consume exists: another one is stood at, or steps are taken one at a time. The step
 * that the build stands before is not among them.
 */
export function runnableSteps(
  state: DebugState,
  progress: Pick<ProgressStore, "vertex">,
  { nodes }: StepGraph,
): ReadonlySet<StepId> {
  const execution = executionOf(state);
  if (execution === undefined) return new Set();
  const live = livePhase(state.phase);
  const stop = live.kind === "paused" ? execution.program.stops[live.at] : undefined;
  const here = stop?.kind === "before" ? stop.step : undefined;
  const found = nodes.filter(({ step, inputs }) => {
    if (step.id === here || isDone(execution, step) || failureOfStep(state, step.id) !== undefined)
      return false;
    const isFed = inputs.every((id) => {
      const input = nodes[id]?.step;
      return input !== undefined && isDone(execution, input);
    });
    if (!isFed) return false;
    const status = stepView(state, step.id, progress)?.status;
    return status === "waiting" || status === "cancelled";
  });
  return new Set(found.map(({ step }) => step.id));
}
