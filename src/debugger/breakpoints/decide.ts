/** Whether the breakpoints at a stop stop there: what has to be looked up first, and what comes of it. Pure. */
import { toBktuiError } from "../../base/errors.ts";
import { compilePattern } from "../../base/pattern.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Program, Step, StopId } from "../../graph/program.ts";
import type { Breakpoint, Decision, RuleQuestion, Said } from "../breakpoint.ts";
import type { DebugState, Execution } from "../debugger.ts";
import { isDone, stepOfStop } from "../state/reached.ts";
import { holds, seenWords } from "./expression/evaluate.ts";
import { filled } from "./expression/template.ts";
import { answerTo, factsAt, type Known, keyOf, problemIn, questionsOf, type StepPlace } from "./facts.ts";
import { readRule } from "./rules.ts";
import { hasRule, isHit, type Trigger, triggersOf, wasPassed } from "./triggers.ts";

/** What log points said that nobody has been told yet is among the last ones. */
const MOST_SAID = 1000;

/**
 * What has to be looked up before the breakpoints at a stop can be decided, each question once; nothing when all of it is
 * known. Else all of it: what was known is not kept.
 */
export function questionsAt(
  state: Pick<DebugState, "breakpoints" | "request">,
  execution: Execution,
  at: StopId,
  known: readonly Known[] = [],
): readonly RuleQuestion[] {
  const questions = new Map<string, RuleQuestion>();
  for (const trigger of undecided(state.breakpoints, execution, at))
    for (const question of questionsAbout(trigger, placeOf(state, execution, trigger)))
      questions.set(keyOf(question), question);
  const all = [...questions.values()];
  return all.every((question) => answerTo(question, known) !== undefined) ? [] : all;
}

/** Every breakpoint at the stop is decided; with what log points say. Nothing is left to be looked up. */
export function decidedAt(
  state: DebugState,
  execution: Execution,
  at: StopId,
  known: readonly Known[],
): DebugState {
  let next = state;
  for (const trigger of undecided(state.breakpoints, execution, at))
    next = withResult(next, trigger, decided(trigger, placeOf(state, execution, trigger), known));
  return next;
}

/**
 * Breakpoints that would have stopped behind a step that failed: what can be told of it without a look into its state.
 * `stops`: one of them does.
 */
export function decidedAtFailure(
  state: DebugState,
  execution: Execution,
  step: Step,
  { exitCode }: SolveFailed,
): { readonly state: DebugState; readonly stops: boolean } {
  let next = state;
  let stops = false;
  for (const breakpoint of state.breakpoints) {
    if (!breakpoint.enabled || breakpoint.rule === undefined || breakpoint.spec.kind === "data") continue;
    const trigger = triggersOf(execution.program, breakpoint).find(
      (each) => each.step === step && each.when === "after",
    );
    if (trigger === undefined || breakpoint.decisions?.has(trigger.at) === true) continue;
    const place = { ...placeOf(state, execution, trigger), exitCode };
    if (questionsAbout(trigger, place).length > 0) continue;
    const result = decided(trigger, place, []);
    stops ||= result.decision.stops;
    next = withResult(next, trigger, result);
  }
  return { state: next, stops };
}

function withResult(state: DebugState, { breakpoint, at, step }: Trigger, result: Result): DebugState {
  const breakpoints = state.breakpoints.map((each) =>
    each === breakpoint ? withDecision(each, at, result) : each,
  );
  if (result.text === undefined) return { ...state, breakpoints };
  const number = (state.said.at(-1)?.number ?? 0) + 1;
  const { attempt } = state;
  const fresh: Said = { number, breakpoint: breakpoint.id, attempt, line: step.start, text: result.text };
  return { ...state, breakpoints, said: [...state.said, fresh].slice(-MOST_SAID) };
}

interface Result {
  readonly decision: Decision;
  /** Its condition held. */
  readonly isHit: boolean;
  /** What a log point says. */
  readonly text?: string;
}

function undecided(list: readonly Breakpoint[], execution: Execution, at: StopId): readonly Trigger[] {
  return list
    .filter((each) => each.enabled && hasRule(each))
    .flatMap((breakpoint) => triggersOf(execution.program, breakpoint).filter((each) => each.at === at))
    .filter((trigger) => isHit(execution, trigger))
    .filter(({ breakpoint: { decisions } }) => !decisions?.has(at));
}

function placeOf(state: Pick<DebugState, "request">, execution: Execution, { step, at }: Trigger): StepPlace {
  const edge = isDone(execution, step) ? step.result : stepOfStop(execution.program, at).base;
  return { execution, step, edge, buildArgs: state.request?.buildArgs ?? {} };
}

function questionsAbout({ breakpoint }: Trigger, place: StepPlace): readonly RuleQuestion[] {
  const { rule } = breakpoint;
  const asked = rule === undefined ? [] : questionsOf(readRule(rule).needs, place);
  const data = dataQuestion(breakpoint, place);
  return data === undefined ? asked : [data, ...asked];
}

function dataQuestion({ spec }: Breakpoint, { step }: StepPlace): RuleQuestion | undefined {
  if (spec.kind !== "data") return undefined;
  const { path, matches } = spec;
  return { kind: "data", base: step.base, after: step.result, path, content: matches !== undefined };
}

function decided(trigger: Trigger, place: StepPlace, known: readonly Known[]): Result {
  const { breakpoint } = trigger;
  const { rule, hits } = breakpoint;
  try {
    const problem = problemIn(questionsAbout(trigger, place), known);
    if (problem !== undefined) return { isHit: true, decision: { stops: true, seen: "", problem } };
    const data = dataSeen(breakpoint, place, known);
    if (data?.isMet === false) return { isHit: false, decision: { stops: false, seen: data.seen } };
    const facts = factsAt(place, known);
    const { condition, counts, log } = rule === undefined ? NO_RULE : readRule(rule);
    const words = condition === undefined ? "" : seenWords([condition], facts);
    const seen = [...(data === undefined ? [] : [data.seen]), ...(words === "" ? [] : [words])].join("; ");
    if (condition !== undefined && !holds(condition, facts))
      return { isHit: false, decision: { stops: false, seen } };
    const counted = counts(hits + 1);
    const stops = counted && log === undefined && !wasPassed(trigger);
    const decision = { stops, seen: hitWords(seen, rule?.hits, hits + 1) };
    const text = counted && log !== undefined ? filled(log, facts) : undefined;
    return { isHit: true, decision, ...(text === undefined ? {} : { text }) };
  } catch (error) {
    return { isHit: true, decision: { stops: true, seen: "", problem: toBktuiError(error).message } };
  }
}

const NO_RULE = { condition: undefined, counts: () => true, log: undefined };

function hitWords(seen: string, hits: string | undefined, hit: number): string {
  if (hits === undefined) return seen;
  return [...(seen === "" ? [] : [seen]), `this is hit ${hit}`].join("; ");
}

/** What a pattern over the content may cost: some 200 ms. */
const PATTERN_STEPS = 20_000_000;

function dataSeen(
  breakpoint: Breakpoint,
  place: StepPlace,
  known: readonly Known[],
): { readonly isMet: boolean; readonly seen: string } | undefined {
  const { spec } = breakpoint;
  const question = dataQuestion(breakpoint, place);
  if (spec.kind !== "data" || question === undefined) return undefined;
  const answer = answerTo(question, known);
  const { change, text } = answer?.kind === "data" ? answer : { change: undefined, text: undefined };
  if (change === undefined) return { isMet: false, seen: `${spec.path} is as it was` };
  const seen = `${spec.path} was ${change}`;
  if (spec.change !== "any" && spec.change !== change) return { isMet: false, seen };
  if (spec.matches === undefined) return { isMet: true, seen };
  const isMet = text !== undefined && compilePattern(spec.matches).isIn(text, { left: PATTERN_STEPS });
  return { isMet, seen: `${seen}, ${isMet ? "with" : "without"} /${spec.matches}/ in it` };
}

function withDecision(breakpoint: Breakpoint, at: StopId, { decision, isHit: wasHit }: Result): Breakpoint {
  const decisions = new Map(breakpoint.decisions).set(at, decision);
  return { ...breakpoint, hits: breakpoint.hits + (wasHit ? 1 : 0), decisions };
}

/**
 * Breakpoints as they are met by going over what has run: as they were decided then. Where one was not it stops when
 * `maybe` says so, and is decided there.
 */
export function asDecided(
  list: readonly Breakpoint[],
  program: Program,
  maybe: (trigger: Trigger) => boolean,
): readonly Breakpoint[] {
  return list.map((each) => {
    if (!hasRule(each)) return each;
    const decided = triggersOf(program, each).map((trigger) => {
      const known = each.decisions?.get(trigger.at);
      return [trigger.at, known ?? { stops: maybe(trigger), seen: "" }] as const;
    });
    return { ...each, decisions: new Map(decided) };
  });
}
