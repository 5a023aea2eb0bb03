/** How each step stands, and the word at its right edge. */
import type { DebugState, Session } from "../../debugger/debugger.ts";
import type { ProgressStore, VertexProgress } from "../../debugger/progress-store.ts";
import type { SolveFailed } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Program, Step, StepId } from "../../graph/program.ts";
import type { StepMark } from "../panes/look.ts";
import { byteSize, exactTime, roundTime } from "../words.ts";

export interface Standing {
  readonly mark: StepMark;
  /** E.g. "31.2s", "cached", "exit 2", "next", "38 MB / 112 MB"; "" = nothing. */
  readonly right: string;
  /** The build stands before it. */
  readonly current: boolean;
}

/** What the standing of a step is worked out from. */
export interface Standings {
  readonly state: DebugState;
  readonly progress: Pick<ProgressStore, "vertex">;
  /** Milliseconds that a vertex has been running by this machine's clock. */
  elapsedMs(vertex: Digest): number;
}

export function sessionOf(state: DebugState | undefined): Session | undefined {
  return state !== undefined && "session" in state.phase ? state.phase.session : undefined;
}

export function programOf(state: DebugState | undefined): Program | undefined {
  return sessionOf(state)?.program;
}

/** The failure the build is stopped at. */
export function failureOf(state: DebugState | undefined): SolveFailed | undefined {
  if (state?.phase.kind !== "paused" || state.phase.reason.kind !== "exception") return undefined;
  return state.phase.reason.failure;
}

/** The step that is stopped at, or that a run started from. */
export function currentStep(state: DebugState | undefined): Step | undefined {
  if (state === undefined) return undefined;
  const { phase } = state;
  if (phase.kind === "finished") return phase.session.program.steps.at(-1);
  if (phase.kind !== "paused" && phase.kind !== "running") return undefined;
  const { program } = phase.session;
  const stop = program.stops[phase.kind === "paused" ? phase.at : phase.from];
  return stop === undefined ? undefined : program.steps[stop.step];
}

export function standingOf(step: Step, standings: Standings): Standing {
  const { state, progress } = standings;
  const current = isStoppedBefore(step, state);
  const failure = failureOf(state);
  if (failure !== undefined && current) return { mark: "failed", right: failureWord(failure), current };
  const reports = step.vertices.flatMap((vertex) => {
    const report = progress.vertex(vertex);
    return report === undefined ? [] : [{ vertex, report }];
  });
  const running = reports.find(({ report }) => report.status === "running");
  if (running !== undefined && sessionIsRunning(state)) {
    return {
      mark: "running",
      right: runningWord(running.report, standings.elapsedMs(running.vertex)),
      current,
    };
  }
  if (reports.some(({ report }) => report.status === "failed") && !isDone(step, state)) {
    return { mark: "failed", right: "failed", current };
  }
  if (
    isDone(step, state) ||
    isComplete(
      step,
      reports.map(({ report }) => report),
    )
  ) {
    return { ...finishedStanding(reports.map(({ report }) => report)), current };
  }
  return { mark: "waiting", right: current ? "next" : "", current };
}

/** Short reason for the right edge. */
function failureWord(failure: SolveFailed): string {
  return failure.exitCode === undefined ? "failed" : `exit ${failure.exitCode}`;
}

function runningWord(report: VertexProgress, elapsedMs: number): string {
  const { transfer } = report;
  if (transfer === undefined) return roundTime(elapsedMs);
  if (transfer.total <= 0) return byteSize(transfer.current);
  return `${byteSize(transfer.current)} / ${byteSize(transfer.total)}`;
}

function finishedStanding(reports: readonly VertexProgress[]): Omit<Standing, "current"> {
  if (reports.length > 0 && reports.every((report) => report.status === "cached")) {
    return { mark: "cached", right: "cached" };
  }
  const tookMs = reports.reduce((sum, report) => sum + durationOf(report), 0);
  return { mark: "done", right: reports.length === 0 ? "" : exactTime(tookMs) };
}

/** Milliseconds by the engine's clock; 0 while unknown. */
export function durationOf(report: VertexProgress): number {
  if (report.startedMs === undefined || report.completedMs === undefined) return 0;
  return Math.max(0, report.completedMs - report.startedMs);
}

function isStoppedBefore(step: Step, state: DebugState): boolean {
  if (state.phase.kind !== "paused") return false;
  const stop = state.phase.session.program.stops[state.phase.at];
  return stop?.kind === "before" && stop.step === step.id;
}

function isDone(step: Step, state: DebugState): boolean {
  return sessionOf(state)?.done.has(step.vertex) === true;
}

function isComplete(step: Step, reports: readonly VertexProgress[]): boolean {
  return (
    reports.length === step.vertices.length &&
    reports.every((report) => report.status === "done" || report.status === "cached")
  );
}

function sessionIsRunning(state: DebugState): boolean {
  return state.phase.kind === "running" || state.phase.kind === "finishing";
}

/** Steps that have begun and not ended, in reading order. */
export function runningSteps(program: Program, progress: Pick<ProgressStore, "vertex">): readonly Step[] {
  return program.steps.filter((step) =>
    step.vertices.some((vertex) => progress.vertex(vertex)?.status === "running"),
  );
}

/** The step whose lines contain `line`. */
export function stepAtLine(program: Program, line: number): Step | undefined {
  return program.steps.find(
    (step) => (step.start <= line && line <= step.end) || step.alsoAt.some((also) => also === line),
  );
}

export function stepById(program: Program, id: StepId): Step | undefined {
  return program.steps[id];
}
