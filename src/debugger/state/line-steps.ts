/** The steps of one line: which of several is meant, and how each is named. Pure. */
import type { Line } from "../../graph/graph.ts";
import type { Program, Stage, Step, StepId, Stop } from "../../graph/program.ts";
import { stepsAt, targetOfLine } from "../../graph/source-map.ts";
import type { BreakpointSpec } from "../breakpoint.ts";
import type { DebugState } from "../debugger.ts";
import type { ProgressStore } from "../progress/progress-store.ts";
import { type StepStatus, stepView } from "./inspect.ts";

interface StatusSources {
  readonly state: DebugState;
  readonly progress: Pick<ProgressStore, "vertex">;
}

/**
 * The step that is meant where a line stands for several: the chosen one; that which the build stands before or failed at;
 * one that runs; one that failed; the first that has not run, since its BASE is what the line begins with; when all have
 * run the last, since its AFTER is what the line leaves. Undefined when the line stands for none.
 */
export function stepOfLine(
  program: Program,
  line: Line,
  { state, progress }: StatusSources,
  chosen?: StepId,
): Step | undefined {
  const steps = stepsAt(program, line);
  const stop = state.phase.kind === "paused" ? program.stops[state.phase.at] : undefined;
  const here = stop?.kind === "before" ? stop.step : undefined;
  const wanted = steps.find(({ id }) => id === chosen) ?? steps.find(({ id }) => id === here);
  if (wanted !== undefined || steps.length < 2) return wanted ?? steps[0];
  const statuses = steps.map(({ id }) => stepView(state, id, progress)?.status ?? "waiting");
  const first = (isMeant: (status: StepStatus) => boolean): Step | undefined =>
    steps[statuses.findIndex(isMeant)];
  return (
    first((status) => status === "running") ??
    first((status) => status === "failed") ??
    first((status) => status !== "done" && status !== "cached") ??
    steps.at(-1)
  );
}

/** Which of the steps of a line it is, counted from 1, and of how many; undefined when it is the only one. */
export function rankOnLine(
  program: Program,
  line: Line,
  step: Step,
): { readonly nth: number; readonly of: number } | undefined {
  const steps = stepsAt(program, line);
  const index = steps.findIndex(({ id }) => id === step.id);
  return steps.length < 2 || index < 0 ? undefined : { nth: index + 1, of: steps.length };
}

/** The rank that a breakpoint needs in order to be at that very step; undefined where the step's own line alone means it. */
export function rankToType(program: Program, line: Line, step: Step): number | undefined {
  const nth = rankOnLine(program, line, step)?.nth;
  if (nth === undefined || step.start !== line) return nth;
  const target = targetOfLine(program, line);
  return target.kind === "exact" && target.stops[0]?.step === step.id ? undefined : nth;
}

/** The breakpoint that stops there. */
export function specAt(program: Program, { kind, stage, line, step: id }: Stop): BreakpointSpec {
  if (kind === "end") return { kind: "stage-end", stage };
  const step = program.steps[id];
  const nth = step === undefined ? undefined : rankToType(program, line, step);
  return { kind: "line", line, ...(nth === undefined ? {} : { nth }) };
}

/** "13", or "13.2" where the line stands for several steps: as a breakpoint there is typed. */
export function lineName(program: Program, step: Step, line: Line = step.start): string {
  const rank = rankOnLine(program, line, step);
  return rank === undefined ? String(line) : `${line}.${rank.nth}`;
}

/** Where else the step stands: "ONBUILD in line 7", "also line 5", "also lines 5 and 9"; "" when nowhere. */
export function elsewhereWords({ alsoAt }: Step): string {
  const trigger = alsoAt.find(({ kind }) => kind === "trigger");
  const twins = alsoAt.filter(({ kind }) => kind === "twin").map(({ start }) => String(start));
  const last = twins.pop();
  const also =
    last === undefined
      ? []
      : [twins.length === 0 ? `also line ${last}` : `also lines ${twins.join(", ")} and ${last}`];
  return [...(trigger === undefined ? [] : [`ONBUILD in line ${trigger.start}`]), ...also].join(", ");
}

/** Where a step's text is to be edited: a trigger of this file stands at its ONBUILD. */
export function writtenAt({ alsoAt, start, end }: Step): { readonly start: Line; readonly end: Line } {
  return alsoAt.find(({ kind }) => kind === "trigger") ?? { start, end };
}

/** Of a stage that is built without steps of its own: "runs nothing of its own", "its steps are 2 and 3 of stage a". */
export function idleWords({ shared }: Stage, { steps, graph }: Program): string {
  const made = shared.flatMap((id) => steps[id] ?? []);
  const found = made.filter(({ vertex }) => graph.vertices.get(vertex)?.kind !== "source");
  const numbers = found.map(({ id }) => String(id + 1));
  const last = numbers.pop();
  const stages = [...new Set(found.map(({ stage }) => stage))].join(", ");
  if (last === undefined) return "runs nothing of its own";
  return numbers.length === 0
    ? `its step is ${last}, of stage ${stages}`
    : `its steps are ${numbers.join(", ")} and ${last}, of stage ${stages}`;
}
