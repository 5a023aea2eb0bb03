/** What is known at a stop about the step that a breakpoint is on, for its condition and its text. Pure. */

import type { Edge, Vertex } from "../../graph/graph.ts";
import type { Program, Step } from "../../graph/program.ts";
import type { RuleAnswer, RuleQuestion } from "../breakpoint.ts";
import type { Execution } from "../debugger.ts";
import { argNamesOf, globalDefaults, nameOf } from "../state/arguments.ts";
import { isDone } from "../state/reached.ts";
import type { Facts } from "./expression/evaluate.ts";
import type { Fact, Needs, Value } from "./expression/expression.ts";

/** A question, and what was answered. */
export interface Known {
  readonly question: RuleQuestion;
  readonly answer: RuleAnswer;
}

/** Answers in the order of their questions. */
export function knownOf(
  questions: readonly RuleQuestion[],
  answers: readonly RuleAnswer[],
): readonly Known[] {
  return questions.flatMap((question, index): readonly Known[] => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ question, answer }];
  });
}

export interface StepPlace {
  readonly execution: Execution;
  readonly step: Step;
  /** The state of the stop; undefined = nothing is in it. */
  readonly edge: Edge | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Of a step that failed. */
  readonly exitCode?: number | undefined;
}

/** What has to be looked up for them. */
export function questionsOf(needs: Needs, { execution, step, edge }: StepPlace): readonly RuleQuestion[] {
  const files = needs.files.map(({ kind, path }): RuleQuestion => ({ kind, edge, path }));
  const vertex = execution.program.graph.vertices.get(step.vertex);
  return needs.environment && isAskedFor(vertex)
    ? [{ kind: "environment", vertex: step.vertex }, ...files]
    : files;
}

/** A command tells itself what it runs with; before an image is there, nothing has variables. */
function isAskedFor(vertex: Vertex | undefined): boolean {
  return vertex !== undefined && vertex.exec === undefined && vertex.kind !== "source";
}

/** Looked up already, or why it cannot be: of those that are needed. */
export function problemIn(questions: readonly RuleQuestion[], known: readonly Known[]): string | undefined {
  for (const question of questions) {
    const answer = answerTo(question, known);
    if (answer?.kind === "unknown") return answer.why;
  }
  return undefined;
}

export function answerTo(question: RuleQuestion, known: readonly Known[]): RuleAnswer | undefined {
  const key = keyOf(question);
  return known.find((each) => keyOf(each.question) === key)?.answer;
}

export function keyOf(question: RuleQuestion): string {
  return JSON.stringify(question);
}

/** Undefined values are those that there are not. */
export function factsAt(place: StepPlace, known: readonly Known[]): Facts {
  const { edge } = place;
  return {
    fact: (fact) => factAt(fact, place, known),
    variable: (scope, name) => variableAt({ scope, name }, place, known),
    file(path) {
      const answer = answerTo({ kind: "file", edge, path }, known);
      return answer?.kind === "file" ? answer.text : undefined;
    },
    exists(path) {
      const answer = answerTo({ kind: "exists", edge, path }, known);
      return answer?.kind === "exists" && answer.exists;
    },
  };
}

function factAt(fact: Fact, place: StepPlace, known: readonly Known[]): Value | undefined {
  const { execution, step } = place;
  switch (fact) {
    case "user":
      return environmentAt(place, known)?.user;
    case "directory":
      return environmentAt(place, known)?.directory;
    case "exitCode":
      return place.exitCode ?? (isDone(execution, step) ? 0 : undefined);
    case "cached":
      if (place.exitCode !== undefined) return false;
      return isDone(execution, step) ? !step.vertices.some((digest) => execution.ran.has(digest)) : undefined;
    case "platform":
      return platformOf(execution.program, step);
    case "line":
      return step.start;
    default:
      return step[fact];
  }
}

/** Not every op names one; all of a build for one platform have it. */
function platformOf({ graph }: Program, step: Step): string {
  const own = graph.vertices.get(step.vertex)?.platform ?? "";
  if (own !== "") return own;
  return [...graph.vertices.values()].find(({ platform }) => platform !== "")?.platform ?? "";
}

function variableAt(
  { scope, name }: { readonly scope: "ENV" | "ARG" | "any"; readonly name: string },
  place: StepPlace,
  known: readonly Known[],
): string | undefined {
  const env = environmentAt(place, known)?.env ?? [];
  const own = env.findLast((each) => nameOf(each) === name)?.slice(name.length + 1);
  if (scope === "ENV") return own;
  if (scope === "any" && own !== undefined) return own;
  const { program } = place.execution;
  if (argNamesOf(program, place.step).has(name)) return own;
  return Object.hasOwn(place.buildArgs, name) ? place.buildArgs[name] : globalDefaults(program).get(name);
}

/** User and directory as a person knows them: never empty. */
function environmentAt(
  { execution, step }: StepPlace,
  known: readonly Known[],
): Pick<Extract<RuleAnswer, { kind: "environment" }>, "user" | "directory" | "env"> | undefined {
  const meta = execution.program.graph.vertices.get(step.vertex)?.exec?.meta;
  if (meta !== undefined) return { ...meta, user: meta.user || "root", directory: meta.cwd || "/" };
  const answer = answerTo({ kind: "environment", vertex: step.vertex }, known);
  return answer?.kind === "environment" ? answer : undefined;
}
