/** What the log pane shows: labels of steps, and the summaries of a failure and of the end. */

import { unreachable } from "../../../base/errors.ts";
import { count, exactTime, totalTime } from "../../../base/words.ts";
import { madeLines } from "../../../console/phrases/output-words.ts";
import { failureReason, UNMADE } from "../../../console/phrases/stop-words.ts";
import type { DebugState } from "../../../debugger/debugger.ts";
import type { Explanation, NextStep } from "../../../debugger/explain/explanation.ts";
import type { ProgressStore, VertexProgress } from "../../../debugger/progress/progress-store.ts";
import { sideWord } from "../../../debugger/shells/shell-launch.ts";
import { canMakeBase, failureOf, programOf } from "../../../debugger/state/inspect.ts";
import type { StateSide } from "../../../engine/engine.ts";
import type { Digest } from "../../../graph/graph.ts";
import { ownStages } from "../../../graph/linked-parts.ts";
import type { Program, Step } from "../../../graph/program.ts";
import type { Keys } from "../../commands/key-bindings.ts";
import { advisedKey, refusalWords } from "../../commands/remedy-words.ts";
import type { Hint } from "../../drawing/hint-row.ts";
import { durationOf } from "../step-badge.ts";
import type { LogLabel } from "./log-pane.ts";
import type { FailureModel, FinishedModel } from "./result-block.ts";

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

  /** `run`: one of the vertex's runs as it ended; what the build stands at belongs to the newest. */
  label(
    vertex: Digest,
    progress: Pick<ProgressStore, "vertex">,
    state: DebugState | undefined,
    run?: VertexProgress,
  ): LogLabel {
    const newest = progress.vertex(vertex);
    const isOld = run !== undefined && run.startedMs !== newest?.startedMs;
    const report = isOld ? run : newest;
    const step = this.#steps.get(vertex);
    const failure = isOld ? undefined : failureOf(state);
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
  readonly explanation: Explanation | undefined;
  readonly states: readonly StateSide[];
  readonly shown: StateSide | undefined;
  readonly keys: Keys;
  /** The log pane has the keyboard. */
  readonly inPane: boolean;
}): FailureModel | undefined {
  const { state, explanation } = input;
  const failure = failureOf(state);
  const program = programOf(state);
  if (failure === undefined || program === undefined || state.phase.kind !== "paused") return undefined;
  const stop = program.stops[state.phase.at];
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (step === undefined || explanation === undefined) return undefined;
  const vertex = failure.vertex ?? step.vertex;
  return {
    headline: explanation.headline,
    command: step.text,
    why: explanation.why,
    log: input.progress.logOf(vertex),
    startedMs: input.progress.vertex(vertex)?.startedMs,
    kept: explanation.kept === undefined ? "" : refusalWords(explanation.kept, input.keys),
    also: explanation.also.map(({ headline }) => `in parallel, ${headline}`),
    cancelled: explanation.cancelled ?? "",
    offers: [
      ...otherOffer(explanation, input),
      ...offersOf(explanation, { ...input, makesBase: canMakeBase(state, step.id) }),
    ],
  };
}

/** The key holds in the log pane, which is one key away. */
function otherOffer(
  { also }: Explanation,
  { keys, inPane }: { readonly keys: Keys; readonly inPane: boolean },
): readonly Hint[] {
  if (also.length === 0) return [];
  const key = keys.keyOf("failure-next");
  return [{ keys: inPane ? key : `${keys.keyOf("pane-log")} ${key}`, label: "next failure" }];
}

interface OfferPlace {
  /** BASE is made when it is asked for. */
  readonly makesBase?: boolean;
  readonly states: readonly StateSide[];
  readonly shown: StateSide | undefined;
  readonly keys: Keys;
}

/** What can be done now: keys, and lines to type. What only a new start can do is left to the report. */
export function offersOf({ next }: Explanation, place: OfferPlace): readonly Hint[] {
  return next.flatMap((step): readonly Hint[] => {
    switch (step.kind) {
      case "command":
        return commandOffer(step, place);
      case "program":
        return [{ keys: step.text, label: step.label }];
      case "option":
        return [];
      default:
        return unreachable(step);
    }
  });
}

function commandOffer(
  step: Extract<NextStep, { kind: "command" }>,
  { states, shown, keys, makesBase }: OfferPlace,
): readonly Hint[] {
  const { label } = step;
  const key = advisedKey(step, keys);
  const other = states.find((side) => side !== shown);
  switch (step.command) {
    case "shell":
      if (makesBase === true) return [{ keys: key, label: "run the steps above, then shell on BASE" }];
      return shown === undefined ? [] : [{ keys: key, label: `shell on ${sideWord(shown)}` }];
    case "swap":
      return other === undefined ? [] : [{ keys: key, label: `switch to ${sideWord(other)}` }];
    case "changes":
      return other === undefined ? [] : [{ keys: key, label }];
    case "export":
      return shown === undefined ? [] : [{ keys: key, label }];
    default:
      return [{ keys: key, label }];
  }
}

/** The summary of a build whose target was reached. */
export function finishedModel(
  state: DebugState,
  progress: Pick<ProgressStore, "vertex">,
  ranMs: number,
  keys: Keys,
): FinishedModel | undefined {
  if (state.phase.kind !== "finished") return undefined;
  const { program } = state.phase.execution;
  const cached = program.steps.filter((step) =>
    step.vertices.every((vertex) => progress.vertex(vertex)?.status === "cached"),
  ).length;
  const { imageId, outputs, problem } = state.phase;
  return {
    isUnmade: problem !== undefined,
    headline: problem === undefined ? `finished in ${totalTime(ranMs)}` : UNMADE,
    facts: [
      {
        label: "target",
        value: state.request?.target ?? ownStages(program).at(-1)?.name ?? program.filename,
      },
      { label: "steps", value: `${count(program.steps.length, "step")} (${cached} cached)` },
      ...(imageId === undefined ? [] : [{ label: "image", value: imageId }]),
      ...(state.request?.tags ?? []).map((tag) => ({ label: "tag", value: tag })),
      ...madeLines(outputs).map((line) => ({ label: "output", value: line })),
      ...(problem === undefined ? [] : [{ label: "why", value: problem.message }]),
      ...(problem?.hint === undefined ? [] : [{ label: "help", value: problem.hint }]),
    ],
    offers: [
      ...(problem === undefined ? [] : [{ keys: keys.keyOf("continue"), label: "make them again" }]),
      { keys: keys.keyOf("shell"), label: "shell on AFTER" },
      { keys: keys.keyOf("changes"), label: "files it changed" },
      { keys: keys.keyOf("rerun"), label: "rerun" },
      { keys: keys.keyOf("quit"), label: "quit" },
    ],
  };
}
