/**
 * Steps that failed in parallel: one stops the build, the others can be stood at afterwards. A failed step answers
 * with the same failure, and its states, when it is solved again in its build: nothing runs (BuildKit 0.8 to 0.32).
 */
import { BktuiError } from "../../base/errors.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Program, Step, StepId } from "../../graph/program.ts";
import { stepOfVertex } from "../../graph/source-map.ts";
import { closure } from "../../graph/subgraph.ts";
import type { DebugState, Execution } from "../debugger.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import { isDone, stepAt, stopAt } from "../state/reached.ts";
import { isStuckText, plainText } from "./reasons.ts";

/**
 * Steps that have failed by themselves, in reading order: those stopped at, and those that the engine reports. One
 * that was cancelled because another one failed is not among them.
 */
export function failedSteps(
  execution: Execution,
  progress: Pick<ProgressStore, "vertices">,
): readonly Step[] {
  return [...stepsWith(execution, progress, "failed"), ...execution.failures.keys()]
    .filter((id, index, all) => all.indexOf(id) === index)
    .sort((a, b) => a - b)
    .map((id) => stepAt(execution.program, id));
}

/** Steps that were ended because another one failed, in reading order. Only where the build stands: nothing runs there. */
export function cancelledSteps(
  execution: Execution,
  progress: Pick<ProgressStore, "vertices">,
): readonly Step[] {
  const failed = new Set(failedSteps(execution, progress));
  return stepsWith(execution, progress, "cancelled")
    .map((id) => stepAt(execution.program, id))
    .filter((step) => !failed.has(step))
    .sort((a, b) => a.id - b.id);
}

function stepsWith(
  execution: Execution,
  progress: Pick<ProgressStore, "vertices">,
  wanted: "failed" | "cancelled",
): readonly StepId[] {
  const found = new Set<StepId>();
  for (const [digest, { status, error }] of progress.vertices()) {
    // Interrupted before, and asked for again; or interrupted just now, which the engine has not reported yet.
    const isCancelled = status === "running" || (status === "failed" && isStuckText(plainText(error)));
    const reported = isCancelled ? "cancelled" : status;
    const step = reported === wanted ? stepOfFailure(execution.program, execution.done, digest) : undefined;
    if (step !== undefined && !isDone(execution, step)) found.add(step.id);
  }
  return [...found];
}

/** The step of a vertex; for a helper (a context, a download) the first step not done that needs it. */
export function stepOfFailure(program: Program, done: ReadonlySet<string>, vertex: Digest): Step | undefined {
  if (!program.graph.vertices.has(vertex)) return undefined;
  return (
    stepOfVertex(program, vertex) ??
    program.steps.find(
      (step) => !done.has(step.vertex) && closure(program.graph, step.result).includes(vertex),
    )
  );
}

/** Which failure is meant: one beside the step that is stood at, around the ends of the list, or that of a step's number. */
export type WhichFailure = "next" | "previous" | { readonly number: number };

/** @throws {BktuiError} "not-now" when no such step has failed, with those that have. */
export function wantedFailure(
  { phase }: DebugState,
  progress: Pick<ProgressStore, "vertices">,
  which: WhichFailure,
): StepId {
  if (phase.kind !== "paused") throw new BktuiError("not-now", "no step has failed");
  const { execution, at } = phase;
  const failed = failedSteps(execution, progress).map(({ id }) => id);
  if (typeof which === "object") {
    const meant = failed.find((id) => id + 1 === which.number);
    if (meant !== undefined) return meant;
    const those = failed.length === 0 ? "none has" : `failed: ${failed.map((id) => id + 1).join(", ")}`;
    throw new BktuiError("not-now", `step ${which.number} has not failed; ${those}`);
  }
  const here = stopAt(execution.program, at).step;
  const others = failed.filter((id) => id !== here);
  const found =
    which === "next"
      ? (others.find((id) => id > here) ?? others[0])
      : (others.findLast((id) => id < here) ?? others.at(-1));
  if (found === undefined) throw new BktuiError("not-now", "only this step has failed");
  return found;
}
