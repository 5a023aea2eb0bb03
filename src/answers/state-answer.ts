/** Where a build stands, as data. Pure. */
import type { BktuiError } from "../base/errors.ts";
import { unreachable } from "../base/errors.ts";
import { buildStatusOf } from "../console/build-status.ts";
import { finishedLines } from "../console/phrases/output-words.ts";
import { refusalWords, remedyWords, typedWords } from "../console/phrases/remedy-words.ts";
import { failedWords, livePlaceWords, stopWords } from "../console/phrases/stop-words.ts";
import { builtWords, ofPlatform } from "../console/phrases/thread-words.ts";
import type { DebugState, Phase } from "../debugger/debugger.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import type { ProgressStore } from "../debugger/progress/progress-store.ts";
import { remediesOf } from "../debugger/remedies.ts";
import {
  programOf,
  runningSteps,
  type StepView,
  statesOf,
  stepViews,
  stopOf,
} from "../debugger/state/inspect.ts";
import { livePhase, liveStop } from "../debugger/state/live.ts";
import { shownThread } from "../debugger/state/threads.ts";
import type { StateSide } from "../engine/engine.ts";
import type { SolveFailed } from "../engine/failures.ts";
import type { MadeOutput } from "../engine/outputs.ts";
import type { Program, Step, Stop } from "../graph/program.ts";
import { stepOfVertex } from "../graph/source-map.ts";
import type {
  ErrorAnswer,
  FailureAnswer,
  OutputAnswer,
  PlaceAnswer,
  StateAnswer,
  StepAnswer,
} from "./answers.ts";
import { BOUNDS } from "./bounds.ts";
import { logTail } from "./log-answer.ts";

export interface StateFacts {
  readonly state: DebugState;
  readonly progress: ProgressStore;
  /** Of the failure that is stood at; undefined = not looked for. */
  readonly explanation: Explanation | undefined;
  /** The state of the step that is shown. */
  readonly shown: StateSide | undefined;
  readonly notes: readonly string[];
}

export function stateAnswer({ state, progress, explanation, shown, notes }: StateFacts): StateAnswer {
  const { phase } = state;
  const program = programOf(state);
  const stop = stopOf(state);
  const step = stop === undefined ? undefined : program?.steps[stop.step];
  const thread = shownThread(state);
  const states = step === undefined ? [] : statesOf(state, step.id);
  return {
    kind: "state",
    status: buildStatusOf(state),
    words: wordsOf({ state, explanation, stop, program }),
    attempt: state.attempt,
    stops: state.stops,
    ...(phase.kind === "paused" ? { why: whyOf(phase) } : {}),
    at: isStanding(phase) && program !== undefined ? placeOfStop(stop, program) : undefined,
    live: liveAnswer(phase),
    asked: phase.kind === "running" && phase.asked !== "nothing" ? phase.asked : undefined,
    running:
      program === undefined || (phase.kind !== "running" && phase.kind !== "finishing")
        ? []
        : runningSteps(program, progress)
            .slice(0, BOUNDS.runningSteps)
            .map((each) => placeOf(each, program)),
    counts: countsOf(stepViews(state, progress)),
    states: shown === undefined ? states : [shown, ...states.filter((side) => side !== shown)],
    thread: thread === undefined ? undefined : { number: thread.id + 1, platform: thread.platform },
    threads: Math.max(1, state.threads.length),
    failure:
      phase.kind === "paused" && phase.reason.kind === "exception" && program !== undefined
        ? failureAnswer(phase.reason.failure, { program, step, progress, explanation })
        : undefined,
    error: errorOf(phase),
    ...(phase.kind === "finished"
      ? { imageId: phase.imageId, outputs: phase.outputs.map(outputAnswer) }
      : {}),
    engineSilent: state.engineSilent,
    notes,
  };
}

/** A thread that has not been loaded stands nowhere. */
function isStanding({ kind }: Phase): boolean {
  return kind === "paused" || kind === "running";
}

function whyOf({ reason }: Extract<Phase, { kind: "paused" }>): StateAnswer["why"] {
  switch (reason.kind) {
    case "breakpoint":
      return { kind: reason.kind, breakpoint: reason.id, problem: reason.problem };
    case "exception":
      return { kind: reason.kind, uncaught: reason.uncaught?.why };
    default:
      return { kind: reason.kind };
  }
}

function liveAnswer(phase: Phase): StateAnswer["live"] {
  if (phase.kind !== "paused" || phase.live === undefined) return undefined;
  const live = livePhase(phase);
  const { program } = phase.execution;
  const at = liveStop(phase);
  return {
    status: buildStatusOf({ phase: live }),
    words: livePlaceWords(phase),
    at: at === undefined ? undefined : placeOfStop(program.stops[at], program),
    ...(live.kind === "paused" ? { why: whyOf(live) } : {}),
  };
}

function errorOf(phase: Phase): ErrorAnswer | undefined {
  if (phase.kind === "broken" || phase.kind === "lost") return errorAnswer(phase.error);
  return phase.kind === "finished" && phase.problem !== undefined ? errorAnswer(phase.problem) : undefined;
}

function wordsOf({
  state,
  explanation,
  stop,
  program,
}: Pick<StateFacts, "state" | "explanation"> & {
  readonly stop: Stop | undefined;
  readonly program: Program | undefined;
}): string {
  const { phase } = state;
  switch (phase.kind) {
    case "paused": {
      const step = stop === undefined ? undefined : program?.steps[stop.step];
      if (phase.reason.kind !== "exception" || step === undefined || program === undefined)
        return ofPlatform(state, `paused ${stopWords(phase, state)}`);
      return ofPlatform(state, explanation?.headline ?? failedWords(phase.reason.failure, step, program));
    }
    case "broken":
    case "lost":
      return explanation?.headline ?? phase.error.message;
    case "built":
      return ofPlatform(state, builtWords(state));
    case "finished":
      return finishedLines(phase)[0] ?? "finished";
    case "idle":
      return "nothing is loaded";
    case "opening":
      return "loading";
    case "running":
      return "running";
    case "finishing":
      return "the outputs are made";
    case "ended":
      return "ended";
    default:
      return unreachable(phase);
  }
}

export function placeOf(step: Step, program: Program): PlaceAnswer {
  const { id, start, end, stage, instruction, text } = step;
  return { step: id + 1, of: program.steps.length, line: start, endLine: end, stage, instruction, text };
}

function placeOfStop(stop: Stop | undefined, program: Program): StateAnswer["at"] {
  const step = stop === undefined ? undefined : program.steps[stop.step];
  return stop === undefined || step === undefined
    ? undefined
    : { ...placeOf(step, program), where: stop.kind };
}

export function stepAnswer(view: StepView, state: DebugState, program: Program): StepAnswer {
  const { step, status, current, live, startedMs, completedMs, failure } = view;
  return {
    ...placeOf(step, program),
    status,
    current,
    live,
    startedAt: startedMs,
    completedAt: completedMs,
    exitCode: failure?.exitCode,
    states: statesOf(state, step.id),
  };
}

function countsOf(views: readonly StepView[]): StateAnswer["counts"] {
  const count = (wanted: StepView["status"]): number =>
    views.filter(({ status }) => status === wanted).length;
  return {
    steps: views.length,
    waiting: count("waiting"),
    running: count("running"),
    done: count("done"),
    cached: count("cached"),
    failed: count("failed"),
    cancelled: count("cancelled"),
  };
}

function failureAnswer(
  failure: SolveFailed,
  {
    program,
    step,
    progress,
    explanation,
  }: Pick<StateFacts, "progress" | "explanation"> & {
    readonly program: Program;
    readonly step: Step | undefined;
  },
): FailureAnswer {
  const vertex = failure.vertex ?? step?.vertex;
  const own = vertex === undefined ? undefined : (stepOfVertex(program, vertex) ?? step);
  const { kept, searched } = explanation ?? {};
  return {
    step: own === undefined ? undefined : own.id + 1,
    exitCode: failure.exitCode,
    message: failure.message,
    headline:
      explanation?.headline ?? (own === undefined ? failure.message : failedWords(failure, own, program)),
    why: explanation?.why ?? [],
    kept: kept === undefined ? undefined : refusalWords(kept),
    next: (explanation?.next ?? []).flatMap((next) => {
      const text = next.kind === "command" ? typedWords(next) : next.text;
      return text === undefined ? [] : [{ kind: next.kind, text, label: next.label }];
    }),
    also: (explanation?.also ?? []).map((each) => ({ step: each.step + 1, headline: each.headline })),
    cancelled: explanation?.cancelled,
    searched: searched === undefined ? undefined : { step: searched.step + 1, directory: searched.directory },
    log:
      vertex === undefined
        ? { total: 0, lost: 0, before: 0, after: 0, lines: [] }
        : logTail(progress.logOf(vertex), own, BOUNDS.tailLines),
  };
}

export function outputAnswer(output: MadeOutput): OutputAnswer {
  switch (output.kind) {
    case "directory":
      return { kind: output.kind, path: output.path, files: output.files, bytes: output.bytes };
    case "file":
      return { kind: output.kind, path: output.path, bytes: output.bytes };
    case "layout":
      return { kind: output.kind, path: output.path, names: output.names };
    case "loaded":
    case "pushed":
    case "stored":
      return { kind: output.kind, names: output.names };
    default:
      return unreachable(output);
  }
}

export function errorAnswer(error: BktuiError): ErrorAnswer {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    remedies: remediesOf(error).flatMap((remedy) => {
      const command = remedyWords(remedy) === undefined ? undefined : typedWords(remedy);
      return command === undefined ? [] : [{ command, does: remedy.does }];
    }),
  };
}
