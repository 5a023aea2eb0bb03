/** Why a breakpoint does not stop, or where it will, in a sentence or two and with what helps. Untrusted text. */
import { count } from "../../base/words.ts";
import type { Breakpoint, Decision } from "../../debugger/breakpoint.ts";
import { ruleText } from "../../debugger/breakpoints/break-order.ts";
import { dataWords, placeWords, stoppedWords, whenOf } from "../../debugger/breakpoints/break-spec.ts";
import { breakpointsMet, stopsWhen, triggersOf } from "../../debugger/breakpoints/triggers.ts";
import type { DebugState, Execution } from "../../debugger/debugger.ts";
import { executionOf } from "../../debugger/state/inspect.ts";
import { isDone, stopAt } from "../../debugger/state/reached.ts";
import type { StopId } from "../../graph/program.ts";
import { boundWords } from "./breakpoint-words.ts";

/** Which one is meant where none is named: the last that cannot stop anywhere as it is, else the last one. */
export function doubtfulBreakpoint({ breakpoints }: Pick<DebugState, "breakpoints">): Breakpoint | undefined {
  return (
    breakpoints.findLast(({ enabled, bound }) => !enabled || bound.kind === "lost") ?? breakpoints.at(-1)
  );
}

/** Sentences, most important first. */
export function whyWords(breakpoint: Breakpoint, state: DebugState): readonly string[] {
  const { id, enabled, bound, spec } = breakpoint;
  const execution = executionOf(state);
  if (!enabled) return [`Breakpoint ${id} is switched off: on ${id} switches it on.`];
  if (bound.kind === "pending" || execution === undefined) return [pendingWords(state)];
  const moved = boundWords(breakpoint, execution.program);
  if (bound.kind === "lost")
    return [
      `${capital(moved ?? placeWords(spec))}.`,
      `Set it elsewhere (break PLACE), build the stage that it is in (target STAGE), or delete it (delete ${id}).`,
    ];
  return [
    ...(moved === undefined ? [] : [`${capital(moved)}.`]),
    ...standingWords(breakpoint, state, execution),
    ...behindWords(breakpoint),
  ];
}

function pendingWords({ phase }: DebugState): string {
  switch (phase.kind) {
    case "broken":
      return "The file was refused, so nothing can be stopped at: it is looked for again when a rerun has loaded it.";
    case "lost":
      return "The engine is gone: it is looked for again with the build, after reconnect.";
    default:
      return "Nothing is loaded yet: it is looked for when the file is.";
  }
}

function standingWords(
  breakpoint: Breakpoint,
  { phase }: DebugState,
  execution: Execution,
): readonly string[] {
  if (phase.kind === "paused" && breakpointsMet([breakpoint], execution, phase.at).length > 0)
    return [
      `The build stands at it: ${stoppedWords(breakpoint.spec, stopsWhen(breakpoint))}.`,
      ...seenThere(breakpoint, phase.at),
    ];
  const triggers = triggersOf(execution.program, breakpoint);
  const { passedUntil } = breakpoint;
  if (passedUntil !== undefined && triggers.every(({ at }) => at < passedUntil))
    return [
      `The rerun goes on to where you stood, past what it had stopped at before: restart stops there again.`,
    ];
  const open = triggers.filter(({ at, step }) => !isDone(execution, step) && !breakpoint.decisions?.has(at));
  const next = open[0];
  const seen = lastSeen(breakpoint, execution);
  if (next !== undefined) return [...seen, `It is asked next ${stopWords(execution, next.at)}.`];
  if (breakpoint.hits > 0)
    return [
      ...seen,
      `It was hit ${count(breakpoint.hits, "time")} in this attempt, and nothing that it is at is left to run.`,
    ];
  if (seen.length > 0)
    return [...seen, "Nothing that it is at is left to run in this attempt: rerun asks it again."];
  return ["What it is at has run already in this attempt: rerun stops there."];
}

/** What its rule came to where it was asked last. */
function lastSeen(breakpoint: Breakpoint, execution: Execution): readonly string[] {
  const last = [...(breakpoint.decisions ?? [])].at(-1);
  if (last === undefined) return [];
  const [at, decision] = last;
  const place = stopWords(execution, at);
  return [`${decisionWords(breakpoint, decision)} ${place}${seenWords(decision)}.`];
}

function decisionWords({ rule, spec }: Breakpoint, { stops, problem }: Decision): string {
  if (problem !== undefined) return "It could not be decided";
  if (stops) return "It stopped";
  if (rule?.log !== undefined) return "As a log point it never stops, and was passed";
  if (rule !== undefined) return `Its rule (${ruleText(rule)}) did not let it stop`;
  return spec.kind === "data" ? `No step had ${dataWords(spec)} yet, as of` : "It did not stop";
}

function seenWords({ seen, problem }: Decision): string {
  const words = problem ?? seen;
  return words === "" ? "" : `: ${words}`;
}

function seenThere({ decisions }: Breakpoint, at: StopId): readonly string[] {
  const decision = decisions?.get(at);
  const words = decision?.problem ?? decision?.seen ?? "";
  return words === "" ? [] : [`${capital(words)}.`];
}

/** "before line 11", "at the end of stage app". */
function stopWords({ program }: Execution, at: StopId): string {
  const stop = stopAt(program, at);
  return stop.kind === "end" ? `at the end of stage ${stop.stage}` : `before line ${stop.line}`;
}

function behindWords(breakpoint: Breakpoint): readonly string[] {
  return isBehindByRule(breakpoint) ? [BEHIND] : [];
}

/** It was not asked to stop behind its step, and has to. */
export function isBehindByRule(breakpoint: Breakpoint): boolean {
  return whenOf(breakpoint.spec) === "before" && stopsWhen(breakpoint) !== "before";
}

/** Said where a breakpoint is set that can only be decided when its step has run. */
export const BEHIND = "What it asks for is known when the step has run: it stops behind the step.";

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
