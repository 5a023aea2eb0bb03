/** Where a build stands and why, in words that all front ends share. Untrusted text: the front end makes it harmless. */
import { ruleText } from "../../debugger/breakpoints/break-order.ts";
import { stoppedWords } from "../../debugger/breakpoints/break-spec.ts";
import { stopsWhen } from "../../debugger/breakpoints/triggers.ts";
import type { DebugState, PauseReason, Phase } from "../../debugger/debugger.ts";
import { elsewhereWords, lineName } from "../../debugger/state/line-steps.ts";
import { isInThePast, livePhase } from "../../debugger/state/live.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Program, Step, Stop } from "../../graph/program.ts";

/** Other content is on disk than the build was read from. */
export const FILE_CHANGED = "file changed";

export const FINISHED = "finished: the target is built";
export const UNMADE = "the target is built, but its outputs could not be made";

type Paused = Extract<Phase, { kind: "paused" }>;

/** "step 6/9". */
export function numberOf(step: Pick<Step, "id">, program: Program): string {
  return `step ${step.id + 1}/${program.steps.length}`;
}

/** "line 13", "line 13.2 (ONBUILD in line 7)". */
export function stepPlace(step: Step, program: Program): string {
  const elsewhere = elsewhereWords(step);
  return `line ${lineName(program, step)}${elsewhere === "" ? "" : ` (${elsewhere})`}`;
}

/**
 * "before step 6/9 · line 11: RUN npm run build (breakpoint at line 11)", "at the end of stage app · line 12 (step)"; of an
 * earlier stop "at step 3/9 · line 5: RUN npm ci (back from step 7, which failed)".
 */
export function stopWords(phase: Paused, state: DebugState): string {
  const { execution, at, reason } = phase;
  const { program } = execution;
  const stop = program.stops[at];
  const place = stop === undefined ? undefined : placeWords(program, stop, isInThePast(phase));
  return place === undefined
    ? "at a place that the program does not have"
    : `${place} (${[reasonWords(reason, state), liveWords(phase)].filter(Boolean).join(", ")})`;
}

function placeWords(program: Program, stop: Stop, isPast: boolean): string | undefined {
  if (stop.kind === "end") return `at the end of stage ${stop.stage} · line ${stop.line}`;
  const step = program.steps[stop.step];
  const where = isPast ? "at" : "before";
  return step && `${where} ${numberOf(step, program)} · ${stepPlace(step, program)}: ${step.text}`;
}

/** Of an earlier stop where the build really is: "back from step 7, which failed"; else "". */
function liveWords(phase: Paused): string {
  return isInThePast(phase) ? `back from ${livePlaceWords(phase)}` : "";
}

/** "step 7, which failed", "step 7", "the end of stage app", "the end". */
export function livePlaceWords(phase: Paused): string {
  const live = livePhase(phase);
  if (live.kind !== "paused") return "the end";
  const stop = live.execution.program.stops[live.at];
  if (stop === undefined) return "the end";
  if (stop.kind === "end") return `the end of stage ${stop.stage}`;
  return `step ${stop.step + 1}${live.reason.kind === "exception" ? ", which failed" : ""}`;
}

/** "step", "cancelled", "breakpoint at line 11"; "" where the position was moved. */
function reasonWords(reason: PauseReason, { breakpoints }: DebugState): string {
  if (reason.kind === "travel") return "";
  if (reason.kind !== "breakpoint") return reason.kind;
  const breakpoint = breakpoints.find(({ id }) => id === reason.id);
  const words =
    breakpoint === undefined ? "breakpoint" : stoppedWords(breakpoint.spec, stopsWhen(breakpoint));
  const rule = breakpoint?.rule === undefined ? words : `${words}, ${ruleText(breakpoint.rule)}`;
  return reason.problem === undefined ? rule : `${rule}: it could not be decided, ${reason.problem}`;
}

/** "step 7/8 failed: exit code 2". */
export function failedWords(failure: SolveFailed, step: Step, program: Program): string {
  return `${numberOf(step, program)} failed: ${exitWords(failure) ?? failure.message}`;
}

/** "not stopped at: catch is none"; undefined for a failure that is stopped at. */
export function uncaughtWords(reason: PauseReason): string | undefined {
  return reason.kind === "exception" && reason.uncaught !== undefined
    ? `not stopped at: ${reason.uncaught.why}`
    : undefined;
}

/** Where a small place has room: "exit code 2", "error". */
export function failureReason(failure: SolveFailed): string {
  return exitWords(failure) ?? "error";
}

/** Undefined: it is no command that ended. */
function exitWords({ exitCode }: SolveFailed): string | undefined {
  return exitCode === undefined ? undefined : `exit code ${exitCode}`;
}
