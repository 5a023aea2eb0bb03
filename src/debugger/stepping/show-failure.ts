/** Standing at another step that failed in parallel. Pure. */
import type { StepId } from "../../graph/program.ts";
import type { DebugState } from "../debugger.ts";
import { stepAt, stopBeforeStep } from "../state/reached.ts";
import { type Change, pausedAt } from "./transitions.ts";

/** Stands at another failure: at once at one that is known, else when the engine has told it. */
export function showFailure(state: DebugState, id: StepId): Change {
  const { phase } = state;
  if (phase.kind !== "paused") return { state, effects: [] };
  const { session, looking } = phase;
  const step = stepAt(session.program, id);
  const at = stopBeforeStep(session.program, step).id;
  const stops = looking === undefined ? [] : [{ kind: "cancel" as const, token: looking.token }];
  const failure = session.failures.get(id);
  if (failure !== undefined) {
    const isHere = at === phase.at && phase.reason.kind === "exception" && looking === undefined;
    const next = isHere ? state : pausedAt(state, session, at, { kind: "exception", failure });
    return { state: next, effects: stops };
  }
  const token = state.token + 1;
  return {
    state: { ...state, phase: { ...phase, looking: { token, step: id } }, token },
    effects: [...stops, { kind: "solve", token, edges: [step.result] }],
  };
}
