/** Outcomes in words for a plain stream. Every function answers harmless lines. */
import type { BktuiError } from "../base/errors.ts";
import { sourceStack } from "../base/source-stack.ts";
import { visibleLine, visibleText } from "../base/visible.ts";
import { roundTime } from "../base/words.ts";
import { WAIT_LONGER } from "../console/engine-silence.ts";
import type { BuildEvent } from "../console/phrases/build-events.ts";
import { remedyWords } from "../console/phrases/remedy-words.ts";
import { failedWords, stepPlace, stopWords, uncaughtWords } from "../console/phrases/stop-words.ts";
import { ofPlatform } from "../console/phrases/thread-words.ts";
import type { DebugState, Phase } from "../debugger/debugger.ts";
import { errorBlocks } from "../debugger/explain/error-words.ts";
import type { Explanation } from "../debugger/explain/explanation.ts";
import { refusingWarnings } from "../debugger/explain/lint-words.ts";
import { warningLines } from "../debugger/explain/warning-words.ts";
import type { ProgressStore, Warning } from "../debugger/progress/progress-store.ts";
import { writtenAt } from "../debugger/state/line-steps.ts";
import type { SolveFailed } from "../engine/failures.ts";
import { type Line, lineOf } from "../graph/graph.ts";
import { linkedAt, ownText } from "../graph/linked-parts.ts";
import type { Program, Step } from "../graph/program.ts";
import { plainLogLine } from "./plain-progress.ts";

const LOG_LINES = 10;
const LINES_AROUND = 2;
const DEFECT = "  this is a defect of bktui; --debug shows more";
const RULE = "--------------------";

type Paused = Extract<Phase, { kind: "paused" }>;

/**
 * Where a run stopped and why: the step's last log lines, the place in the Dockerfile, the explanation.
 * @param explanation undefined = not looked for
 */
export function reportPause(
  phase: Paused,
  state: DebugState,
  progress: ProgressStore,
  explanation?: Explanation,
): readonly string[] {
  const { execution, at, reason } = phase;
  const { program } = execution;
  const stop = program.stops[at];
  const step = stop === undefined ? undefined : program.steps[stop.step];
  if (stop === undefined || step === undefined) return ["stopped at a place that the program does not have"];
  const uncaught = uncaughtWords(reason);
  return reason.kind === "exception"
    ? [
        ...reportFailure(reason.failure, { state, program, step }, progress, explanation),
        ...(uncaught === undefined ? [] : [visibleLine(uncaught)]),
      ]
    : [visibleLine(ofPlatform(state, `stopped ${stopWords(phase, state)}`))];
}

function reportFailure(
  failure: SolveFailed,
  { state, program, step }: { readonly state: DebugState; readonly program: Program; readonly step: Step },
  progress: ProgressStore,
  explanation: Explanation | undefined,
): readonly string[] {
  const headline = ofPlatform(state, explanation?.headline ?? failedWords(failure, step, program));
  return [
    ...lastLogLines(failure, step, progress),
    ...stepExcerpt(program, step),
    ...triggerExcerpt(step, program),
    `${visibleLine(headline)} · ${placeInFile(program, step)}: ${visibleLine(step.text)}`,
    ...(explanation === undefined ? [] : reportReasons(explanation)),
  ];
}

/** With the lines as its own file counts them. */
function stepExcerpt(program: Program, { start, end }: Step): readonly string[] {
  const part = linkedAt(program, start);
  const text = part === undefined ? undefined : program.graph.sources[part.source]?.text;
  if (part === undefined || text === undefined)
    return excerpt(ownText(program), program.filename, start, end);
  const name = `target ${part.target}, ${part.filename}`;
  return excerpt(text, name, lineOf(start - part.before), lineOf(end - part.before));
}

/** By the lines of its own file: nobody sees the joined text here. */
function placeInFile(program: Program, step: Step): string {
  const part = linkedAt(program, step.start);
  if (part === undefined) return stepPlace(step, program);
  return visibleLine(`line ${step.start - part.before} of target ${part.target}`);
}

/** The lines of a trigger that stands in this file; the FROM that brought it says nothing of it. */
function triggerExcerpt(step: Step, { text, filename }: Program): readonly string[] {
  const { start, end } = writtenAt(step);
  return start === step.start ? [] : excerpt(text, filename, start, end);
}

/** What stands below the headline: why, what else failed, and what helps at the next start. */
function reportReasons({ why, also, cancelled, next }: Explanation): readonly string[] {
  return [
    ...why,
    ...also.map(({ headline }) => `in parallel, ${headline}`),
    ...(cancelled === undefined ? [] : [cancelled]),
    ...next.flatMap((step) =>
      step.kind === "option" || step.kind === "program" ? [`${step.text}  ${step.label}`] : [],
    ),
  ].map((line) => `  ${visibleLine(line)}`);
}

/** A build that could not begin or go on. */
export function reportExplained(
  explanation: Explanation,
  error: BktuiError,
  { debug }: { readonly debug: boolean },
): readonly string[] {
  const causes = debug ? causesOf(error) : [];
  return [
    `bktui: ${visibleLine(explanation.headline)}`,
    ...reportReasons(explanation),
    ...(error.code === "internal" && !debug ? [DEFECT] : []),
    ...causes.flatMap((line) => line.split("\n")).map(visibleText),
  ];
}

function lastLogLines(failure: SolveFailed, step: Step, progress: ProgressStore): readonly string[] {
  const digest = failure.vertex ?? step.vertex;
  const log = progress.logOf(digest);
  if (log.end === log.first) return [];
  const vertex = progress.vertex(digest);
  const lines: string[] = [RULE, ` > ${visibleLine(vertex?.name ?? step.text)}:`];
  for (let index = Math.max(log.first, log.end - LOG_LINES); index < log.end; index++) {
    const line = log.line(index);
    if (line !== undefined) lines.push(plainLogLine(line, { startedMs: vertex?.startedMs }));
  }
  return lines;
}

/** Lines of a file around a place, the place marked with `>>>`. */
export function excerpt(text: string, filename: string, start: Line, end: Line): readonly string[] {
  const all = text.replace(/^\ufeff|\r?\n$/g, "").split(/\r?\n/);
  const first = Math.max(1, start - LINES_AROUND);
  const last = Math.min(all.length, end + LINES_AROUND);
  const rows = all.slice(first - 1, last).map((line, index) => {
    const number = first + index;
    const mark = number >= start && number <= end ? ">>>" : "   ";
    return `${String(number).padStart(4)} | ${mark} ${visibleText(line)}`.trimEnd();
  });
  return [`${visibleLine(filename)}:${start}`, RULE, ...rows, RULE];
}

/** An error as the command line shows it: message, what to do next, and with `debug` causes and stack. */
export function reportError(error: BktuiError, options: { readonly debug: boolean }): readonly string[] {
  const lines = [`bktui: ${error.message}`];
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  if (error.code === "internal" && !options.debug) lines.push(DEFECT);
  if (options.debug) lines.push(...causesOf(error));
  return lines.flatMap((line) => line.split("\n")).map(visibleText);
}

/** `error`; with `debug` also who threw it. */
export function wholeError(
  error: BktuiError,
  known: { readonly explanation: Explanation | undefined; readonly warnings: readonly Warning[] },
  { debug }: { readonly debug: boolean },
): readonly string[] {
  const stacks = debug ? causesOf(error).flatMap((stack) => stack.split("\n")) : [];
  return [...errorBlocks(error, { ...known, remedyWords }).flat(), ...stacks].map(visibleText);
}

function causesOf(error: Error): readonly string[] {
  const lines: string[] = [];
  for (let cause: unknown = error; cause !== undefined && lines.length < 20; ) {
    lines.push(cause instanceof Error ? sourceStack(cause.stack ?? cause.message) : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/**
 * An engine that does not answer. `help`: what can be done meanwhile, e.g. "Ctrl-C ends the build".
 * @param patienceMs 0 = for ever; undefined = somebody is there who decides how long to wait
 */
export function silenceReport(
  { words }: BuildEvent,
  help: string,
  patienceMs: number | undefined,
): readonly string[] {
  return [
    visibleLine(words),
    `  it is waited for, and what runs may go on; ${help}`,
    ...patienceLines(patienceMs),
  ];
}

function patienceLines(patienceMs: number | undefined): readonly string[] {
  if (patienceMs === undefined) return [];
  if (patienceMs === 0) return ["  bktui does not give up (--engine-patience=0)"];
  return [`  bktui gives up after ${roundTime(patienceMs)}; ${WAIT_LONGER}`];
}

/** Warnings with what their rules ask for, e.g. `warning: FromAsCasing: … (line 2)`. */
export function warningReport(warnings: readonly Warning[]): readonly string[] {
  return warningLines(warnings).map((line) =>
    line.startsWith("  ") ? `  ${visibleLine(line)}` : visibleLine(line),
  );
}

/** All but those that a refusal tells of by itself. */
export function warningsBeside(phase: Phase, { warnings }: ProgressStore): readonly Warning[] {
  const refusing = phase.kind === "broken" ? refusingWarnings(phase.error, warnings) : [];
  return warnings.filter((warning) => !refusing.includes(warning));
}
