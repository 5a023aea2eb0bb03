/** The build as a graph, in lines for the line mode. Pure; every line is harmless text. */
import { visibleLine } from "../../base/visible.ts";
import type { Breakpoint } from "../../debugger/breakpoint.ts";
import { stopsOf } from "../../debugger/breakpoints/triggers.ts";
import type { DebugState } from "../../debugger/debugger.ts";
import type { ProgressStore } from "../../debugger/progress/progress-store.ts";
import { programOf, stepView } from "../../debugger/state/inspect.ts";
import { idleWords } from "../../debugger/state/line-steps.ts";
import { runnableSteps } from "../../debugger/stepping/runnable.ts";
import type { StepId } from "../../graph/program.ts";
import { feedWords, type StepNode, stepGraph, unneededStages } from "../../graph/step-graph.ts";
import { placeMark, statusWord } from "./describe.ts";

/**
 * `stage app from base`, and below it each step as `>    7/8 next             RUN make; from build, app; breakpoint 1`:
 * indented by the stages that it is built on.
 */
export function graphLines(state: DebugState, progress: ProgressStore): readonly string[] {
  const program = programOf(state);
  if (program === undefined) return ["nothing is loaded"];
  const graph = stepGraph(program);
  const runnable = runnableSteps(state, progress, graph);
  const unneeded = unneededStages(program, state.request?.target);
  const stops = program.stops;
  const broken = (id: StepId): readonly string[] =>
    state.breakpoints.filter((each) => isAtStep(each, id)).map(breakWords);
  const isAtStep = ({ bound }: Breakpoint, id: StepId): boolean =>
    bound.kind !== "spread" && stopsOf({ bound }).some((stop) => stops[stop]?.step === id);
  const breakWords = ({ id, enabled, bound }: Breakpoint): string => {
    const atEnd = stopsOf({ bound }).some((stop) => stops[stop]?.kind === "end") ? " at the end" : "";
    return `breakpoint ${id}${atEnd}${enabled ? "" : " (off)"}`;
  };
  const lineOf = ({ step, depth, feeds }: StepNode): string => {
    const view = stepView(state, step.id, progress);
    const number = `${step.id + 1}/${program.steps.length}`.padStart(7);
    const status = view === undefined ? "" : statusWord(view);
    const notes = [
      ...(feeds.length === 0 ? [] : [`from ${feedWords(feeds)}`]),
      ...(runnable.has(step.id) ? ["can run now"] : []),
      ...broken(step.id),
    ];
    const text = [step.text, ...notes].map(visibleLine).join("; ");
    return `${placeMark({ here: view?.current === true, live: view?.live === true })}${number} ${status.padEnd(16)} ${"  ".repeat(Math.min(depth, MOST_LEVELS))}${text}`;
  };
  return program.stages.flatMap((stage) => {
    const { name, from, steps } = stage;
    const head = `stage ${visibleLine(name)}${from === "" ? "" : ` from ${visibleLine(from)}`}`;
    if (unneeded.has(name)) return [`${head}: not built, the target does not need it`];
    if (steps.length === 0) return [`${head}: ${idleWords(stage, program)}`];
    return [head, ...steps.flatMap((id) => (graph.nodes[id] === undefined ? [] : [lineOf(graph.nodes[id])]))];
  });
}

/** However deep stages are built on each other, the instructions begin on the same screen. */
const MOST_LEVELS = 8;
