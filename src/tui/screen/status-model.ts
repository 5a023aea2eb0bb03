/** The first row: what is being debugged, and how it stands. */

import { type BktuiError, unreachable } from "../../base/errors.ts";
import { byteSize, roundTime, shortDigest, totalTime } from "../../base/words.ts";
import { isUntouched } from "../../console/build-status.ts";
import { engineName } from "../../console/phrases/engine-words.ts";
import { FILE_CHANGED, failureReason, livePlaceWords, numberOf } from "../../console/phrases/stop-words.ts";
import { builtWords } from "../../console/phrases/thread-words.ts";
import type { DebugState, Phase } from "../../debugger/debugger.ts";
import { lintedRules } from "../../debugger/failures/frontend-reasons.ts";
import type { ProgressStore } from "../../debugger/progress/progress-store.ts";
import { runningSteps } from "../../debugger/state/inspect.ts";
import { lineName } from "../../debugger/state/line-steps.ts";
import { isInThePast } from "../../debugger/state/live.ts";
import { shownThread } from "../../debugger/state/threads.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourceName } from "../../engine/build-sources.ts";
import type { EngineInfo } from "../../engine/engine.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import type { Digest } from "../../graph/graph.ts";
import { ownStages } from "../../graph/linked-parts.ts";
import type { Program, Step, StepId, Stop } from "../../graph/program.ts";
import type { KeyboardOwner } from "../state/ui-state.ts";
import type { StatusModel, StatusState } from "./status-row.ts";

export interface StatusInput {
  readonly request: BuildRequest;
  readonly engine: EngineInfo | undefined;
  readonly state: DebugState | undefined;
  readonly progress: Pick<ProgressStore, "vertex" | "vertices"> | undefined;
  /** No engine could be found. */
  readonly connectFailed: boolean;
  readonly keyboard: KeyboardOwner;
  readonly fileChanged: boolean;
  /** What is being exported, and how far that is. */
  readonly exporting: string | undefined;
  /** What reruns, as it is pressed. */
  readonly rerunKey: string;
  /** Milliseconds this attempt has spent running, pauses left out. */
  readonly ranMs: number;
  /** How long the engine has not answered; undefined = it does. */
  readonly silentMs: number | undefined;
  elapsedMs(vertex: Digest): number;
}

export function statusModel(input: StatusInput): StatusModel {
  return {
    subject: subjectOf(input.request, input.state),
    engine: input.engine === undefined ? undefined : engineName(input.engine),
    notice:
      input.fileChanged && input.state !== undefined
        ? `${FILE_CHANGED}, ${input.rerunKey} to rerun`
        : undefined,
    state: statusState(input),
  };
}

/** "bktui Dockerfile:app", "bktui Dockerfile:app linux/arm64"; without a chosen target the file's last stage is what gets built. */
function subjectOf(request: BuildRequest, state: DebugState | undefined): string {
  const chosen = (state?.request ?? request).target;
  const last =
    state !== undefined && "execution" in state.phase
      ? ownStages(state.phase.execution.program).at(-1)?.name
      : undefined;
  const target = chosen ?? last;
  const thread = state === undefined ? undefined : shownThread(state);
  const platform = thread === undefined ? "" : ` ${thread.platform}`;
  return `bktui ${sourceName(request)}${target === undefined ? "" : `:${target}`}${platform}`;
}

export function statusState(input: StatusInput): StatusState {
  if (input.connectFailed) return { word: "ERROR", detail: "no engine", tone: "failed" };
  if (input.state === undefined) return { word: "CONNECTING", detail: "engine", tone: "plain" };
  const state = withSilence(phaseState(input.state, input.state.phase, input), input);
  if (input.exporting !== undefined) return { word: "EXPORTING", detail: input.exporting, tone: "running" };
  if (input.keyboard === "debugger") return state;
  const [place = ""] = state.detail.split(" · ");
  return { ...state, detail: `${place} · ${input.keyboard.toUpperCase()} has the keyboard` };
}

function withSilence(status: StatusState, { state, silentMs = 0 }: StatusInput): StatusState {
  if (state?.engineSilent !== true) return status;
  const silence = `engine not answering for ${roundTime(silentMs)}`;
  return { ...status, detail: `${silence} · ${status.detail.replace(/^· /, "")}`, tone: "failed" };
}

function phaseState(state: DebugState, phase: Phase, input: StatusInput): StatusState {
  switch (phase.kind) {
    case "idle":
      return { word: "LOADING", detail: sourceName(input.request), tone: "plain" };
    case "opening":
      return state.attempt > 1
        ? { word: `RERUN ${state.attempt}:`, detail: "checking cache", tone: "running" }
        : { word: "LOADING", detail: sourceName(input.request), tone: "plain" };
    case "broken":
      return { word: "ERROR", detail: brokenDetail(phase.error), tone: "failed" };
    case "paused":
      return pausedState(phase);
    case "running":
      return runningState(phase, input);
    case "built":
      return { word: "BUILT", detail: builtWords(state).replace(/^built,? ?/, ""), tone: "good" };
    case "finishing":
      return { word: "FINISHING", detail: roundTime(input.ranMs), tone: "running" };
    case "finished": {
      const image = phase.imageId === undefined ? "" : ` · ${shortDigest(phase.imageId)}`;
      if (phase.problem !== undefined)
        return { word: "FINISHED", detail: "without its outputs", tone: "failed" };
      return { word: "FINISHED", detail: `in ${totalTime(input.ranMs)}${image}`, tone: "good" };
    }
    case "lost":
      return { word: "LOST", detail: "engine connection", tone: "failed" };
    case "ended":
      return { word: "ENDED", detail: "", tone: "plain" };
    default:
      return unreachable(phase);
  }
}

function brokenDetail(error: BktuiError): string {
  if (lintedRules(error).length > 0) return "lint";
  const line = error instanceof FrontendFailed ? error.ranges[0]?.start : undefined;
  return line === undefined ? error.code : `line ${line}`;
}

function pausedState(phase: Extract<Phase, { kind: "paused" }>): StatusState {
  const { program } = phase.execution;
  const stop = program.stops[phase.at];
  if (stop === undefined) return { word: "PAUSED", detail: "", tone: "paused" };
  const { reason } = phase;
  if (reason.kind === "exception") {
    const detail = `${numberOf({ id: stop.step }, program)} · ${failureReason(reason.failure)} · ${lineOfStep(program, stop.step)}`;
    return { word: "FAILED", detail, tone: "failed" };
  }
  if (isUntouched(phase)) {
    return { word: "LOADED", detail: "· nothing has run yet", tone: "paused" };
  }
  if (isInThePast(phase)) return pastState(phase, stop);
  if (stop.kind === "end") return { word: "PAUSED", detail: `end of stage ${stop.stage}`, tone: "paused" };
  return {
    word: "PAUSED",
    detail: `before ${numberOf({ id: stop.step }, program)} · ${lineOfStep(program, stop.step)}`,
    tone: "paused",
  };
}

/** "BACK at step 3/9 · line 5 · from step 7, which failed". */
function pastState(phase: Extract<Phase, { kind: "paused" }>, stop: Stop): StatusState {
  const { program } = phase.execution;
  const place =
    stop.kind === "end"
      ? `end of stage ${stop.stage}`
      : `step ${stop.step + 1}/${program.steps.length} · ${lineOfStep(program, stop.step)}`;
  return { word: "BACK", detail: `at ${place} · from ${livePlaceWords(phase)}`, tone: "paused" };
}

function runningState(phase: Extract<Phase, { kind: "running" }>, input: StatusInput): StatusState {
  const { program } = phase.execution;
  const step = runningStep(phase, input);
  switch (phase.asked) {
    case "pause":
      return { word: "PAUSING", detail: `after step ${step.id + 1}`, tone: "running" };
    case "cancel":
      return { word: "CANCELLING", detail: `step ${step.id + 1}`, tone: "running" };
    case "nothing": {
      const work = transferUnderWay(step, input) ?? roundTime(input.elapsedMs(step.vertex));
      return {
        word: "RUNNING",
        detail: `${numberOf(step, program)} · ${work} · ${lineOfStep(program, step.id)}`,
        tone: "running",
      };
    }
    default:
      return unreachable(phase.asked);
  }
}

/** The first step under way, else the one the run started at. */
function runningStep(
  phase: Extract<Phase, { kind: "running" }>,
  input: StatusInput,
): Pick<Step, "id" | "vertex" | "start"> {
  const { program } = phase.execution;
  const [first] = input.progress === undefined ? [] : runningSteps(program, input.progress);
  const from = program.stops[phase.from];
  const step = first ?? (from === undefined ? undefined : program.steps[from.step]) ?? program.steps[0];
  if (step !== undefined) return step;
  throw new TypeError("a program that runs has steps");
}

/** What a step waits for that is no step itself, e.g. "load build context 38 MB"; a context can take minutes. */
function transferUnderWay(step: Pick<Step, "vertex">, { progress }: StatusInput): string | undefined {
  if (progress === undefined || progress.vertex(step.vertex)?.startedMs !== undefined) return undefined;
  for (const [, { status, name, transfer }] of progress.vertices()) {
    if (status !== "running" || transfer === undefined) continue;
    return `${name.replace(/^\[internal\] /, "")} ${byteSize(transfer.current)}`;
  }
  return undefined;
}

/** "line 11"; "line 13.2" where the line has several steps. */
function lineOfStep(program: Program, id: StepId): string {
  const step = program.steps[id];
  return step === undefined ? "" : `line ${lineName(program, step)}`;
}

/** For the terminal's title: "bktui: running 6/9 Dockerfile", in front "(!)" when the user is called back. */
export function titleText(model: StatusModel, wanted: boolean): string {
  const place = model.state.detail.match(/\d+\/\d+/)?.[0];
  const file = model.subject.replace(/^bktui /, "");
  return `${wanted ? "(!) " : ""}bktui: ${model.state.word.toLowerCase()}${place === undefined ? "" : ` ${place}`} ${file}`;
}
