/** A step as it is named in a line: by its number, its line or its stage. Pure. */
import { BktuiError, unreachable } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import type { Debugger } from "../debugger/debugger.ts";
import { programOf } from "../debugger/state/inspect.ts";
import { stepOfLine } from "../debugger/state/line-steps.ts";
import { type Line, lineOf } from "../graph/graph.ts";
import type { Program, Step } from "../graph/program.ts";
import { stageNamed, stepsAt, stopAtEnd } from "../graph/source-map.ts";

/** Numbers count from 1; `nth` is which of the steps of a line. */
export type StepName =
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "line"; readonly line: Line; readonly nth: number | undefined }
  | { readonly kind: "stage-end"; readonly stage: string };

/**
 * `7`, `7/8`, `step 7`, `line 12`, `line 12.2` (the second step of a line) or `app:end` before anything else; a path of such
 * a name is written `./7`.
 */
export function splitStep(text: string): { readonly step: StepName | undefined; readonly rest: string } {
  const [all = "", number, line, nth, stage] =
    /^(?:(?:step\s+)?([1-9]\d{0,8})(?:\/\d+)?|line\s+([1-9]\d{0,8})(?:\.([1-9]\d{0,3}))?|([^:\s/]+):end)(?=\s|$)/.exec(
      text,
    ) ?? [];
  const rest = text.slice(all.length).trim();
  if (number !== undefined) return { step: { kind: "number", number: Number(number) }, rest };
  if (stage !== undefined) return { step: { kind: "stage-end", stage }, rest };
  if (line === undefined) return { step: undefined, rest };
  const which = nth === undefined ? undefined : Number(nth);
  return { step: { kind: "line", line: lineOf(Number(line)), nth: which }, rest };
}

/** @throws {BktuiError} "not-found" with what to do, "not-now" when nothing is loaded. */
export function namedStep(debug: Pick<Debugger, "state" | "progress">, name: StepName): Step {
  const program = programOf(debug.state);
  if (program === undefined) throw new BktuiError("not-now", "nothing is loaded");
  switch (name.kind) {
    case "number":
      return (
        program.steps[name.number - 1] ??
        unknown(`there is no step ${name.number}; there are ${program.steps.length}`)
      );
    case "line":
      return stepOn(program, name, debug) ?? unknown(`no step stands on line ${lineText(name)}`);
    case "stage-end":
      return lastOf(program, name.stage);
    default:
      return unreachable(name);
  }
}

function stepOn(
  program: Program,
  { line, nth }: Extract<StepName, { kind: "line" }>,
  debug: Pick<Debugger, "state" | "progress">,
): Step | undefined {
  return nth === undefined ? stepOfLine(program, line, debug) : stepsAt(program, line)[nth - 1];
}

function lastOf(program: Program, typed: string): Step {
  const stage = stageNamed(program, typed);
  if (stage === undefined) return unknown(`there is no stage ${visibleLine(typed)} in this build`);
  const stop = stopAtEnd(program, stage.name);
  const step = stop === undefined ? undefined : program.steps[stop.step];
  return step ?? unknown(`stage ${visibleLine(typed)} runs no step`);
}

function lineText({ line, nth }: Extract<StepName, { kind: "line" }>): string {
  return nth === undefined ? String(line) : `${line}.${nth}`;
}

function unknown(message: string): never {
  throw new BktuiError("not-found", message, { hint: "steps lists all of them, with their lines." });
}
