/** The source pane's document: text, rows and what stands in the gutter. */
import type { Breakpoint } from "../../debugger/debugger.ts";
import { refusalAtLine } from "../../debugger/explain/refused-words.ts";
import { runningSteps } from "../../debugger/view.ts";
import type { FrontendFailed } from "../../engine/engine.ts";
import { type Line, lineOf } from "../../graph/graph.ts";
import type { Program, Stage, Step, StepId, Stop } from "../../graph/program.ts";
import {
  type SourceLayout,
  type SourceMessage,
  type SourceRow,
  sourceLayout,
} from "../panes/source-layout.ts";
import type { SourceRowInfo } from "../panes/source-pane.ts";
import { type SourceText, sourceText } from "../panes/syntax.ts";
import { type Standings, standingOf } from "./standing.ts";

/** Built once per program (or per text on disk, before there is one). */
export interface SourceDocument {
  readonly program: Program | undefined;
  readonly text: SourceText;
  readonly layout: SourceLayout;
  readonly stepByLine: ReadonlyMap<number, StepId>;
  readonly endStopByStage: ReadonlyMap<string, Stop>;
}

export function documentOfProgram(program: Program): SourceDocument {
  const text = sourceText(program.text);
  const ends = program.stops.flatMap((stop) =>
    stop.kind === "end" ? [{ stage: stop.stage, after: endLine(program, stop, text.lines) }] : [],
  );
  return {
    program,
    text,
    layout: sourceLayout(text.lines.length, ends),
    stepByLine: stepsByLine(program),
    endStopByStage: new Map(
      program.stops.flatMap((stop) => (stop.kind === "end" ? [[stop.stage, stop] as const] : [])),
    ),
  };
}

/** A file that is not (or could not be) loaded, with what was found wrong with it. */
export function documentOfText(textOnDisk: string, error: FrontendFailed | undefined): SourceDocument {
  const text = sourceText(textOnDisk);
  return {
    program: undefined,
    text,
    layout: sourceLayout(
      text.lines.length,
      [],
      error === undefined ? [] : messagesOf(error, textOnDisk, text.lines.length),
    ),
    stepByLine: new Map(),
    endStopByStage: new Map(),
  };
}

/** Where the frontend's message belongs: its first place, else the first line. */
function messagesOf(error: FrontendFailed, text: string, lines: number): readonly SourceMessage[] {
  const line = lineOf(Math.min(Math.max(1, error.ranges[0]?.start ?? 1), Math.max(1, lines)));
  return [{ line, text: refusalAtLine(error, text), column: undefined }];
}

/** Below the last line of the stage that says anything. */
function endLine(program: Program, stop: Stop, lines: readonly string[]): Line {
  const stage: Stage | undefined = program.stages.find(({ name }) => name === stop.stage);
  const lowest = program.steps[stop.step]?.end ?? stop.line;
  let line: number = Math.min(stage?.end ?? lowest, lines.length);
  while (line > lowest && /^\s*(#.*)?$/.test(lines[line - 1] ?? "")) line -= 1;
  return lineOf(Math.max(line, lowest));
}

function stepsByLine(program: Program): Map<number, StepId> {
  const found = new Map<number, StepId>();
  const put = (line: number, step: Step): void => {
    if (!found.has(line)) found.set(line, step.id);
  };
  for (const step of program.steps) {
    for (let line: number = step.start; line <= step.end; line += 1) put(line, step);
  }
  for (const step of program.steps) for (const line of step.alsoAt) put(line, step);
  return found;
}

/** The row of a stop. */
export function rowOfStop(document: SourceDocument, stop: Stop): number {
  if (stop.kind === "end")
    return document.layout.indexOfEnd(stop.stage) ?? document.layout.indexOfLine(stop.line);
  return document.layout.indexOfLine(stop.line);
}

/** The step that a row belongs to: its instruction's lines, or the last step of the stage that ends there. */
export function stepOfRow(document: SourceDocument, row: SourceRow | undefined): Step | undefined {
  if (row === undefined || document.program === undefined) return undefined;
  const id =
    row.kind === "end" ? document.endStopByStage.get(row.stage)?.step : document.stepByLine.get(row.line);
  return id === undefined ? undefined : document.program.steps[id];
}

/** Row of the position of the build: the first step under way, else where it is stopped; undefined when at neither. */
export function currentRow(document: SourceDocument, standings: Standings | undefined): number | undefined {
  const { program } = document;
  const phase = standings?.state.phase;
  if (standings === undefined || phase === undefined || program === undefined) return undefined;
  if (phase.kind !== "paused" && phase.kind !== "running") return undefined;
  if (phase.session.program !== program) return undefined;
  const [running] = phase.kind === "running" ? runningSteps(program, standings.progress) : [];
  if (running !== undefined) return document.layout.indexOfLine(running.start);
  const stop = program.stops[phase.kind === "paused" ? phase.at : phase.from];
  return stop === undefined ? undefined : rowOfStop(document, stop);
}

/** What stands beside a row. */
export function rowInfo(
  document: SourceDocument,
  row: SourceRow,
  standings: Standings | undefined,
  warnedLines: ReadonlySet<number>,
): SourceRowInfo | undefined {
  if (row.kind === "message") return undefined;
  const breakpoint =
    standings === undefined ? "none" : breakpointAt(document, row, standings.state.breakpoints);
  if (row.kind === "end") return { breakpoint, mark: undefined, right: "", warning: false };
  const step = stepOfRow(document, row);
  const warning = warnedLines.has(row.line);
  if (step === undefined || standings === undefined || !isFirstLine(step, row.line)) {
    return { breakpoint, mark: undefined, right: "", warning };
  }
  const { mark, right } = standingOf(step, standings);
  // Nothing has run and nothing is stopped here: the mock-ups leave the gutter quiet.
  const shown = mark === "waiting" && right === "" ? undefined : mark;
  return { breakpoint, mark: shown, right, warning };
}

function isFirstLine(step: Step, line: Line): boolean {
  return step.start === line || step.alsoAt.includes(line);
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
    const stop = document.program?.stops[bound.stop];
    if (stop?.kind === "end") return row.kind === "end" && row.stage === stop.stage;
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
