/** Trees of conditions -> values, with what is known at a stop. Pure. */
import { unreachable } from "../../../base/errors.ts";
import type { Budget } from "../../../base/pattern.ts";
import { type Comparison, type Expression, type Fact, leavesOf, type Value } from "./expression.ts";

/** What is known; all texts are untrusted. Undefined = there is no such thing. */
export interface Facts {
  fact(fact: Fact): Value | undefined;
  variable(scope: "ENV" | "ARG" | "any", name: string): string | undefined;
  /** Undefined: there is no such file. */
  file(path: string): string | undefined;
  exists(path: string): boolean;
}

/** What the patterns of one condition may cost: some 50 ms. */
const PATTERN_STEPS = 5_000_000;

/** Whether the condition holds. @throws {BktuiError} "bad-request" when a pattern takes too long. */
export function holds(expression: Expression, facts: Facts): boolean {
  return isTrue(worth(expression, facts, { left: PATTERN_STEPS }));
}

/** As text: what is not there is empty. @throws {BktuiError} as `holds`. */
export function textOf(expression: Expression, facts: Facts): string {
  return String(worth(expression, facts, { left: PATTERN_STEPS }) ?? "");
}

function worth(expression: Expression, facts: Facts, budget: Budget): Value | undefined {
  switch (expression.kind) {
    case "value":
      return expression.value;
    case "fact":
      return facts.fact(expression.fact);
    case "variable":
      return facts.variable(expression.scope, expression.name);
    case "file":
      return facts.file(expression.path);
    case "exists":
      return facts.exists(expression.path);
    case "not":
      return !isTrue(worth(expression.of, facts, budget));
    case "and":
      return expression.parts.every((part) => isTrue(worth(part, facts, budget)));
    case "or":
      return expression.parts.some((part) => isTrue(worth(part, facts, budget)));
    case "compare": {
      const [left, right] = [expression.left, expression.right].map((side) => worth(side, facts, budget));
      return compared(left, expression.by, right);
    }
    case "match":
      return expression.pattern.isIn(String(worth(expression.left, facts, budget) ?? ""), budget);
    default:
      return unreachable(expression);
  }
}

/** "false" and "0" are texts like any other: they are compared with, as the shell would have it. */
function isTrue(value: Value | undefined): boolean {
  return value !== undefined && value !== "" && value !== 0 && value !== false;
}

function compared(left: Value | undefined, by: Comparison, right: Value | undefined): boolean {
  const order = orderOf(left, right);
  switch (by) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "contains":
      return String(left ?? "").includes(String(right ?? ""));
    default:
      return unreachable(by);
  }
}

/** As numbers where both are, else as texts; what is not there is an empty text. NaN: neither. */
function orderOf(left: Value | undefined, right: Value | undefined): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  const [one, other] = [String(left ?? ""), String(right ?? "")];
  return one === other ? 0 : one < other ? -1 : 1;
}

function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : undefined;
}

const MOST_SEEN = 4;
const LONGEST_SEEN = 80;

/** What it was decided by: `ENV.CI is "0", exitCode is 1`. Untrusted text. */
export function seenWords(expressions: readonly Expression[], facts: Facts): string {
  const seen = new Map<string, string>();
  for (const leaf of expressions.flatMap(leavesOf)) {
    if (leaf.kind === "value") continue;
    const name = nameOf(leaf);
    if (!seen.has(name)) seen.set(name, shown(worth(leaf, facts, { left: PATTERN_STEPS })));
  }
  const words = [...seen].slice(0, MOST_SEEN).map(([name, value]) => `${name} is ${value}`);
  const more = seen.size - words.length;
  return [...words, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function nameOf(leaf: Expression): string {
  switch (leaf.kind) {
    case "fact":
      return leaf.fact;
    case "variable":
      return leaf.scope === "any" ? `$${leaf.name}` : `${leaf.scope}.${leaf.name}`;
    case "file":
    case "exists":
      return `${leaf.kind}("${leaf.path}")`;
    default:
      return leaf.kind;
  }
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "not set";
  if (typeof value !== "string") return String(value);
  return value.length > LONGEST_SEEN ? `"${value.slice(0, LONGEST_SEEN)}…"` : `"${value}"`;
}
