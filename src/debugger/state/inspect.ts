/** Pure questions about a state, for front ends: what stands where, and what can be looked at. */
import type { StateSide } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Digest, Edge } from "../../graph/graph.ts";
import type { Program, Step, StepId, Stop } from "../../graph/program.ts";
import type { DebugState, Execution } from "../debugger.ts";
import type { ProgressStore, VertexProgress } from "../progress/progress-store.ts";
import { isLiveStep } from "./live.ts";
import { isDone, lacksBase, lastOfProgram, stepAt, stopAt } from "./reached.ts";
import { isActive } from "./threads.ts";

type Reports = Pick<ProgressStore, "vertex">;

export type StepStatus = "waiting" | "running" | "done" | "cached" | "failed" | "cancelled";

/** How one step stands. Times are epoch milliseconds of the engine's clock. */
export interface StepView {
  readonly step: Step;
  readonly status: StepStatus;
  /** The build stands before it (or at the end of its stage). */
  readonly current: boolean;
  /** An earlier stop is stood at, and the build really is here. */
  readonly live: boolean;
  readonly startedMs: number | undefined;
  readonly completedMs: number | undefined;
  /** Set on a step that the build is stopped at after a failure, or was. */
  readonly failure: SolveFailed | undefined;
}

export function executionOf(state: DebugState): Execution | undefined {
  return "execution" in state.phase ? state.phase.execution : undefined;
}

export function programOf(state: DebugState | undefined): Program | undefined {
  return state === undefined ? undefined : executionOf(state)?.program;
}

/** Where the build stands, or where the running motion began; the last stop when it has finished. */
export function stopOf({ phase }: DebugState): Stop | undefined {
  switch (phase.kind) {
    case "paused":
      return phase.execution.program.stops[phase.at];
    case "running":
      return phase.execution.program.stops[phase.from];
    case "built":
    case "finishing":
    case "finished":
      return lastOfProgram(phase.execution.program);
    default:
      return undefined;
  }
}

/** The failure the build is stopped at. */
export function failureOf(state: Pick<DebugState, "phase"> | undefined): SolveFailed | undefined {
  const phase = state?.phase;
  return phase?.kind === "paused" && phase.reason.kind === "exception" ? phase.reason.failure : undefined;
}

/** The failure of a step that the build stands at, or has stood at beside others that failed in parallel. */
export function failureOfStep(state: DebugState, id: StepId): SolveFailed | undefined {
  const execution = executionOf(state);
  const step = execution?.program.steps[id];
  return execution === undefined || step === undefined || isDone(execution, step)
    ? undefined
    : execution.failures.get(id);
}

/** Steps that wait for the stage stopped in, nearest first. */
export function callersOf(state: DebugState): readonly Step[] {
  const execution = executionOf(state);
  if (execution === undefined) return [];
  return execution.callers.map((id) => stepAt(execution.program, id)).reverse();
}

/**
 * The states of a step that can be looked at, most interesting first. Empty when the step has not been reached.
 * "failed" where the engine kept the state, or where it can be reproduced (`isReproduced`).
 */
export function statesOf(state: DebugState, id: StepId): readonly StateSide[] {
  const execution = executionOf(state);
  const step = execution?.program.steps[id];
  if (execution === undefined || step === undefined) return [];
  const stop = stopOf(state);
  const here = state.phase.kind === "paused" && stop?.kind === "before" && stop.step === id;
  const failure = failureOfStep(state, id);
  const reached = step.base === undefined || execution.done.has(step.base.vertex);
  if (failure !== undefined) {
    if (!reached && !keepsFailedState(failure)) return [];
    return hasFailedState(failure, execution.program) ? ["failed", "base"] : ["base"];
  }
  if (isDone(execution, step)) return ["after", "base"];
  return here || reached ? ["base"] : [];
}

/** The step is stopped at after a failure that came before the steps above had run: `make-base` runs them. */
export function canMakeBase({ phase }: DebugState, id: StepId): boolean {
  return lacksBase(phase) && phase.kind === "paused" && stopAt(phase.execution.program, phase.at).step === id;
}

/** BASE, which `make-base` makes, will be the only state of the step: no FAILED was kept, nor can it be reproduced. */
export function makesOnlyBase(state: DebugState, id: StepId): boolean {
  const failure = failureOfStep(state, id);
  const program = programOf(state);
  if (failure === undefined || program === undefined || !canMakeBase(state, id)) return false;
  return !hasFailedState(failure, program);
}

/** FAILED can be looked at once BASE is there. */
function hasFailedState(failure: SolveFailed, program: Program): boolean {
  return keepsFailedState(failure) || canReproduce(failure, program);
}

/** False on engines that report failures without states (BuildKit 0.8 inside Docker 20.10). */
export function keepsFailedState({ states }: SolveFailed): boolean {
  return states?.mountIds.some((id) => id !== "") ?? false;
}

/** A command that ran and ended badly can be run again where the engine reports no states at all. */
export function canReproduce({ states, vertex, exitCode }: SolveFailed, program: Program): boolean {
  if (states !== undefined || exitCode === undefined || vertex === undefined) return false;
  return program.graph.vertices.get(vertex)?.kind === "exec";
}

/** Whether a shell on this state starts over BASE and runs the failed command again first. */
export function isReproduced(state: DebugState, id: StepId, side: StateSide): boolean {
  const failure = failureOfStep(state, id);
  const isThere = side === "failed" && statesOf(state, id).includes(side);
  return isThere && failure !== undefined && !keepsFailedState(failure);
}

export function stepView(state: DebugState, id: StepId, progress: Reports): StepView | undefined {
  const step = programOf(state)?.steps[id];
  return step === undefined ? undefined : viewsIn(state, progress)?.(step);
}

/** Every step in reading order. */
export function stepViews(state: DebugState, progress: Reports): readonly StepView[] {
  const view = viewsIn(state, progress);
  return view === undefined ? [] : (programOf(state)?.steps ?? []).map(view);
}

/** Of each step, in reading order: what of `stepViews` is asked for at each change. */
export function stepStatuses(state: DebugState, progress: Reports): readonly StepStatus[] {
  const execution = executionOf(state);
  if (execution === undefined) return [];
  const active = isActive(state);
  return execution.program.steps.map((step) => statusIn(execution, step, { progress, active }));
}

/** Asked for all steps at each frame: what is the same for all of them is found once. */
function viewsIn(state: DebugState, progress: Reports): ((step: Step) => StepView) | undefined {
  const execution = executionOf(state);
  if (execution === undefined) return undefined;
  const { phase } = state;
  const here = phase.kind === "paused" ? stopOf(state)?.step : undefined;
  const active = isActive(state);
  return (step) => {
    const reports = reportsOf(step, progress);
    return {
      step,
      status: statusIn(execution, step, { progress, active }),
      current: here === step.id,
      live: isLiveStep(phase, step),
      startedMs: earliest(reports),
      completedMs: latest(reports),
      failure: isDone(execution, step) ? undefined : execution.failures.get(step.id),
    };
  };
}

/** Results of the vertices under way: what `pause` holds on to. */
export function runningEdges(program: Program, progress: Reports): readonly Edge[] {
  return [...program.graph.vertices.values()]
    .filter(({ digest }) => progress.vertex(digest)?.status === "running")
    .map(({ digest, rootOutput }) => ({ vertex: digest, output: rootOutput }));
}

/** Steps that have begun and not ended, in reading order. */
export function runningSteps(program: Program, progress: Reports): readonly Step[] {
  return program.steps.filter((step) =>
    step.vertices.some((digest) => progress.vertex(digest)?.status === "running"),
  );
}

/** After a rerun: the first step in reading order that really ran instead of coming from the cache. */
export function cacheBrokeAt(program: Program, progress: Reports): Step | undefined {
  return program.steps.find((step) => {
    // Images and contexts are looked up each time; what counts is an instruction that had to run.
    if (program.graph.vertices.get(step.vertex)?.kind === "source") return false;
    const status = progress.vertex(step.vertex)?.status;
    return status === "running" || status === "done" || status === "failed" || status === "cancelled";
  });
}

/** What outcomes pass on of the engine's reports. `completed`: made or found in the cache; `ran`: not from the cache. */
export function reported(
  programs: readonly Program[],
  progress: Reports,
): { readonly completed: readonly Digest[]; readonly ran: readonly Digest[] } {
  const completed: Digest[] = [];
  const ran: Digest[] = [];
  for (const { graph } of programs)
    for (const { digest, kind } of graph.vertices.values()) {
      const status = progress.vertex(digest)?.status;
      if (status === "done" || status === "cached") completed.push(digest);
      // Images and contexts are looked up each time: that is neither.
      if (kind !== "source" && (status === "done" || status === "failed")) ran.push(digest);
    }
  return { completed, ran };
}

function reportsOf({ vertices }: Step, progress: Reports): readonly VertexProgress[] {
  const reports: VertexProgress[] = [];
  for (const digest of vertices) {
    const report = progress.vertex(digest);
    if (report !== undefined) reports.push(report);
  }
  return reports;
}

function statusIn(
  execution: Execution,
  step: Step,
  { progress, active }: { readonly progress: Reports; readonly active: boolean },
): StepStatus {
  const done = isDone(execution, step);
  if (!done && execution.failures.has(step.id)) return "failed";
  let running = 0;
  let cached = 0;
  let made = 0;
  let failed = 0;
  let cancelled = 0;
  for (const digest of step.vertices) {
    const status = progress.vertex(digest)?.status;
    if (status === "running") running += 1;
    else if (status === "cached") cached += 1;
    else if (status === "done") made += 1;
    else if (status === "failed") failed += 1;
    else if (status === "cancelled") cancelled += 1;
  }
  if (active && running > 0) return "running";
  // Below a cache hit BuildKit looks at nothing more, and reports nothing more.
  if (done || made + cached === step.vertices.length) return made + running > 0 ? "done" : "cached";
  if (failed > 0) return "failed";
  return cancelled > 0 ? "cancelled" : "waiting";
}

function earliest(reports: readonly VertexProgress[]): number | undefined {
  let found: number | undefined;
  for (const { startedMs } of reports)
    if (startedMs !== undefined && (found === undefined || startedMs < found)) found = startedMs;
  return found;
}

/** Undefined while any part is under way. */
function latest(reports: readonly VertexProgress[]): number | undefined {
  let found: number | undefined;
  for (const { completedMs } of reports) {
    if (completedMs === undefined) return undefined;
    if (found === undefined || completedMs > found) found = completedMs;
  }
  return found;
}
