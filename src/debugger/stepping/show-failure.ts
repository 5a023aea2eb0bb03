/** Standing at another step that failed in parallel. Pure. */
import type { StepId } from "../../graph/program.ts";
import type { DebugState } from "../debugger.ts";
import { stepAt, stopBeforeStep } from "../state/reached.ts";
import { type Change, pausedAt } from "./transitions.ts";

/** Stands at another failure: at once at one that is known, else when the engine has told it. */
export function showFailure(state: DebugState, id: StepId): Change {
  const { phase } = state;
  if (phase.kind !== "paused") return { state, effects: [] };
  const { execution, switchingTo } = phase;
  const step = stepAt(execution.program, id);
  const at = stopBeforeStep(execution.program, step).id;
  const stops = switchingTo === undefined ? [] : [{ kind: "cancel" as const, token: switchingTo.token }];
  const failure = execution.failures.get(id);
  if (failure !== undefined) {
    const isHere = at === phase.at && phase.reason.kind === "exception" && switchingTo === undefined;
    const next = isHere ? state : pausedAt(state, execution, at, { kind: "exception", failure });
    return { state: next, effects: stops };
  }
  const token = state.token + 1;
  return {
    state: { ...state, phase: { ...phase, switchingTo: { token, step: id } }, token },
    effects: [...stops, { kind: "solve", token, edges: [step.result] }],
  };
}
