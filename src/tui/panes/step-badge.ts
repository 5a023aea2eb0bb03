/** The badge of a step: its mark, and the word at the right edge of its row. */

import { unreachable } from "../../base/errors.ts";
import { byteSize, exactTime, roundTime } from "../../base/words.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import { exitCodeIn } from "../../debugger/failures/reasons.ts";
import type { ProgressStore, VertexProgress } from "../../debugger/progress/progress-store.ts";
import { programOf, stepView, stopOf } from "../../debugger/state/inspect.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import type { StepMark } from "../drawing/look.ts";

export interface StepBadge {
  readonly mark: StepMark;
  /** E.g. "31.2s", "cached", "exit 2", "next", "38 MB / 112 MB"; "" = nothing. */
  readonly right: string;
  /** It is stood before. */
  readonly current: boolean;
  /** An earlier stop is stood at, and the build really is here. */
  readonly live: boolean;
}

/** What badges are made from. */
export interface BadgeSources {
  readonly state: DebugState;
  readonly progress: Pick<ProgressStore, "vertex">;
  /** Milliseconds that a vertex has been running by this machine's clock. */
  elapsedMs(vertex: Digest): number;
}

/** The step that is stopped at, or that a run started from; the last one when the build has finished. */
export function currentStep(state: DebugState | undefined): Step | undefined {
  const stop = state === undefined ? undefined : stopOf(state);
  return stop === undefined ? undefined : programOf(state)?.steps[stop.step];
}

export function badgeOf(step: Step, badgeSources: BadgeSources): StepBadge {
  const { state, progress } = badgeSources;
  const view = stepView(state, step.id, progress);
  const stop = stopOf(state);
  if (view === undefined) return { mark: "waiting", right: "", current: false, live: false };
  const current = view.current && stop?.kind === "before";
  const { live } = view;
  const place = { current, live };
  switch (view.status) {
    case "failed":
      return { mark: "failed", right: failureWord(step, view.failure, progress), ...place };
    case "running":
      return { mark: "running", right: runningWord(step, badgeSources), ...place };
    case "done":
      return { mark: "done", right: tookWord(step, progress), ...place };
    case "cached":
      return { mark: "cached", right: "cached", ...place };
    case "cancelled":
    case "waiting":
      return {
        mark: "waiting",
        right: current || live ? "next" : view.status === "cancelled" ? "cancelled" : "",
        ...place,
      };
    default:
      return unreachable(view.status);
  }
}

/**
 * One badge for all steps of a line. The words are those of `step`, one of them, with its rank in front where that
 * is not plain: "2/3 exit 1".
 */
export function badgeOfLine(
  steps: readonly Step[],
  step: Step,
  badgeSources: BadgeSources,
  { isChosen }: { readonly isChosen: boolean },
): StepBadge {
  const own = badgeOf(step, badgeSources);
  if (steps.length < 2) return own;
  const all = steps.map((each) => badgeOf(each, badgeSources));
  const has = (mark: StepMark): boolean => all.some((each) => each.mark === mark);
  const worst: StepMark = (["failed", "running", "waiting", "done"] as const).find(has) ?? "cached";
  const rank = `${steps.indexOf(step) + 1}/${steps.length}`;
  const isOver = worst === "done" || worst === "cached";
  const line = {
    mark: worst,
    current: all.some(({ current }) => current),
    live: all.some(({ live }) => live),
  };
  if (isChosen || (own.right !== "" && !isOver)) return { ...line, right: `${rank} ${own.right}`.trim() };
  if (isOver) return { ...line, right: overWord(steps, worst, badgeSources) };
  const done = all.filter(({ mark }) => mark === "done" || mark === "cached").length;
  return { ...line, right: done === 0 ? "" : `${done} of ${steps.length} done` };
}

/** What all steps of a line took together. */
function overWord(steps: readonly Step[], mark: "done" | "cached", { progress }: BadgeSources): string {
  if (mark === "cached") return "cached";
  const reports = steps.flatMap(({ vertices }) =>
    vertices.flatMap((vertex) => progress.vertex(vertex) ?? []),
  );
  return reports.length === 0 ? "" : exactTime(reports.reduce((sum, report) => sum + durationOf(report), 0));
}

/** Short reason for the right edge. */
function failureWord(
  step: Step,
  failure: SolveFailed | undefined,
  progress: BadgeSources["progress"],
): string {
  const reported = step.vertices.map((vertex) => progress.vertex(vertex)?.error ?? "").find(Boolean);
  const code = failure === undefined ? exitCodeIn(reported ?? "") : failure.exitCode;
  return code === undefined ? "failed" : `exit ${code}`;
}

function runningWord(step: Step, { progress, elapsedMs }: BadgeSources): string {
  const vertex = step.vertices.find((digest) => progress.vertex(digest)?.status === "running") ?? step.vertex;
  const transfer = progress.vertex(vertex)?.transfer;
  if (transfer === undefined) return roundTime(elapsedMs(vertex));
  if (transfer.total <= 0) return byteSize(transfer.current);
  return `${byteSize(transfer.current)} / ${byteSize(transfer.total)}`;
}

/** "" when the engine never said: a step that an earlier stop left behind. */
function tookWord(step: Step, progress: BadgeSources["progress"]): string {
  const reports = step.vertices.flatMap((vertex) => progress.vertex(vertex) ?? []);
  return reports.length === 0 ? "" : exactTime(reports.reduce((sum, report) => sum + durationOf(report), 0));
}

/** Milliseconds by the engine's clock; 0 while unknown. */
export function durationOf(report: VertexProgress): number {
  if (report.startedMs === undefined || report.completedMs === undefined) return 0;
  return Math.max(0, report.completedMs - report.startedMs);
}
