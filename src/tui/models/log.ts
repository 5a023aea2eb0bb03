/** What the log pane shows: labels of steps, and the summaries of a failure and of the end. */

import { exactTime, totalTime } from "../../base/time-words.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import type { ProgressStore, VertexProgress } from "../../debugger/progress-store.ts";
import { sideWord } from "../../debugger/shell-launch.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import { keyOf } from "../keymap.ts";
import type { Hint } from "../panes/hint-row.ts";
import type { LogLabel } from "../panes/log-pane.ts";
import type { FailureModel, FinishedModel } from "../panes/result-block.ts";
import { count } from "../words.ts";
import { durationOf, failureOf, programOf } from "./standing.ts";
import { failureReason } from "./status.ts";

/** Names vertices for the log. Built once per program. */
export class LogLabels {
  readonly #steps = new Map<Digest, Step>();

  constructor(program: Program | undefined) {
    for (const step of program?.steps ?? []) {
      for (const vertex of step.vertices) this.#steps.set(vertex, step);
    }
  }

  isStep(vertex: Digest): boolean {
    return this.#steps.has(vertex);
  }

  label(vertex: Digest, progress: Pick<ProgressStore, "vertex">, state: DebugState | undefined): LogLabel {
    const report = progress.vertex(vertex);
    const step = this.#steps.get(vertex);
    const failure = failureOf(state);
    const failed = report?.status === "failed" || failure?.vertex === vertex;
    return {
      number: step === undefined ? "" : `#${step.id + 1}`,
      name: report?.name ?? step?.text ?? "",
      ended: failed
        ? `ERROR: ${failure?.vertex === vertex ? failureReason(failure) : (report?.error ?? "failed")}`
        : endedWord(report),
      failed,
    };
  }
}

function endedWord(report: VertexProgress | undefined): string {
  switch (report?.status) {
    case "done":
      return `done ${exactTime(durationOf(report))}`;
    case "cached":
      return "cached";
    case "cancelled":
      return "cancelled";
    default:
      return "";
  }
}

/** The summary of the failure that the build is stopped at. */
export function failureModel(input: {
  readonly state: DebugState;
  readonly progress: ProgressStore;
  readonly sides: readonly StateSide[];
  readonly shown: StateSide | undefined;
  readonly engine: string;
}): FailureModel | undefined {
  const failure = failureOf(input.state);
  const program = programOf(input.state);
  if (failure === undefined || program === undefined || input.state.phase.kind !== "paused") return undefined;
  const stop = program.stops[input.state.phase.at];
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (step === undefined) return undefined;
  const vertex = failure.vertex ?? step.vertex;
  const report = input.progress.vertex(vertex);
  const after =
    report === undefined || durationOf(report) === 0 ? "" : ` after ${exactTime(durationOf(report))}`;
  const why = failure.exitCode === undefined ? failure.message : exitWords(failure.exitCode);
  return {
    headline: `step ${step.id + 1}/${program.steps.length} failed: ${why}${after}`,
    command: step.text,
    log: input.progress.logOf(vertex),
    startedMs: report?.startedMs,
    kept: keptOf(input.sides, input.engine),
    offers: failureOffers(input.sides, input.shown, step),
  };
}

/** "exit code 2"; the codes that shells and kernels give a meaning say it. */
function exitWords(code: number): string {
  switch (code) {
    case 126:
      return "exit code 126 (found, but not executable)";
    case 127:
      return "exit code 127 (command not found)";
    case 137:
      return "exit code 137 (killed, often out of memory)";
    default:
      return `exit code ${code}`;
  }
}

function keptOf(sides: readonly StateSide[], engine: string): FailureModel["kept"] {
  if (sides.includes("failed")) return { kind: "both" };
  if (sides.includes("base")) return { kind: "base-only", engine };
  return { kind: "none", why: "the step failed before anything could be kept" };
}

function failureOffers(
  sides: readonly StateSide[],
  shown: StateSide | undefined,
  step: Step,
): readonly Hint[] {
  const other = sides.find((side) => side !== shown);
  return [
    ...(shown === undefined ? [] : [{ keys: keyOf("shell"), label: `shell on ${sideWord(shown)}` }]),
    ...(other === undefined ? [] : [{ keys: keyOf("swap"), label: `switch to ${sideWord(other)}` }]),
    { keys: keyOf("edit"), label: `edit line ${step.start}` },
    { keys: keyOf("rerun"), label: "rerun from here" },
    { keys: keyOf("rerun-start"), label: "from the start" },
  ];
}

/** The summary of a build whose target was reached. */
export function finishedModel(
  state: DebugState,
  progress: Pick<ProgressStore, "vertex">,
  ranMs: number,
): FinishedModel | undefined {
  if (state.phase.kind !== "finished") return undefined;
  const { program } = state.phase.session;
  const cached = program.steps.filter((step) =>
    step.vertices.every((vertex) => progress.vertex(vertex)?.status === "cached"),
  ).length;
  const { imageId } = state.phase;
  return {
    headline: `finished in ${totalTime(ranMs)}`,
    facts: [
      { label: "target", value: state.request?.target ?? program.stages.at(-1)?.name ?? program.filename },
      { label: "steps", value: `${count(program.steps.length, "step")} (${cached} cached)` },
      ...(imageId === undefined ? [] : [{ label: "image", value: imageId }]),
      ...(state.request?.tags ?? []).map((tag) => ({ label: "tag", value: tag })),
    ],
    offers: [
      { keys: keyOf("shell"), label: "shell on AFTER" },
      { keys: keyOf("rerun"), label: "rerun" },
      { keys: keyOf("quit"), label: "quit" },
    ],
  };
}
