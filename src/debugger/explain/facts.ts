/** What an explanation is made from: plain data, gathered without asking anybody. */
import type { BuildRequest } from "../../engine/build-request.ts";
import type { EngineInfo } from "../../engine/engine.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Line } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import type { DebugState, Execution } from "../debugger.ts";
import { cancelledSteps, failedSteps } from "../failures/failures.ts";
import { lastLines } from "../progress/last-lines.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import type { Answer } from "../questions/questions.ts";
import type { Sights } from "../questions/seen.ts";
import { stopOf } from "../state/inspect.ts";
import { requestAt } from "../state/linked-files.ts";
import { lacksBase } from "../state/reached.ts";

/** Where things stand; what a front end has at hand. */
export interface Scene {
  readonly state: DebugState;
  readonly progress: ProgressStore;
  readonly engine: EngineInfo;
  /** The Dockerfile as it is on disk; asked for when nothing is loaded. */
  readonly text: string | undefined;
  /** What has been looked up so far. */
  readonly answer: Answer | undefined;
  /** What was seen of the causes that are looked for; undefined = nothing yet. */
  readonly sights?: Sights | undefined;
}

/** A step that failed, with what is known of it. */
export interface StepFacts {
  readonly failure: SolveFailed;
  readonly program: Program;
  readonly step: Step;
  /** What the step starts from is there. */
  readonly hasBase: boolean;
  /** It is not there, but can be made. */
  readonly lacksBase: boolean;
  /** Undefined while unknown. */
  readonly tookMs: number | undefined;
  /** Oldest first, shortened, as a terminal would show them; a carriage return that stays in one is `^M`. */
  readonly lastLines: readonly string[];
  readonly request: BuildRequest | undefined;
  readonly engine: EngineInfo;
  readonly progress: ProgressStore;
  readonly answer: Answer | undefined;
  readonly sights: Sights;
  /** Failed in parallel, in reading order; without this one. */
  readonly others: readonly Step[];
  /** Failures that have been stood at, by step. */
  readonly known: Execution["failures"];
  /** Ended because another step failed, in reading order. */
  readonly cancelled: readonly Step[];
}

const NOTHING_SEEN: Sights = new Map();

export function stepFacts({
  state,
  progress,
  engine,
  answer,
  sights = NOTHING_SEEN,
}: Scene): StepFacts | undefined {
  const { phase, request } = state;
  if (phase.kind !== "paused" || phase.reason.kind !== "exception") return undefined;
  const { failure } = phase.reason;
  const { program, done } = phase.execution;
  const stop = stopOf(state);
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (step === undefined) return undefined;
  const report = progress.vertex(failure.vertex ?? step.vertex);
  const isTimed = report?.startedMs !== undefined && report.completedMs !== undefined;
  return {
    failure,
    program,
    step,
    hasBase: step.base === undefined || done.has(step.base.vertex),
    lacksBase: lacksBase(phase),
    tookMs: isTimed ? Math.max(0, (report.completedMs ?? 0) - (report.startedMs ?? 0)) : undefined,
    lastLines: lastLines(progress.logOf(failure.vertex ?? step.vertex)),
    request: request === undefined ? undefined : requestAt(request, program, step.start),
    engine,
    progress,
    answer,
    sights,
    others: failedSteps(phase.execution, progress).filter((other) => other !== step),
    known: phase.execution.failures,
    cancelled: cancelledSteps(phase.execution, progress),
  };
}

/** Undefined when the line stands in no instruction of the text. */
export function instructionAt(program: Program, line: Line): string | undefined {
  return program.instructions.find(({ start, end }) => start <= line && line <= end)?.text;
}
