/** Which failures stop: the kinds that there are, and the filters that are set. Pure. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { SolveFailed } from "../../engine/failures.ts";
import type { Step } from "../../graph/program.ts";
import type { CatchFilter, FailureKind, Uncaught } from "../breakpoint.ts";
import type { DebugState, Execution } from "../debugger.ts";
import { holds, seenWords } from "./expression/evaluate.ts";
import { type Expression, needsOf } from "./expression/expression.ts";
import { parseExpression, parseExpressionAt } from "./expression/parse.ts";
import { factsAt, questionsOf, type StepPlace } from "./facts.ts";

export const CATCH_KINDS: readonly CatchFilter["kind"][] = ["all", "run", "copy", "source", "other"];

/**
 * `all`, `none`, or kinds, each with a condition: `run if exitCode == 137, source`.
 * @throws {BktuiError} "usage" with what is wrong and its place.
 */
export function parseCatches(text: string): readonly CatchFilter[] {
  if (text.trim() === "none") return [];
  const filters: CatchFilter[] = [];
  let rest = text.trim();
  while (rest !== "" || filters.length === 0) {
    const [all, word = ""] = /^([a-z]+)(?![\w-])\s*/.exec(rest) ?? [];
    const kind = CATCH_KINDS.find((each) => each === word);
    if (all === undefined || kind === undefined)
      throw new BktuiError("usage", `"${visibleLine(rest.slice(0, 60))}" is no kind of failure`, {
        hint: "write all, none, or some of run, copy, source, other: run if exitCode == 137, source",
      });
    rest = rest.slice(all.length);
    const { condition, left } = conditionIn(rest);
    filters.push(condition === undefined ? { kind } : { kind, condition });
    rest = left.replace(/^,?\s*/, "");
  }
  checkCatches(filters);
  return filters;
}

function conditionIn(text: string): { readonly condition: string | undefined; readonly left: string } {
  const head = /^if\s+/.exec(text)?.[0];
  if (head === undefined) return { condition: undefined, left: text };
  const body = text.slice(head.length);
  const { end } = parseExpressionAt(body, 0);
  return { condition: body.slice(0, end).trim(), left: body.slice(end) };
}

/** As they are typed. */
export function catchText(
  filters: readonly (Pick<CatchFilter, "kind"> & { readonly condition?: string | undefined })[],
): string {
  if (filters.length === 0) return "none";
  return filters
    .map(({ kind, condition }) => (condition === undefined ? kind : `${kind} if ${condition}`))
    .join(", ");
}

/** Every failure stops, as where nobody has said otherwise. */
export function isCatchingAll(filters: readonly CatchFilter[]): boolean {
  return filters.some(({ kind, condition }) => kind === "all" && condition === undefined);
}

/** @throws {BktuiError} "usage". */
export function checkCatches(filters: readonly CatchFilter[]): void {
  for (const { condition } of filters) {
    if (condition === undefined) continue;
    if (needsOf([parseExpression(condition)]).files.length > 0)
      throw new BktuiError(
        "usage",
        "the condition of a failure reads no files: what failed is looked at by hand",
      );
  }
}

/** Undefined: the failure stops. */
export function whyUncaught(
  { catches, request }: Pick<DebugState, "catches" | "request">,
  execution: Execution,
  step: Step,
  failure: SolveFailed,
): Uncaught | undefined {
  if (catches.length === 0) return { why: "catch is none" };
  const kind = kindOfFailure(execution, step, failure);
  const place: StepPlace = {
    execution,
    step,
    edge: step.base,
    buildArgs: request?.buildArgs ?? {},
    exitCode: failure.exitCode,
  };
  const seen: string[] = [];
  for (const filter of catches) {
    if (filter.kind !== "all" && filter.kind !== kind) continue;
    if (filter.condition === undefined) return undefined;
    const words = whyNot(parseExpression(filter.condition), place);
    if (words === undefined) return undefined;
    seen.push(words);
  }
  const facts = [`it is a failure of kind ${kind}`, ...seen].join(", ");
  return { why: `catch is ${catchText(catches)}: ${facts}` };
}

/** What does not hold; undefined where it holds, and where nobody can tell. */
function whyNot(condition: Expression, place: StepPlace): string | undefined {
  if (questionsOf(needsOf([condition]), place).length > 0) return undefined;
  const facts = factsAt(place, []);
  try {
    return holds(condition, facts) ? undefined : seenWords([condition], facts);
  } catch (error) {
    if (toBktuiError(error).code === "internal") throw error;
    return undefined;
  }
}

/** A command, COPY or ADD, what is fetched, or anything else. */
export function kindOfFailure({ program }: Execution, step: Step, { vertex }: SolveFailed): FailureKind {
  const { vertices } = program.graph;
  const failed = (vertex === undefined ? undefined : vertices.get(vertex)) ?? vertices.get(step.vertex);
  switch (failed?.kind) {
    case "exec":
      return "run";
    case "source":
      return "source";
    default:
      return step.instruction === "COPY" || step.instruction === "ADD" ? "copy" : "other";
  }
}
