/** Whether what a script expects holds, and what is the case where it does not. */
import { unreachable } from "../../base/errors.ts";
import { type Budget, compilePattern } from "../../base/pattern.ts";
import { visibleLine, visibleText } from "../../base/visible.ts";
import { count } from "../../base/words.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import { failedSteps } from "../../debugger/failures/failures.ts";
import { fileAt, fileContent } from "../../debugger/files/file-content.ts";
import { environmentFacts } from "../../debugger/shells/environment-facts.ts";
import { programOf, stopOf } from "../../debugger/state/inspect.ts";
import type { Step } from "../../graph/program.ts";
import { buildStatusOf } from "../build-status.ts";
import { stopWords } from "../phrases/stop-words.ts";
import type { ShownState } from "../shown-state.ts";
import type { Expectation, Wanted } from "./read-expectation.ts";

/** What expectations are about. */
export interface Expecting {
  readonly debug: Debugger;
  readonly shown: Pick<ShownState, "place" | "step">;
  /** What the last command that is no `expect` has said, with what came of it; harmless lines. */
  readonly output: readonly string[];
  /** Of the last program that was run where the build stands; undefined = none was. */
  readonly exitCode: number | undefined;
}

/** Undefined when it holds, else in words what is the case instead. @throws {BktuiError} when it cannot be told. */
export async function unmet(
  expectation: Expectation,
  expecting: Expecting,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { debug, output } = expecting;
  switch (expectation.kind) {
    case "paused":
    case "failed":
      return notThere(expectation, debug);
    case "finished":
    case "broken":
    case "lost":
      return notIn(expectation.kind, debug);
    case "exit":
      return otherCode(expectation.code, expecting);
    case "step":
    case "breakpoints":
    case "failures":
      return otherNumber(expectation, debug);
    case "output":
      return inLines(expectation, output, "the output");
    case "log": {
      const step = expecting.shown.step(expectation.step);
      return inLines(expectation, logOf(step, debug), `the log of step ${step.id + 1}`);
    }
    case "file":
      return await fileUnmet(expectation, expecting, signal);
    case "env":
      return await variableUnmet(expectation, expecting, signal);
    default:
      return unreachable(expectation);
  }
}

/** It is about a build that has not come to a good end, or about what it failed with. */
export function isEnd({ kind }: Expectation, { exitCode }: Pick<Expecting, "exitCode">): boolean {
  const isOfStep = kind === "exit" && exitCode === undefined;
  return isOfStep || kind === "failed" || kind === "broken" || kind === "lost" || kind === "failures";
}

/** As messages say it. */
export function expectationWords(expectation: Expectation): string {
  const { kind } = expectation;
  const no = "not" in expectation && expectation.not ? "no " : "";
  const step = "step" in expectation && expectation.step !== undefined ? "of the step named, " : "";
  switch (kind) {
    case "paused":
    case "failed": {
      const { line, stage } = expectation;
      return [
        kind,
        ...(line === undefined ? [] : [`line ${line}`]),
        ...(stage === undefined ? [] : [`at the end of stage ${visibleLine(stage)}`]),
      ].join(" ");
    }
    case "finished":
    case "broken":
    case "lost":
      return kind;
    case "exit":
      return `exit code ${expectation.code}`;
    case "step":
      return `step ${expectation.number}`;
    case "breakpoints":
      return count(expectation.number, "breakpoint");
    case "failures":
      return count(expectation.number, "failure");
    case "output":
    case "log":
      return `${no}${kind} ${step}${wantedWords(expectation.wanted)}`;
    case "file": {
      const wanted = expectation.wanted === undefined ? "" : ` with ${wantedWords(expectation.wanted)}`;
      return `${no}file ${step}${visibleLine(expectation.path)}${wanted}`;
    }
    case "env":
      return `${no}variable ${step}${visibleLine(expectation.name)}${expectation.value === undefined ? "" : `=${visibleLine(expectation.value)}`}`;
    default:
      return unreachable(expectation);
  }
}

function wantedWords({ kind, text }: Wanted): string {
  return kind === "pattern" ? `/${visibleLine(text)}/` : `"${visibleLine(text)}"`;
}

type PlaceExpected = Extract<Expectation, { readonly kind: "paused" | "failed" }>;

/** A build that nothing has run of is paused before its first step. */
function notThere({ kind, line, stage }: PlaceExpected, debug: Debugger): string | undefined {
  const { phase } = debug.state;
  if (phase.kind !== "paused") return whereWords(debug);
  const hasFailed = phase.reason.kind === "exception";
  if (hasFailed !== (kind === "failed")) return whereWords(debug);
  const stop = stopOf(debug.state);
  const step = stop === undefined ? undefined : programOf(debug.state)?.steps[stop.step];
  if (stop === undefined || step === undefined) return whereWords(debug);
  if (stage !== undefined && (stop.kind !== "end" || stop.stage !== stage)) return whereWords(debug);
  const places = [step, ...step.alsoAt];
  const isOn = line === undefined || places.some(({ start, end }) => start <= line && line <= end);
  return isOn && (line === undefined || stop.kind !== "end") ? undefined : whereWords(debug);
}

function notIn(kind: "finished" | "broken" | "lost", debug: Debugger): string | undefined {
  const { phase } = debug.state;
  if (phase.kind !== kind) return whereWords(debug);
  if (phase.kind !== "finished" || phase.problem === undefined) return undefined;
  return `the target was built, but its outputs were not made: ${visibleLine(phase.problem.message)}`;
}

/** Where the build stands, e.g. "failed at step 7/8 · line 10". */
function whereWords(debug: Debugger): string {
  const { state } = debug;
  const { phase } = state;
  const status = buildStatusOf(state);
  if (phase.kind === "paused") {
    const word = phase.reason.kind === "exception" ? "failed" : "paused";
    return `${word} ${visibleLine(stopWords(phase, state))}`;
  }
  const why = phase.kind === "broken" || phase.kind === "lost" ? `: ${visibleLine(phase.error.message)}` : "";
  return `the build is ${status}${why}`;
}

function otherCode(code: number, { debug, exitCode }: Expecting): string | undefined {
  const { phase } = debug.state;
  const failed =
    phase.kind === "paused" && phase.reason.kind === "exception" ? phase.reason.failure.exitCode : undefined;
  const is = exitCode ?? failed;
  if (is === code) return undefined;
  if (is === undefined) return "no program has run here, and no step that ran one has failed";
  return exitCode === undefined ? `the step exited with ${is}` : `the last program exited with ${is}`;
}

type NumberExpected = Extract<Expectation, { readonly kind: "step" | "breakpoints" | "failures" }>;

function otherNumber({ kind, number }: NumberExpected, debug: Debugger): string | undefined {
  const { state } = debug;
  if (kind === "step") {
    const stop = stopOf(state);
    return stop?.step === number - 1 ? undefined : whereWords(debug);
  }
  if (kind === "breakpoints") {
    const { length } = state.breakpoints;
    return length === number ? undefined : count(length, "breakpoint");
  }
  const { phase } = state;
  const failed = "execution" in phase ? failedSteps(phase.execution, debug.progress) : [];
  if (failed.length === number) return undefined;
  const which = failed.length === 0 ? "" : `: step ${failed.map(({ id }) => id + 1).join(", ")}`;
  return `${count(failed.length, "failure")}${which}`;
}

/** Work that one expectation may cost. */
const MOST_WORK = 50_000_000;
const MOST_SHOWN = 5;

function has({ kind, text }: Wanted, lines: readonly string[]): boolean {
  if (kind === "text") return lines.join("\n").includes(text);
  const pattern = compilePattern(text);
  const budget: Budget = { left: MOST_WORK };
  return lines.some((line) => pattern.isIn(line, budget));
}

function inLines(
  { wanted, not }: { readonly wanted: Wanted; readonly not: boolean },
  lines: readonly string[],
  what: string,
): string | undefined {
  if (has(wanted, lines) !== not) return undefined;
  if (not) return `${what} has it`;
  if (lines.length === 0) return `${what} is empty`;
  const last = lines.slice(-MOST_SHOWN).map(visibleLine).join(" ⏎ ");
  return `${what} has it nowhere; it ends with: ${last}`;
}

function logOf(step: Step, debug: Debugger): readonly string[] {
  return step.vertices.flatMap((digest) => {
    const log = debug.progress.logOf(digest);
    const lines: string[] = [];
    for (let index = log.first; index < log.end; index += 1) lines.push(log.line(index)?.text ?? "");
    return lines.map(visibleText);
  });
}

async function fileUnmet(
  { step: name, path, wanted, not }: Extract<Expectation, { readonly kind: "file" }>,
  { debug, shown }: Expecting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { step, side } = shown.place(name);
  const place = { step: step.id, side };
  const found = await fileAt(debug, place, { path, signal });
  if (found === undefined) return not ? undefined : "there is nothing of that name in this state";
  if (wanted === undefined) return not ? `there is a ${found.entry.kind} of that name` : undefined;
  const { text } = await fileContent(debug, place, { path: found.path, signal });
  const lines = text.rows.filter(({ kind }) => kind !== "note").map((row) => visibleText(row.text));
  if (lines.length === 0 && text.facts.length > 0) return text.facts.map(visibleLine).join(", ");
  return inLines({ wanted, not }, lines, "the file");
}

async function variableUnmet(
  { step: name, name: variable, value, not }: Extract<Expectation, { readonly kind: "env" }>,
  { debug, shown }: Expecting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { step, side } = shown.place(name);
  const environment = await debug.environment(step.id, side, { signal });
  const { variables } = environmentFacts(environment, debug);
  const is = variables.find((each) => each.name === variable)?.value;
  const holds = is !== undefined && (value === undefined || is === value);
  if (holds !== not) return undefined;
  return is === undefined ? "it is not set" : `it is ${visibleLine(is)}`;
}
