/** The source pane's document: text, rows and what stands in the gutter. */

import type { Breakpoint } from "../../../debugger/breakpoint.ts";
import { stopsOf } from "../../../debugger/breakpoints/triggers.ts";
import { refusingWarnings } from "../../../debugger/explain/lint-words.ts";
import { refusalAtLine, refusedLines } from "../../../debugger/explain/refused-words.ts";
import type { Warning } from "../../../debugger/progress/progress-store.ts";
import { runningSteps } from "../../../debugger/state/inspect.ts";
import { stepOfLine } from "../../../debugger/state/line-steps.ts";
import { isInThePast, liveStop } from "../../../debugger/state/live.ts";
import type { FrontendFailed } from "../../../engine/failures.ts";
import { type Line, lineOf } from "../../../graph/graph.ts";
import { isDockerfile } from "../../../graph/language.ts";
import type { Program, Stage, Step, StepId, Stop } from "../../../graph/program.ts";
import { placeAt, stepsAt } from "../../../graph/source-map.ts";
import type { UiState } from "../../state/ui-state.ts";
import { type BadgeSources, badgeOfLine } from "../step-badge.ts";
import { type SourceLayout, type SourceMessage, type SourceRow, sourceLayout } from "./source-layout.ts";
import type { SourceRowInfo } from "./source-pane.ts";
import { type SourceText, sourceText } from "./syntax.ts";

/** Built once per program (or per text on disk, before there is one). */
export interface SourceDocument {
  readonly program: Program | undefined;
  readonly text: SourceText;
  readonly layout: SourceLayout;
  readonly endStopByStage: ReadonlyMap<string, Stop>;
  /** Lines of instructions that the frontend or its lint refused. */
  readonly refused: readonly Pick<Step, "start" | "end">[];
  /** What "next step" and "previous step" go through. */
  readonly places: readonly StepPlace[];
}

/** A row that something stands at; `step` undefined: the end of a stage. */
export interface StepPlace {
  readonly row: number;
  readonly step: StepId | undefined;
}

export function documentOfProgram(program: Program): SourceDocument {
  const text = sourceText(program.text, program.form === "dockerfile");
  const ends = program.stops.flatMap((stop) =>
    stop.kind === "end" ? [{ stage: stop.stage, after: endLine(program, stop, text.lines) }] : [],
  );
  const layout = sourceLayout(text.lines.length, ends);
  return {
    program,
    text,
    layout,
    refused: [],
    places: placesOf(program, layout),
    endStopByStage: new Map(
      program.stops.flatMap((stop) => (stop.kind === "end" ? [[stop.stage, stop] as const] : [])),
    ),
  };
}

/** A file that is not (or could not be) loaded, with what was found wrong with it. */
export function documentOfText(
  textOnDisk: string,
  error: FrontendFailed | undefined,
  warnings: readonly Warning[] = [],
): SourceDocument {
  const text = sourceText(textOnDisk, isDockerfile(textOnDisk));
  return {
    program: undefined,
    text,
    layout: sourceLayout(
      text.lines.length,
      [],
      error === undefined ? [] : messagesOf(error, textOnDisk, { lines: text.lines.length, warnings }),
    ),
    refused: error === undefined ? [] : refusedIn(error, textOnDisk, warnings),
    places: [],
    endStopByStage: new Map(),
  };
}

function refusedIn(
  error: FrontendFailed,
  text: string,
  warnings: readonly Warning[],
): SourceDocument["refused"] {
  const refusing = refusingWarnings(error, warnings);
  return (refusing.length > 0 ? refusing : [error]).flatMap((each) => refusedLines(each, text) ?? []);
}

/** Where the frontend's message belongs: its first place, else the first line; for what the lint refuses each place. */
function messagesOf(
  error: FrontendFailed,
  text: string,
  { lines, warnings }: { readonly lines: number; readonly warnings: readonly Warning[] },
): readonly SourceMessage[] {
  const inFile = (start = 1): Line => lineOf(Math.min(Math.max(1, start), Math.max(1, lines)));
  const refusing = refusingWarnings(error, warnings);
  if (refusing.length > 0)
    return refusing.map((each) => ({
      line: inFile(each.ranges[0]?.start),
      text: each.text,
      column: undefined,
    }));
  return [{ line: inFile(error.ranges[0]?.start), text: refusalAtLine(error, text), column: undefined }];
}

/** Below the last line of the stage that says anything. */
function endLine(program: Program, stop: Stop, lines: readonly string[]): Line {
  const stage: Stage | undefined = program.stages.find(({ name }) => name === stop.stage);
  const lowest = program.steps[stop.step]?.end ?? stop.line;
  let line: number = Math.min(stage?.end ?? lowest, lines.length);
  while (line > lowest && /^\s*(#.*)?$/.test(lines[line - 1] ?? "")) line -= 1;
  return lineOf(Math.max(line, lowest));
}

/** In the order of the rows; the steps of one row in reading order. */
function placesOf(program: Program, layout: SourceLayout): readonly StepPlace[] {
  const steps = program.steps.flatMap((step): StepPlace[] =>
    [step, ...step.alsoAt].map(({ start }) => ({ row: layout.indexOfLine(start), step: step.id })),
  );
  const ends = program.stops.flatMap((stop): StepPlace[] =>
    stop.kind === "end" ? [{ row: layout.indexOfEnd(stop.stage) ?? 0, step: undefined }] : [],
  );
  return [...steps, ...ends].sort((a, b) => a.row - b.row);
}

/** The row of a stop. */
export function rowOfStop(document: SourceDocument, stop: Stop): number {
  if (stop.kind === "end")
    return document.layout.indexOfEnd(stop.stage) ?? document.layout.indexOfLine(stop.line);
  return document.layout.indexOfLine(stop.line);
}

/**
 * The step that a row belongs to: that which is meant among those of its line (`stepOfLine`), or the last one of the stage
 * that ends there.
 */
export function stepOfRow(
  { program, endStopByStage }: SourceDocument,
  row: SourceRow | undefined,
  badgeSources: BadgeSources,
  chosen?: StepId,
): Step | undefined {
  if (row === undefined || program === undefined) return undefined;
  if (row.kind !== "end") return stepOfLine(program, row.line, badgeSources, chosen);
  const stop = endStopByStage.get(row.stage);
  return stop === undefined ? undefined : program.steps[stop.step];
}

/** The step at the cursor of the source pane. */
export function stepOfCursor(
  { source, chosenStep }: Pick<UiState, "source" | "chosenStep">,
  document: SourceDocument,
  badgeSources: BadgeSources,
): Step | undefined {
  return stepOfRow(document, document.layout.rowAt(source.cursor), badgeSources, chosenStep);
}

/** Row of the position of the build: the first step under way, else where it is stopped; undefined when at neither. */
export function currentRow(
  document: SourceDocument,
  badgeSources: BadgeSources | undefined,
): number | undefined {
  return currentRows(document, badgeSources)[0];
}

/** The same with the other rows of that step: its twins, and the ONBUILD that it was written as. */
export function currentRows(
  document: SourceDocument,
  badgeSources: BadgeSources | undefined,
): readonly number[] {
  const { program } = document;
  const phase = badgeSources?.state.phase;
  if (badgeSources === undefined || phase === undefined || program === undefined) return [];
  if (phase.kind !== "paused" && phase.kind !== "running") return [];
  if (phase.execution.program !== program) return [];
  const [running] = phase.kind === "running" ? runningSteps(program, badgeSources.progress) : [];
  if (running !== undefined) return rowsOfStep(running, document);
  return rowsOfPlace(program.stops[phase.kind === "paused" ? phase.at : phase.from], program, document);
}

/** Rows of where the build really is, while an earlier stop is stood at. */
export function liveRows(
  document: SourceDocument,
  badgeSources: BadgeSources | undefined,
): readonly number[] {
  const { program } = document;
  const phase = badgeSources?.state.phase;
  if (phase === undefined || program === undefined || !isInThePast(phase)) return [];
  if (!("execution" in phase) || phase.execution.program !== program) return [];
  const at = liveStop(phase);
  return at === undefined ? [] : rowsOfPlace(program.stops[at], program, document);
}

function rowsOfPlace(
  stop: Stop | undefined,
  { steps }: Program,
  document: SourceDocument,
): readonly number[] {
  if (stop?.kind === "end") return [rowOfStop(document, stop)];
  const step = stop === undefined ? undefined : steps[stop.step];
  return step === undefined ? [] : rowsOfStep(step, document);
}

function rowsOfStep(step: Step, { layout }: SourceDocument): readonly number[] {
  return [step, ...step.alsoAt].map(({ start }) => layout.indexOfLine(start));
}

/** What stands beside a row. `chosen`: the selected step, at the row of the cursor. */
export function rowInfo(
  document: SourceDocument,
  row: SourceRow,
  {
    badgeSources,
    warnedLines,
    chosen,
  }: {
    readonly badgeSources: BadgeSources | undefined;
    readonly warnedLines: ReadonlySet<number>;
    readonly chosen: StepId | undefined;
  },
): SourceRowInfo | undefined {
  if (row.kind === "message") return undefined;
  const breakpoint =
    badgeSources === undefined ? "none" : breakpointAt(document, row, badgeSources.state.breakpoints);
  if (row.kind === "end") return { breakpoint, mark: undefined, right: "", warning: false };
  const { program, refused } = document;
  const warning = warnedLines.has(row.line);
  if (refused.some(({ start, end }) => start <= row.line && row.line <= end))
    return { breakpoint, mark: "failed", right: "", warning };
  const steps =
    program === undefined
      ? []
      : stepsAt(program, row.line).filter((each) => placeAt(each, row.line).start === row.line);
  const step = badgeSources === undefined ? undefined : stepOfRow(document, row, badgeSources, chosen);
  if (step === undefined || badgeSources === undefined || !steps.includes(step)) {
    return { breakpoint, mark: undefined, right: "", warning };
  }
  const { mark, right } = badgeOfLine(steps, step, badgeSources, { isChosen: chosen !== undefined });
  // Nothing has run and nothing is stopped here: the mock-ups leave the gutter quiet.
  const shown = mark === "waiting" && right === "" ? undefined : mark;
  return { breakpoint, mark: shown, right, warning };
}

function breakpointAt(
  document: SourceDocument,
  row: Exclude<SourceRow, { kind: "message" }>,
  breakpoints: readonly Breakpoint[],
): SourceRowInfo["breakpoint"] {
  const here = breakpoints.filter((breakpoint) => isAt(document, breakpoint, row));
  if (here.length === 0) return "none";
  return here.some(({ enabled }) => enabled) ? "on" : "off";
}

/** Does the breakpoint stop at this row? One on any step of the file marks none; a lost or pending one is where it was asked for. */
export function isAt(
  document: SourceDocument,
  { bound, spec }: Breakpoint,
  row: Exclude<SourceRow, { kind: "message" }>,
): boolean {
  if (bound.kind === "verified" || bound.kind === "moved") {
    const [id] = stopsOf({ bound });
    const stop = id === undefined ? undefined : document.program?.stops[id];
    if (spec.kind === "stage-end" || stop?.kind === "end")
      return row.kind === "end" && row.stage === (stop?.kind === "end" ? stop.stage : "");
    return row.kind === "line" && row.line === bound.line;
  }
  if (bound.kind === "spread") {
    const { program } = document;
    if (spec.kind === "any" || row.kind !== "line") return false;
    return bound.stops.some((id) => program?.stops[id]?.line === row.line);
  }
  if (spec.kind === "stage-end") return row.kind === "end" && row.stage === spec.stage;
  return spec.kind === "line" && row.kind === "line" && row.line === spec.line;
}
