/** The graph pane's rows. What never changes about a program is made once, the rest for the visible rows only. */

import { count } from "../../../base/words.ts";
import type { Breakpoint } from "../../../debugger/breakpoint.ts";
import { stopsOf } from "../../../debugger/breakpoints/triggers.ts";
import { idleWords } from "../../../debugger/state/line-steps.ts";
import { runnableSteps } from "../../../debugger/stepping/runnable.ts";
import { type Line, lineOf } from "../../../graph/graph.ts";
import type { Program, Step, StepId } from "../../../graph/program.ts";
import {
  feedWords,
  type StepGraph,
  type StepNode,
  stepGraph,
  unneededStages,
} from "../../../graph/step-graph.ts";
import { textWidth } from "../../cells/width.ts";
import { type BadgeSources, badgeOf } from "../step-badge.ts";
import type { GraphNote, GraphPaneRow, GraphWidths } from "./graph-pane.ts";

/** A row that knows what it stands for; texts are untrusted. */
export type GraphOutlineRow =
  | {
      readonly kind: "step";
      readonly node: StepNode;
      /** On the first row of a stage, else "". */
      readonly stage: string;
      readonly text: string;
      readonly feeds: string;
    }
  /** A stage without steps. */
  | { readonly kind: "stage"; readonly stage: string; readonly line: Line; readonly why: string };

export interface GraphOutline {
  readonly graph: StepGraph;
  readonly rows: readonly GraphOutlineRow[];
  /** Row of each step. */
  readonly rowOfStep: ReadonlyMap<StepId, number>;
  readonly widest: GraphWidths;
  /** Stages that are built, and those that are not. */
  readonly built: number;
  readonly unbuilt: number;
}

/** The outline with what is true at this moment. */
export interface GraphView {
  readonly outline: GraphOutline;
  readonly runnable: ReadonlySet<StepId>;
  readonly breakpoints: ReadonlyMap<StepId, "on" | "off">;
  /** Steps whose stage's end has one. */
  readonly endBreakpoints: ReadonlyMap<StepId, "on" | "off">;
}

/** No row is wider; longer texts are not measured. */
const MEASURED = 200;

/** Stages in the order of the file, each with its steps. `target`: the stage that is built, undefined = the last one. */
export function graphOutline(program: Program, target: string | undefined): GraphOutline {
  const graph = stepGraph(program);
  const unneeded = unneededStages(program, target);
  const rows: GraphOutlineRow[] = [];
  const rowOfStep = new Map<StepId, number>();
  for (const stage of program.stages) {
    const { name, start, steps } = stage;
    if (steps.length === 0) {
      const why = unneeded.has(name) ? "not built: the target does not need it" : idleWords(stage, program);
      rows.push({ kind: "stage", stage: name, line: lineOf(start), why });
    }
    steps.forEach((id, index) => {
      const node = graph.nodes[id];
      if (node === undefined) return;
      rowOfStep.set(id, rows.length);
      const stage = index === 0 ? name : "";
      rows.push({ kind: "step", node, stage, text: shownText(node.step), feeds: feedWords(node.feeds) });
    });
  }
  return {
    graph,
    rows,
    rowOfStep,
    widest: widthsOf(rows),
    built: program.stages.length - unneeded.size,
    unbuilt: unneeded.size,
  };
}

/** What a RUN mounts stands at the right already. */
function shownText({ instruction, text }: Step): string {
  return instruction === "RUN" ? text.replace(/^((?:ONBUILD )?RUN )(?:--mount=\S+ +)+/i, "$1") : text;
}

function widthsOf(rows: readonly GraphOutlineRow[]): GraphWidths {
  const widest = { stage: 0, text: 0, depth: 0 };
  for (const row of rows) {
    widest.stage = Math.max(widest.stage, textWidth(row.stage.slice(0, MEASURED)));
    if (row.kind !== "step") continue;
    widest.depth = Math.max(widest.depth, row.node.depth);
    widest.text = Math.max(widest.text, 2 * row.node.depth + textWidth(row.text.slice(0, MEASURED)));
  }
  return widest;
}

export function graphView(outline: GraphOutline, { state, progress }: BadgeSources): GraphView {
  const breakpoints = new Map<StepId, "on" | "off">();
  const endBreakpoints = new Map<StepId, "on" | "off">();
  const put = ({ bound, enabled }: Breakpoint, program: Program): void => {
    // One on any step of a kind marks none.
    for (const id of bound.kind === "spread" ? [] : stopsOf({ bound })) {
      const stop = program.stops[id];
      if (stop === undefined) continue;
      const table = stop.kind === "end" ? endBreakpoints : breakpoints;
      if (enabled || !table.has(stop.step)) table.set(stop.step, enabled ? "on" : "off");
    }
  };
  if ("execution" in state.phase) {
    for (const breakpoint of state.breakpoints) put(breakpoint, state.phase.execution.program);
  }
  return { outline, runnable: runnableSteps(state, progress, outline.graph), breakpoints, endBreakpoints };
}

/** How a row is drawn now. */
export function graphRow(row: GraphOutlineRow, view: GraphView, badgeSources: BadgeSources): GraphPaneRow {
  if (row.kind === "stage")
    return { ...EMPTY, stage: row.stage, notes: [{ kind: "words", text: `(${row.why})` }] };
  const { step, depth } = row.node;
  const { mark, right, current, live } = badgeOf(step, badgeSources);
  return {
    stage: row.stage,
    depth,
    mark,
    current,
    live,
    text: row.text,
    notes: notesOf(row, step, view),
    // The words of the steps that are looked for; the others have their marks.
    right: mark === "running" || mark === "failed" ? right : "",
  };
}

const EMPTY: GraphPaneRow = {
  stage: "",
  depth: 0,
  mark: undefined,
  current: false,
  text: "",
  notes: [],
  right: "",
};

function notesOf({ feeds }: { readonly feeds: string }, { id }: Step, view: GraphView): readonly GraphNote[] {
  const notes: GraphNote[] = [];
  const breakpoint = view.breakpoints.get(id);
  const atEnd = view.endBreakpoints.get(id);
  if (feeds !== "") notes.push({ kind: "feeds", text: feeds });
  if (view.runnable.has(id)) {
    const text = feeds === "" ? "(can run now, in parallel)" : "(can run now)";
    notes.push({ kind: "words", text });
  }
  if (breakpoint !== undefined) notes.push({ kind: "breakpoint", is: breakpoint, text: "breakpoint" });
  if (atEnd !== undefined) notes.push({ kind: "breakpoint", is: atEnd, text: "end of stage" });
  return notes;
}

/** For searching: what a row says of its own. */
export function graphRowText(row: GraphOutlineRow): string {
  return row.kind === "stage" ? `${row.stage} ${row.why}` : `${row.stage} ${row.text} ${row.feeds}`;
}

/** For the rule above the pane: "9 steps · 3 stages · 1 runnable". */
export function graphSummary({ outline, runnable }: GraphView): string {
  const parts = [count(outline.rowOfStep.size, "step"), count(outline.built, "stage")];
  if (outline.unbuilt > 0) parts.push(`${outline.unbuilt} not built`);
  if (runnable.size > 0) parts.push(`${runnable.size} runnable`);
  return parts.join(" · ");
}

/** The line of the source that a row is about. */
export function lineOfGraphRow(row: GraphOutlineRow): Line {
  return row.kind === "stage" ? row.line : row.node.step.start;
}
